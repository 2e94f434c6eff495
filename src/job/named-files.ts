import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * A hash of a file that an option names. For a module it includes all files that it imports by relative paths, but no
 * packages.
 *
 * @returns null if the file does not exist, or is not a regular one: a pipe, for example, can be read only once
 */
export async function contentHash(path: string): Promise<string | null> {
  return isModule.has(extname(path)) ? moduleHash(path) : fileHash(path);
}

/** Read in pieces, as an earlier result may be larger than any memory. */
async function fileHash(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    if (!(await stat(path)).isFile()) return null;
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 }))
      hash.update(piece as Buffer);
  } catch {
    return null;
  }
  return hash.digest('hex');
}

async function moduleHash(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const waiting = [pathToFileURL(path).href];
  for (let href = waiting.pop(); href !== undefined; href = waiting.pop()) {
    if (seen.has(href)) continue;
    seen.add(href);
    const content = await contentOf(fileURLToPath(href));
    if (content === null && seen.size === 1) return null;
    // A missing import is hashed as missing; it may be text that only looks like an import.
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
