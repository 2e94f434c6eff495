import { readFile, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { loadEncodings } from '../../src/page/encodings.ts';
import { ResponsePage } from '../../src/page/page.ts';

await loadEncodings();

/** All *.html files below a folder, sorted. Each folder is visited once, however many links lead to it. */
export async function htmlFiles(folder: string, seen = new Set<string>()): Promise<string[]> {
  const real = await realpath(folder);
  if (seen.has(real)) return [];
  seen.add(real);
  const files: string[] = [];
  for (const entry of (await readdir(folder, { withFileTypes: true })).toSorted(byName)) {
    const path = join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith('.html')) files.push(path);
    else if (entry.isDirectory()) files.push(...(await htmlFiles(path, seen)));
    else if (entry.isSymbolicLink()) files.push(...(await linked(path, seen)));
  }
  return files;
}

async function linked(path: string, seen: Set<string>): Promise<string[]> {
  try {
    return await htmlFiles(path, seen);
  } catch {
    // A link to a file, or to nothing.
    return path.endsWith('.html') ? [path] : [];
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** A file as if it had been fetched from a server that sends no charset. */
export async function pageOf(file: string): Promise<ResponsePage> {
  const body = await readFile(file);
  const table = { names: ['url'], header: true };
  const url = `http://docs.example${pathToFileURL(file).pathname}`;
  const row = { number: 1, cells: [url], table, url, error: null, detail: '', json: null };
  const headers = ['content-type', 'text/html'];
  return new ResponsePage(row, url, 200, headers, 'text/html', body);
}

/** About `count` of the items, evenly spaced. */
export function sampled<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}
