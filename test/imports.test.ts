import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/**
 * The folders from which the files of each folder may import, besides their own. A folder listed here is on a
 * lower floor.
 */
const floors: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  options: ['shared'],
  page: ['shared'],
  read: ['options', 'page', 'shared'],
  earlier: ['read', 'shared'],
  'fetch/request': ['options', 'page', 'shared'],
  'fetch/messages.ts': ['fetch/request', 'page', 'shared'],
  'fetch/names': ['options', 'shared'],
  'fetch/connect': ['fetch/names', 'fetch/request', 'options', 'shared'],
  'fetch/http': ['fetch/messages.ts', 'fetch/connect', 'fetch/names', 'fetch/request', 'page', 'shared'],
  'fetch/schedule': ['fetch/messages.ts', 'fetch/request', 'shared'],
  'fetch/threads': [
    'fetch/messages.ts',
    'fetch/connect',
    'fetch/http',
    'fetch/names',
    'options',
    'page',
    'shared',
  ],
  fetch: [
    'fetch/messages.ts',
    'fetch/connect',
    'fetch/http',
    'fetch/names',
    'fetch/request',
    'fetch/schedule',
    'fetch/threads',
    'options',
    'page',
    'shared',
  ],
  'process/tree': ['shared'],
  'process/selectors': ['process/tree', 'shared'],
  'process/html': ['process/tree', 'shared'],
  'process/article': ['process/html', 'process/tree', 'shared'],
  'process/jmespath': ['shared'],
  'process/xpath': ['process/tree', 'shared'],
  process: [
    'process/article',
    'process/html',
    'process/jmespath',
    'process/selectors',
    'process/tree',
    'process/xpath',
    'options',
    'shared',
  ],
  'process/threads': ['process', 'options', 'page', 'shared'],
  write: ['options', 'shared'],
  keep: ['options', 'page', 'shared'],
  watch: ['options', 'shared'],
  since: ['read', 'earlier', 'fetch/request', 'write', 'options', 'shared'],
  job: [
    'read',
    'since',
    'earlier',
    'fetch',
    'fetch/request',
    'process',
    'process/threads',
    'write',
    'keep',
    'watch',
    'options',
    'page',
    'shared',
  ],
  diff: ['earlier', 'job', 'read', 'write', 'options', 'shared'],
  'report/count': ['write', 'watch', 'shared'],
  'report/view': ['report/count', 'watch', 'shared'],
  report: ['report/count', 'report/view', 'diff', 'job', 'read', 'write', 'options', 'shared'],
  'scale/queue': ['options', 'shared'],
  scale: [
    'fetch/messages.ts',
    'job',
    'earlier',
    'read',
    'fetch',
    'fetch/request',
    'process/threads',
    'write',
    'keep',
    'watch',
    'options',
    'page',
    'shared',
  ],
  'scale/work': ['scale', 'scale/queue', 'fetch', 'fetch/schedule', 'keep', 'watch', 'options', 'shared'],
  // The library: run.ts and index.ts.
  '': ['job', 'read', 'fetch', 'write', 'watch', 'options', 'shared'],
  cli: [
    'scale',
    'scale/queue',
    'scale/work',
    'report',
    'diff',
    'job',
    'read',
    'fetch',
    'fetch/http',
    'fetch/schedule',
    'write',
    'watch',
    'options',
    'shared',
  ],
};

/** The imported files of each file, as paths below src/. */
async function imports(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const [file, text] of await sources()) {
    const paths = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)];
    found.set(
      file,
      paths.map(([, path = '']) => normalize(join(dirname(file), path)).replaceAll(sep, '/')),
    );
  }
  return found;
}

async function sources(): Promise<(readonly [file: string, text: string])[]> {
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  return Promise.all(
    files.map(
      async (file) => [file.replaceAll(sep, '/'), await readFile(join(source, file), 'utf8')] as const,
    ),
  );
}

/** The folder of a file, or the file itself if it is listed separately. */
function floorOf(file: string): string {
  if (file in floors) return file;
  const folder = dirname(file);
  return folder === '.' ? '' : folder;
}

test('imports go down only, and the stages never import one another', async (t) => {
  const found = [...(await imports())].flatMap(([file, paths]) => paths.map((path) => ({ file, path })));
  t.true(found.length > 100);
  const wrong = found.filter(({ file, path }) => {
    const [from, to] = [floorOf(file), floorOf(path)];
    return from !== to && floors[from]?.includes(to) !== true;
  });
  t.deepEqual(wrong, []);
});

test('every floor stands above those that it may import from', (t) => {
  const order = Object.keys(floors);
  for (const [floor, below] of Object.entries(floors)) {
    for (const other of below) t.true(order.indexOf(other) < order.indexOf(floor), `${floor} over ${other}`);
  }
});

test('no files import each other, however many stand between', async (t) => {
  const found = await imports();
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, above: readonly string[]): void => {
    if (above.includes(file)) circles.push([...above.slice(above.indexOf(file)), file].join(' → '));
    else if (!done.has(file)) {
      for (const path of found.get(file) ?? []) visit(path, [...above, file]);
      done.add(file);
    }
  };
  for (const file of found.keys()) visit(file, []);
  t.deepEqual(circles, []);
});

test('only cli/, the library and the start of a thread touch the process', async (t) => {
  const touching = (await sources())
    .filter(([, text]) => /\bprocess\.(?:stdout|stderr|stdin|exit|argv|env|on)\b/.test(text))
    .map(([file]) => file)
    .filter((file) => !file.startsWith('cli/'))
    .toSorted();
  t.deepEqual(touching, ['job/fetch-urls.ts', 'process/threads/thread.ts', 'run.ts']);
});
