import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * A hash of the files that shape the rows when an option names this one: the file itself and, where it is a module,
 * what that imports by a relative path. Packages are not looked at.
 *
 * @returns null where it is no regular file: what a pipe has given is gone
 */
export async function contentHash(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const waiting = [pathToFileURL(path).href];
  for (let href = waiting.pop(); href !== undefined; href = waiting.pop()) {
    if (seen.has(href)) continue;
    seen.add(href);
    const content = await contentOf(fileURLToPath(href));
    if (content === null && seen.size === 1) return null;
    // What is missing, or is named by something that only looks like an import, counts as such.
    hash.update(`${content?.length ?? 'missing'}\n`).update(content ?? '');
    if (isModule.has(extname(href))) waiting.push(...importsOf(content?.toString() ?? '', href));
  }
  return hash.digest('hex');
}

const isModule = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

function importsOf(source: string, href: string): string[] {
  const found = source.matchAll(/\b(?:from|import|require)\s*\(?\s*(["'])(\.{1,2}\/[^"'\n]+)\1/g);
  return [...found].map(([, , path = '']) => new URL(path, href).href);
}

async function contentOf(path: string): Promise<Buffer | null> {
  try {
    return (await stat(path)).isFile() ? await readFile(path) : null;
  } catch {
    return null;
  }
}
