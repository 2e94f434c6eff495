import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * A block of code in a page. A comment above it, which no reader sees, may say more:
 *
 * - `<!-- not run: WHY -->`: it cannot run in a test
 * - `<!-- like: COMMAND -->`: JSON with the keys of what this command prints, and other values
 * - `<!-- prints -->`: it is what the block before it prints; `<!-- prints, in any order -->`: its rows in any order
 */
export interface Block {
  /** Its page below the project's folder, and its first line there. */
  readonly page: string;
  readonly line: number;
  /** `sh`, `cron`, `js` and so on; empty when none is said. */
  readonly language: string;
  readonly code: string;
  /** What the comment says; empty without one. */
  readonly mark: string;
  /** The block behind it, when that is marked as what this one prints. */
  readonly prints: Block | null;
}

/** All blocks of the pages that a reader copies from, in their order. */
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

/** Why a block is not run; empty when it is. */
export function whyNotRun({ mark }: Block): string {
  return /^not run: (.*)/.exec(mark)?.[1] ?? '';
}
