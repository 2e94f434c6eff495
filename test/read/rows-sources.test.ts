import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { readAll, sourceOf, urlsOf } from '../helpers/reading.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { ReadState } from '../../src/read/rows.ts';
import { fileSource } from '../../src/read/source.ts';
import type { Source } from '../../src/read/source.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';

test('several sources are one list', async (t) => {
  const sources = [sourceOf('url,n\na.org,1\n'), sourceOf('url,n\n'), sourceOf('url,n\nb.org,2\nc.org,3')];
  const { rows, error, state } = await readAll(sources);
  t.is(error, null);
  t.deepEqual(
    rows.map(({ number, url, table }) => [number, url, table === state.table]),
    [
      [1, 'https://a.org', true],
      [2, 'https://b.org', true],
      [3, 'https://c.org', true],
    ],
  );
  t.like(state, { rows: 3, done: true });
});

const agree = test.macro(async (t, files: Readonly<Record<string, string | Buffer>>) => {
  const folder = await temporaryFolder(t, files);
  const sources = await Promise.all(Object.keys(files).map((name) => fileSource(join(folder, name))));
  const state = new ReadState();
  const tables: unknown[] = [];
  state.onTable = (table) => tables.push(table.names);
  const reading = await readAll(sources, {}, { state });
  t.is(reading.error, null);
  t.deepEqual(urlsOf(reading), ['https://a.org', 'https://b.org']);
  t.deepEqual(tables, [['url', 'n']]);
  const sizes = sources.map(({ size }) => size ?? 0);
  t.is(
    state.bytes,
    sizes.reduce((sum, size) => sum + size),
  );
});

const first = 'url,n\na.org,1\n';

test('each may have its delimiter', agree, { 'a.csv': first, 'b.csv': 'url;n\nb.org;2\n' });
test('each may have its compression', agree, { 'a.csv.gz': gzipSync(first), 'b.csv': 'url,n\nb.org,2\n' });
test('each may have its line ends', agree, { 'a.csv': first, 'b.csv': '\ufeffurl,n\r\nb.org,2\r\n' });
test('each may have its format', agree, { 'a.csv': first, 'b.jsonl': '{"url":"b.org","n":2}\n' });

const disagree = test.macro(
  async (t, second: string, columns: string, said: ReadUrlsOptions = {}, header: string = 'url, n') => {
    const folder = await temporaryFolder(t, { 'a.csv': first, 'b.csv': second });
    const [a, b] = [join(folder, 'a.csv'), join(folder, 'b.csv')];
    const { rows, error } = await readAll([await fileSource(a), await fileSource(b)], said);
    t.like(error, {
      name: 'InputError',
      message: `${b}: its columns (${columns}) are not those of ${a} (${header})`,
    });
    t.deepEqual(rows, []);
  },
);

test('another name ends the reading before the first row', disagree, 'url,m\nb.org,2\n', 'url, m');
test('another case of a name is another name', disagree, 'URL,n\nb.org,2\n', 'URL, n');
test('another order is another header', disagree, 'n,url\n2,b.org\n', 'n, url');
test('a column more is another header', disagree, 'url,n,m\nb.org,2,3\n', 'url, n, m');
test('a column less is another header', disagree, 'url\nb.org\n', 'url');
test(
  'without headers the number of columns must agree',
  disagree,
  'b.org\n',
  '1',
  { noHeader: true, urlColumn: '1' },
  '1, 2',
);

test('a file that is empty is found before the first row', async (t) => {
  const folder = await temporaryFolder(t, { 'a.csv': first, 'b.csv': '' });
  const sources = await Promise.all(['a.csv', 'b.csv'].map((name) => fileSource(join(folder, name))));
  const { rows, error } = await readAll(sources);
  t.like(error, { name: 'InputError' });
  t.regex((error as Error).message, /b\.csv: is empty/);
  t.deepEqual(rows, []);
});

test('a stream that disagrees is found when it is reached', async (t) => {
  const sources = [sourceOf(first, 'one'), sourceOf('n,url\n2,b.org\n', 'two')];
  const reading = await readAll(sources);
  t.like(reading.error, {
    name: 'InputError',
    message: 'two: its columns (n, url) are not those of one (url, n)',
  });
  t.deepEqual(urlsOf(reading), ['https://a.org']);
});

test('files are compared with the stream before them', async (t) => {
  const folder = await temporaryFolder(t, { 'b.csv': 'n,url\n2,b.org\n' });
  const path = join(folder, 'b.csv');
  const reading = await readAll([sourceOf(first, 'one'), await fileSource(path)]);
  t.like(reading.error, { message: `${path}: its columns (n, url) are not those of one (url, n)` });
  t.deepEqual(urlsOf(reading), ['https://a.org']);
});

test('a stream is opened once, also among several', async (t) => {
  const folder = await temporaryFolder(t, { 'b.csv': 'url,n\nb.org,2\n' });
  let opened = 0;
  const stream = sourceOf(first);
  const counting: Source = {
    ...stream,
    open: () => {
      opened++;
      return stream.open();
    },
  };
  const reading = await readAll([counting, await fileSource(join(folder, 'b.csv'))]);
  t.is(reading.error, null);
  t.is(opened, 1);
  t.deepEqual(urlsOf(reading), ['https://a.org', 'https://b.org']);
});

test('the rows of the sources before a broken one come', async (t) => {
  const reading = await readAll([sourceOf(first), sourceOf('url,"n\nb.org,2\n', 'two')]);
  t.like(reading.error, {
    message: 'two: line 1 opens a quote that is never closed; close or double it',
  });
  t.deepEqual(urlsOf(reading), ['https://a.org']);
});

test('the URL column that the first source showed holds for all', async (t) => {
  const many = '1,https://a.org\n'.repeat(1000);
  const reading = await readAll([sourceOf(`x,y\n${many}`), sourceOf('x,y\nhttps://c.org,b.org\n')]);
  t.is(reading.rows.length, 1001);
  t.is(urlsOf(reading).at(-1), 'https://b.org');
});

test('a first source without rows leaves the URL column to the next', async (t) => {
  const sources = [sourceOf('x,y\n'), sourceOf('x,y\nb,https://b.org\n')];
  const reading = await readAll(sources);
  t.is(reading.error, null);
  t.deepEqual(urlsOf(reading), ['https://b.org']);
});

test('a first source of blank cells leaves the URL column to the next', async (t) => {
  const sources = [sourceOf('x,y\n,\n'), sourceOf('x,y\nb,https://b.org\n')];
  const reading = await readAll(sources);
  t.is(reading.error, null);
  t.deepEqual(urlsOf(reading), ['', 'https://b.org']);
});
