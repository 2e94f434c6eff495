import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { cellsOf, piecesOf, readAll, readOptions, sourceOf, urlsOf } from '../helpers/reading.ts';
import { UsageError } from '../../src/shared/errors.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import { streamSource } from '../../src/read/source.ts';
import type { Source } from '../../src/read/source.ts';

test('a row has its number, cells, table and URL', async (t) => {
  const { rows, state } = await readAll(sourceOf('n,url\n1, a.org/x \n2,http://b.org\n'));
  t.deepEqual(state.table, { names: ['n', 'url'], header: true });
  const common = { table: state.table, error: null, detail: '', json: null };
  t.deepEqual(rows, [
    { ...common, number: 1, cells: ['1', ' a.org/x '], url: 'https://a.org/x' },
    { ...common, number: 2, cells: ['2', 'http://b.org'], url: 'http://b.org' },
  ]);
});

test('rows are numbered through all pieces', async (t) => {
  const bytes = Buffer.from('url\n' + 'a.org\n'.repeat(50));
  const { rows } = await readAll(sourceOf(piecesOf(bytes, 9)));
  t.deepEqual(
    rows.map(({ number }) => number),
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
});

const urls = test.macro(async (t, content: string, expected: readonly string[], said: ReadUrlsOptions) => {
  const reading = await readAll(sourceOf(content), said);
  t.is(reading.error, null);
  t.deepEqual(urlsOf(reading), expected);
});

test('the default scheme can be http', urls, 'url\na.org\n', ['http://a.org'], { defaultScheme: 'http' });
test(
  'the default scheme can be none',
  urls,
  'url\na.org\nhttp://a.org\n"""http://b.org"""\n',
  ['', 'http://a.org', 'http://b.org'],
  { defaultScheme: 'none' },
);
test('with two default schemes the first is taken, and the rows say that there is another', async (t) => {
  const content = 'url\na.org\n<b.org>\nhttps://c.org\n<http://d.org>\n"[e.org]"\nf\n';
  const { rows } = await readAll(sourceOf(content), { defaultScheme: 'HTTPS,http', urlColumn: 'url' });
  t.deepEqual(
    rows.map(({ url, orHttp }) => [url, orHttp]),
    [
      ['https://a.org', true],
      ['https://b.org', true],
      ['https://c.org', undefined],
      ['http://d.org', undefined],
      ['https://e.org', true],
      ['', undefined],
    ],
  );
});
test('the default scheme can be None', urls, 'url\na.org\n', [''], { defaultScheme: 'None' });
test('the URL column can be said', urls, 'url,b\na.org,b.org\n', ['https://b.org'], { urlColumn: 'B' });
test('the URL column can be a number', urls, 'url,b\na.org,b.org\n', ['https://b.org'], { urlColumn: '2' });
test('the URL can be built', urls, 'id,q\n7,é ü\n', ['https://a.org/7?q=%C3%A9%20%C3%BC'], {
  urlTemplate: 'https://a.org/{id}?q={q}',
});
test('a built URL gets the default scheme', urls, 'id\n7\n', ['https://a.org/7'], {
  urlTemplate: 'a.org/{id}',
});
test('what is built is looked at like a cell', urls, 'id\n7\na.org\n', ['', 'https://a.org/x'], {
  urlTemplate: '{id}/x',
});
test('a URL is built from blank cells too', urls, 'x,y\n,\n', ['https://a.org/'], {
  urlTemplate: 'https://a.org/{x}',
});
test(
  'a URL is built from keys',
  urls,
  '{"id":1.50}\n{"id":null}\n',
  ['https://a.org/1.50', 'https://a.org/'],
  {
    urlTemplate: 'a.org/{ID}',
  },
);
test('a URL is built from columns without names', urls, '7,x\n', ['https://a.org/x/7'], {
  urlTemplate: 'a.org/{2}/{1}',
  noHeader: true,
});

const noUrl = test.macro(async (t, content: string) => {
  const { rows, error } = await readAll(sourceOf(content), { urlColumn: 'url' });
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => [row.number, row.url, row.error]),
    [
      [1, '', 'no-url'],
      [2, 'https://a.org', null],
    ],
  );
});

test('an empty cell is no-url', noUrl, 'url,n\n,1\na.org,2\n');
test('a cell of spaces is no-url', noUrl, 'url,n\n  \t,1\na.org,2\n');
test('a key that is missing is no-url', noUrl, '{"n":1,"url":""}\n{"url":"a.org"}\n');
test('a null is no-url', noUrl, '{"url":null}\n{"url":"a.org"}\n');

test('a cell that is no URL is invalid-url, with the reason', async (t) => {
  const { rows, error } = await readAll(
    sourceOf('{"n":1,"url":0}\n{"n":2,"url":"b@a.org"}\n{"n":3,"url":"a.org"}\n'),
  );
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => [row.url, row.error, row.detail]),
    [
      ['', 'invalid-url', 'not a URL: it holds no letter'],
      ['', 'invalid-url', 'not a URL: it looks like an e-mail address'],
      ['https://a.org', null, ''],
    ],
  );
});

const badRow = test.macro(
  async (t, content: string, cells: readonly string[], detail: string, noHeader: boolean = false) => {
    const { rows, error } = await readAll(sourceOf(content), { noHeader, urlColumn: '1' });
    t.is(error, null);
    t.like(rows.at(-1), { error: 'bad-row', url: '', detail, cells });
  },
);

test(
  'a record with too few cells is bad-row',
  badRow,
  'u,n\na,1\nb\n',
  ['b'],
  '1 cells where the header has 2',
);
test(
  'a record with too many cells is bad-row',
  badRow,
  'u,n\na,1\nb,2,x\n',
  ['b', '2', 'x'],
  '3 cells where the header has 2',
);
test(
  'without a header the first row sets the width',
  badRow,
  'a,1\nb,2,3\n',
  ['b', '2', '3'],
  '3 cells where the first row has 2',
  true,
);

test('the rows behind a bad one are read', async (t) => {
  const reading = await readAll(sourceOf('url,n\na.org\nb.org,1\n'));
  t.deepEqual(urlsOf(reading), ['', 'https://b.org']);
});

/** Columns are the keys of the first hundred objects. */
const surplus = `${'{"url":"a.org"}\n'.repeat(100)}{"url":"b.org","x":1}\n{}\n`;

test('a surplus key is no fault where the output has room for it', async (t) => {
  const { rows } = await readAll(sourceOf(surplus));
  t.deepEqual(
    rows.slice(99).map(({ error }) => error),
    [null, null, 'no-url'],
  );
});

test('a surplus key is bad-row where the output has fixed columns', async (t) => {
  const { rows } = await readAll(sourceOf(surplus), {}, { fixedColumns: true });
  t.deepEqual(
    rows.slice(99).map(({ error }) => error),
    [null, 'bad-row', 'no-url'],
  );
  t.like(rows[100], { cells: ['b.org', '{"x":1}'], detail: '2 cells where the header has 1' });
});

const refused = test.macro(async (t, content: string, said: ReadUrlsOptions, message: string) => {
  const { rows, error } = await readAll(sourceOf(content), said);
  t.like(error, { name: 'UsageError', message });
  t.deepEqual(rows, []);
});

const unknown = '--url-template: there is no column "c"; the columns are a, b';

test('an unknown column ends the reading', refused, 'a,b\n1,2\n', { urlTemplate: 'a.org/{c}' }, unknown);
test('it does so without rows too', refused, 'a,b\n', { urlTemplate: 'a.org/{c}' }, unknown);
test(
  'a said URL column must exist without rows too',
  refused,
  'a,b\n',
  { urlColumn: 'c' },
  '--url-column: there is no column "c"; the columns are "a", "b"',
);
test(
  'URL column and template exclude each other',
  refused,
  'a,b\n1,2\n',
  { urlColumn: 'a', urlTemplate: '{b}' },
  '--url-template and --url-column cannot both say where the URL comes from',
);
test(
  'no column that looks like URLs ends the reading',
  refused,
  'a,b\n1,2\n3,4\n',
  {},
  'no column looks like URLs; name one with --url-column: "a" ("1"), "b" ("2")',
);

test('blank rows before the first URL wait until it tells the column', async (t) => {
  const bytes = Buffer.from('a,b\n' + ',\n'.repeat(20) + 'x,https://a.org\n');
  const reading = await readAll(sourceOf(piecesOf(bytes, 6)));
  t.is(reading.error, null);
  t.is(reading.rows.length, 21);
  t.is(reading.rows[20]?.url, 'https://a.org');
  t.deepEqual(cellsOf(reading)[0], ['', '']);
});

test('a URL column may be empty in the first kilobytes', async (t) => {
  const blank = Array.from({ length: 90 }, (_, index) => `${'a name '.repeat(8)}${index},\n`).join('');
  const reading = await readAll(sourceOf(`name,page\n${blank}x,https://a.org\n`));
  t.is(reading.error, null);
  t.is(reading.rows.at(-1)?.url, 'https://a.org');
});

/** A source that yields some text and then fails. */
function breaksOff(text: string): Source {
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(text);
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
  }
  return streamSource(Readable.from(pieces()), 'in.csv');
}

test('the rows before a failure come, also when no name tells the URL column', async (t) => {
  const reading = await readAll(breaksOff('n,page\n1,https://a.org\n2,https://b.org\n3,"https://c.org\n'));
  t.like(reading.error, { name: 'InputError', message: 'in.csv: cannot be read: i/o error' });
  t.deepEqual(urlsOf(reading), ['https://a.org', 'https://b.org']);
});

test('a failure before any URL is told, not that there is none', async (t) => {
  const { error } = await readAll(breaksOff('n,page\n1,\n2,\n'));
  t.like(error, { name: 'InputError', message: 'in.csv: cannot be read: i/o error' });
});

test('cells of rows that cannot be taken do not tell the URL column', async (t) => {
  const bytes = Buffer.from(`n,page\n${'https://x.org,\xe9\n'.repeat(5)}1,https://a.org\n`, 'latin1');
  const { rows, error } = await readAll(sourceOf(bytes));
  t.is(error, null);
  t.is(rows.at(-1)?.url, 'https://a.org');
});

test('the first fault of a run is told, with what can be done', async (t) => {
  const state = new ReadState();
  const told: string[] = [];
  state.onFault = (text) => told.push(text);
  const second = sourceOf('url,n\n"c.org,3\n', 'two.csv');
  const { error } = await readAll(
    [sourceOf(Buffer.from('url,n\na.org,\xe9\nb.org,\xe9\n', 'latin1'), 'one.csv'), second],
    {},
    { state },
  );
  t.is(error, null);
  t.deepEqual(told, [
    'one.csv: line 2 is not UTF-8 (byte 7 of the line is 0xE9); name its encoding, perhaps --encoding windows-1252',
  ]);
});

test('a fault is not told of a row that is passed over', async (t) => {
  const state = new ReadState();
  const told: string[] = [];
  state.onFault = (text) => told.push(text);
  const bytes = Buffer.from('url,n\na.org,\xe9\nb.org,2\nc.org,\xff\n', 'latin1');
  const options = { ...readOptions(), isDone: (number: number) => number === 1 };
  const numbers: number[] = [];
  for await (const rows of readRows([sourceOf(bytes, 'in')], options, state))
    numbers.push(...rows.map(({ number }) => number));
  t.deepEqual(numbers, [2, 3]);
  t.is(told.length, 1);
  t.regex(told[0] ?? '', /^in: line 4 is not UTF-8/);
});

test('the state tells rows, bytes and the end', async (t) => {
  const bytes = gzipSync('url\na.org\nb.org\n');
  const { state } = await readAll(sourceOf(piecesOf(bytes, 7)));
  t.like(state, { rows: 2, bytes: bytes.length, done: true, stopped: false });
});

test('the state tells the table before the first row, once', async (t) => {
  const state = new ReadState();
  const seen: unknown[] = [];
  state.onTable = (table) => seen.push([table.names, state.rows]);
  const before = state.table;
  await readAll(sourceOf(piecesOf(Buffer.from('url,n\na.org,1\nb.org,2\n'), 4)), {}, { state });
  t.is(before, null);
  t.deepEqual(seen, [[['url', 'n'], 0]]);
});

test('who looks at the table may end the reading', async (t) => {
  const state = new ReadState();
  state.onTable = () => {
    throw new UsageError('not these columns');
  };
  const source = sourceOf('url\na.org\n');
  const stream = source.open();
  const { rows, error } = await readAll({ ...source, open: () => stream }, {}, { state });
  t.like(error, { name: 'UsageError', message: 'not these columns' });
  t.deepEqual(rows, []);
  t.true(stream.destroyed);
});

test('who wants no more rows closes the source', async (t) => {
  const stream = sourceOf(piecesOf(Buffer.from('url\n' + 'a.org\n'.repeat(500)), 10)).open();
  const source = { name: 'in', size: null, open: () => stream, reopens: false };
  for await (const batch of readRows([source], readOptions(), new ReadState())) if (batch.length > 0) break;
  t.true(stream.destroyed);
});
