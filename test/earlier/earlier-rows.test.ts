import { rename, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { EarlierRows } from '../../src/earlier/earlier-rows.ts';
import type { EarlierOptions } from '../../src/earlier/earlier-rows.ts';
import type { Row } from '../../src/shared/records.ts';
import { randomNumbers } from '../helpers/random.ts';
import { readOptions } from '../helpers/reading.ts';
import { sameMany } from '../helpers/same.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const own = { names: new Set<string>(), status: 'fetch_status', error: 'fetch_error', copies: false };

function options(others: Partial<EarlierOptions> = {}): EarlierOptions {
  return {
    read: { ...readOptions({ urlColumn: 'url' }), own },
    key: ({ cells }) => cells[0] ?? '',
    memory: 2 ** 20,
    ...others,
  };
}

async function opened(t: ExecutionContext, path: string, others: Partial<EarlierOptions> = {}) {
  const earlier = await EarlierRows.open(path, options(others));
  t.teardown(() => earlier.close());
  return earlier;
}

async function rest(earlier: EarlierRows): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of earlier.rest()) rows.push(row);
  return rows;
}

/** Rows with cells of all kinds, many of which share a key. */
function manyRows(count: number): string[][] {
  const below = randomNumbers(7);
  const texts = ['', 'x', 'é ü', 'a,b', 'say "so"', 'two\nlines', 'a\r\nb', ' spaced', '\u{1f600}'];
  return Array.from({ length: count }, (_, number) => [
    `https://${below(count / 3)}.example/${below(4) === 0 ? 'é' : ''}`,
    '200',
    texts[below(texts.length)] ?? '',
    String(number),
  ]);
}

const header = ['url', 'fetch_status', 'text', 'n'];

const cell = (text: string): string => (/[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csv(rows: readonly (readonly string[])[], delimiter = ',', end = '\n'): string {
  return [header, ...rows].map((row) => row.map(cell).join(delimiter) + end).join('');
}

function jsonLines(rows: readonly (readonly string[])[]): string[] {
  return rows.map((row) => JSON.stringify(Object.fromEntries(header.map((name, at) => [name, row[at]]))));
}

/**
 * Takes rows by keys in random order, more often than there are rows, and compares them with queues in a map.
 */
const asMap = test.macro(
  async (
    t,
    name: string,
    write: (rows: readonly (readonly string[])[]) => string | Buffer,
    others: Partial<EarlierOptions> & { isOnDisk?: boolean; count?: number } = {},
  ) => {
    const { isOnDisk = false, count: size = 3000, ...said } = others;
    const rows = manyRows(size);
    const folder = await temporaryFolder(t, { [name]: write(rows) });
    const earlier = await opened(t, `${folder}/${name}`, said);
    t.is(earlier.rows, rows.length);
    t.is(earlier.isOnDisk, isOnDisk);
    const queues = new Map<string, string[][]>();
    for (const row of rows) queues.set(row[0] ?? '', [...(queues.get(row[0] ?? '') ?? []), row]);
    const below = randomNumbers(8);
    for (let count = 0; count < 2 * size; count++) {
      const key = rows[below(rows.length)]?.[0] ?? '';
      const found = await earlier.take(key);
      sameMany(t, found?.cells, queues.get(key)?.shift());
    }
    t.is(await earlier.take('https://other.example/'), null);
    const left = new Set([...queues.values()].flat());
    t.true(left.size > 0 && left.size < rows.length);
    sameMany(
      t,
      (await rest(earlier)).map(({ cells, number }) => [number, cells]),
      rows.flatMap((row, index) => (left.has(row) ? [[index + 1, row]] : [])),
    );
  },
);

const small = { memory: 4096 * 3, isOnDisk: true };

test('rows are found by key, each once and in order', asMap, 'a.csv', csv);
test('rows are found with the index on disk', asMap, 'a.csv', csv, small);
/** Few different hashes, so that each row is compared with hundreds of others. */
const sameHash = { count: 1000, hash: (key: string) => key.length };
test('rows are found though many keys have one hash', asMap, 'a.csv', csv, sameHash);
test('rows are found though all keys have one hash', asMap, 'a.csv', csv, {
  count: 200,
  hash: () => 2 ** 32 - 1,
});
test('rows are found so on disk', asMap, 'a.csv', csv, { ...small, ...sameHash });
test('rows are found in the dialect of Excel', asMap, 'a.csv', (rows) =>
  Buffer.from(`\ufeff${csv(rows, ';', '\r\n')}`),
);
test('rows are found in UTF-16', asMap, 'a.csv', (rows) => Buffer.from(`\ufeff${csv(rows)}`, 'utf16le'));
test('rows are found in a packed file', asMap, 'a.csv.gz', (rows) => gzipSync(csv(rows)));
test('rows are found in JSON Lines', asMap, 'a.jsonl', (rows) => `${jsonLines(rows).join('\n')}\n`);
test('rows are found in packed JSON Lines', asMap, 'a.jsonl.gz', (rows) =>
  gzipSync(jsonLines(rows).join('\n')),
);
test('rows are found in a JSON array', asMap, 'a.json', (rows) => `[${jsonLines(rows).join(',\n')}]`);
test('rows are found behind lines that are skipped', asMap, 'a.csv', (rows) => `Title, é\n\n${csv(rows)}`, {
  read: { ...readOptions({ urlColumn: 'url', skipLines: 2 }), own },
});
test(
  'rows are found behind `sep=` and among blank lines',
  asMap,
  'a.csv',
  (rows) => `sep=,\n${csv(rows).replaceAll(/^(?=https:)/gm, '\n\n')}`,
);

test('calls need not wait for each other', async (t) => {
  const rows = ['1', '2', '3'].map((n) => [n === '2' ? 'b' : 'a', n, '', '']);
  const folder = await temporaryFolder(t, { 'a.csv': csv(rows) });
  const earlier = await opened(t, `${folder}/a.csv`);
  const found = await Promise.all(['a', 'a', 'b', 'a'].map((key) => earlier.take(key)));
  t.deepEqual(
    found.map((row) => row?.cells[1]),
    ['1', '3', '2', undefined],
  );
});

test('the file may be replaced while its rows are taken', async (t) => {
  const rows = manyRows(3000);
  const folder = await temporaryFolder(t, { 'a.csv': csv(rows) });
  const earlier = await opened(t, `${folder}/a.csv`);
  t.deepEqual((await earlier.take(rows[0]?.[0] ?? ''))?.cells, rows[0]);
  await writeFile(`${folder}/b.csv`, csv([['https://new.example/', '200', '', '']]));
  await rename(`${folder}/b.csv`, `${folder}/a.csv`);
  t.is(await earlier.take('https://new.example/'), null);
  t.deepEqual((await rest(earlier)).at(-1)?.cells, rows.at(-1));
});

test('a damaged row has no key, and those behind it are found', async (t) => {
  const bytes = Buffer.concat([
    Buffer.from('url,fetch_status,text\na,200,\n'),
    Buffer.from('b,200,\xe9\n', 'latin1'),
    Buffer.from('c,200\nd,200,x,y\ne,200,é\nf,200,"x\ng,200,é\nh,200,z\n'),
  ]);
  const folder = await temporaryFolder(t, { 'a.csv': bytes });
  const earlier = await opened(t, `${folder}/a.csv`);
  t.deepEqual((await earlier.take('e'))?.cells, ['e', '200', 'é']);
  t.deepEqual((await earlier.take('h'))?.cells, ['h', '200', 'z']);
  t.deepEqual((await earlier.take('g'))?.cells, ['g', '200', 'é']);
  for (const key of ['b', 'c', 'd', 'f']) t.is(await earlier.take(key), null);
  t.deepEqual(
    (await rest(earlier)).map(({ cells, error }) => [cells[0], error]),
    [
      ['a', 'invalid-url'],
      ['b', 'bad-row'],
      ['c', 'bad-row'],
      ['d', 'bad-row'],
      ['f', 'bad-row'],
    ],
  );
});

test('an earlier result may have no row', async (t) => {
  const folder = await temporaryFolder(t, { 'a.csv': 'page,fetch_status\n' });
  const earlier = await opened(t, `${folder}/a.csv`, { read: { ...readOptions(), own } });
  t.is(await earlier.take('a'), null);
  t.deepEqual(await rest(earlier), []);
});

const refused = test.macro(
  async (t, files: Readonly<Record<string, string | Buffer>>, name: string, message: RegExp) => {
    const folder = await temporaryFolder(t, files);
    const error = await t.throwsAsync(EarlierRows.open(`${folder}/${name}`, options({ option: '--since' })));
    t.regex(`${error?.name}: ${error?.message.replace(folder, '')}`, message);
  },
);

test('a missing file is told', refused, {}, 'a.csv', /^InputError: \/a\.csv: there is no such file$/);
test('a folder is told', refused, { 'a/b': '' }, 'a', /^InputError: \/a: is a directory; name a file$/);
test(
  'a file that is no result is told',
  refused,
  { 'a.csv': 'url,b\nx,1\n' },
  'a.csv',
  /^UsageError: --since: \/a\.csv has no column "fetch_status"; is it a result/,
);
test('an empty file is told', refused, { 'a.csv': '' }, 'a.csv', /^InputError: \/a\.csv: is empty/);
test(
  'a packed file that is cut is told',
  refused,
  { 'a.csv.gz': gzipSync(csv(manyRows(99))).subarray(0, 400) },
  'a.csv.gz',
  /^InputError: \/a\.csv\.gz: the compressed data is cut off/,
);
