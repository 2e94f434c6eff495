import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * A code block in a page. A comment above it, which readers of the page do not see, may say how to test it:
 *
 * - `<!-- not run: WHY -->`: it cannot run in a test
 * - `<!-- like: COMMAND -->`: it is JSON with the same keys as the output of this command, but other values
 * - `<!-- prints -->`: it is the output of the block before it; `<!-- prints, in any order -->`: its rows may
 *   come in any order
 */
export interface Block {
  /** Path of its page in the project, and the number of its first line there. */
  readonly page: string;
  readonly line: number;
  /** `sh`, `cron`, `js` and so on; empty if none is given. */
  readonly language: string;
  readonly code: string;
  /** Text of the comment above it; empty without one. */
  readonly mark: string;
  /** The next block, if it is marked as the output of this one. */
  readonly prints: Block | null;
}

/** All code blocks of the README, CONTRIBUTING and docs/, in order. */
export async function allBlocks(): Promise<Block[]> {
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).toSorted();
  const pages = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
  const texts = await Promise.all(
    pages.map(async (page) => blocksIn(page, await readFile(join(root, page), 'utf8'))),
  );
  return texts.flat();
}

const fenced = /(?:^<!-- (?<mark>[^\n]*) -->\n\n?)?^```(?<language>\w*)\n(?<code>.*?)^```$/gms;

export function blocksIn(page: string, text: string): Block[] {
  const blocks: Block[] = [];
  for (const { groups, index, 0: whole } of [...text.matchAll(fenced)].toReversed()) {
    const { mark = '', language = '', code = '' } = groups ?? {};
    const line = text.slice(0, index + whole.indexOf('```')).split('\n').length;
    const [next] = blocks;
    const prints = next !== undefined && /^prints\b/.test(next.mark) ? next : null;
    blocks.unshift({ page, line, language, code, mark, prints });
  }
  return blocks;
}

/** Why a block is not run; empty if it is run. */
export function whyNotRun({ mark }: Block): string {
  return /^not run: (.*)/.exec(mark)?.[1] ?? '';
}
