import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** What each folder may import from, besides itself and the single files at the top of src/. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  options: [],
  read: ['options'],
  page: [],
  fetch: ['options', 'page'],
  process: ['options', 'page'],
  write: ['options'],
  watch: ['options'],
  cli: ['options', 'read', 'watch', 'write'],
  // index.ts and run.ts stand above the stages.
  '': ['options', 'read', 'fetch', 'page', 'process', 'write', 'watch'],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

async function imports(): Promise<Import[]> {
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const all = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(source, file), 'utf8');
      const paths = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) => path);
      return paths.map((path) => ({
        file,
        from: folderOf(file),
        to: folderOf(relative(source, join(source, dirname(file), path))),
      }));
    }),
  );
  return all.flat();
}

function folderOf(file: string): string {
  return file.includes(sep) ? (file.split(sep)[0] ?? '') : '';
}

test('imports go down only, and the stages never import one another', async (t) => {
  const found = await imports();
  t.true(found.length > 100);
  const wrong = found.filter(({ from, to }) => to !== '' && to !== from && !allowed[from]?.includes(to));
  t.deepEqual(wrong, []);
});

test('only run.ts and index.ts stand above the stages: no stage imports them', async (t) => {
  const text = await Promise.all(
    ['read', 'fetch', 'page', 'process', 'write', 'watch', 'options'].map(async (folder) => {
      const entries = await readdir(join(source, folder), { recursive: true });
      const files = entries.filter((file) => file.endsWith('.ts'));
      return Promise.all(files.map((file) => readFile(join(source, folder, file), 'utf8')));
    }),
  );
  t.false(text.flat().some((content) => /from '(?:\.\.\/)+(?:run|index)\.ts'/.test(content)));
});

test('only cli/, run.ts and the start of a thread touch the process', async (t) => {
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const touching: string[] = [];
  for (const file of files) {
    const text = await readFile(join(source, file), 'utf8');
    if (/\bprocess\.(?:stdout|stderr|stdin|exit|argv|env|on)\b/.test(text)) touching.push(file);
  }
  t.deepEqual(
    touching.filter(
      (file) => !file.startsWith('cli') && file !== 'run.ts' && file !== join('process', 'thread.ts'),
    ),
    [],
  );
});
