import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { Row, Table } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import type { Answer, TestServer } from '../../helpers/server.ts';

/**
 * With these options, all rows of a host except the first few are on disk as soon as another host is
 * requested.
 */
const options = { perHost: 1, concurrency: 10, lookAhead: 20 };

/**
 * Answers a.test only after z.test was requested. That is the last row, so the others are on disk by then.
 */
async function serverBehindDisk(t: ExecutionContext, answer: Answer): Promise<TestServer> {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  return httpServer(t, (request, response) => {
    const go = (): void => answer(request, response);
    if (request.headers.host === 'z.test') {
      isOpen = true;
      response.end();
      for (const each of waiting) each();
    } else if (isOpen) go();
    else waiting.push(go);
  });
}

function rowOf(table: Table, number: number, cells: readonly string[], json: string | null = null): Row {
  return { number, cells, table, url: cells[0] ?? '', error: null, detail: '', json };
}

const last = (table: Table, number: number): Row => rowOf(table, number, ['http://z.test/']);

const oddTexts = [
  '',
  ' ',
  '\u0000\u0001\u001F\u007F\u0085\u2028\u2029',
  '\uD800',
  'a\uDC00\uD800b',
  '\uFEFF\uFFFD\uFFFF',
  '"\\"\\u0041\n\r\t,;',
  '😀'.repeat(10),
  '__proto__',
  '{"__proto__":1}',
  'x'.repeat(1024 * 1024),
  '\u0007'.repeat(300_000),
];

test('cells and JSON texts are the same after they were on disk, and rows of a table stay its rows', async (t) => {
  const server = await serverBehindDisk(t, (_request, response) => response.end());
  const tables = [
    { names: ['url', '__proto__', 'constructor'], header: true },
    { names: ['1', '2', '3'], header: false },
  ];
  const rows = Array.from({ length: 60 }, (_item, i) => {
    const text = oddTexts[i % oddTexts.length] ?? '';
    const cells = [`http://a.test/${i}`, text, `${i}`, ...(i % 7 === 0 ? ['one more'] : [])];
    return rowOf(tables[i % 2] as Table, i + 1, cells, i % 3 === 0 ? `{"id":1e400, "text":"${i}"}` : null);
  });
  const list = [...rows, last(tables[0] as Table, 61)];
  const results = await fetchAll(list, { ...options, connectTo: [everythingTo(server)] });
  const sorted = results.map(({ row }) => row).toSorted((a, b) => a.number - b.number);
  t.is(results.length, 61);
  // Not deepEqual on everything: it takes minutes to print a difference in a megabyte.
  t.deepEqual(
    sorted.filter((row, i) => JSON.stringify(row) !== JSON.stringify(list[i])).map(({ number }) => number),
    [],
  );
  t.true(sorted.every((row, i) => row.table === list[i]?.table));
  t.true(sorted.every(({ cells }, i) => cells.every((cell, at) => cell === list[i]?.cells[at])));
  t.deepEqual(
    server.requests.filter(({ headers }) => headers.host === 'a.test').map(({ url }) => url),
    rows.map((_row, i) => `/${i}`),
  );
});

test('a row from the disk knows its URL from before', async (t) => {
  const server = await serverBehindDisk(t, ({ headers }, response) => {
    response.writeHead(headers['if-none-match'] === undefined ? 200 : 304).end();
  });
  const table = { names: ['url'], header: true };
  const rows = Array.from({ length: 60 }, (_item, i) => {
    const url = `http://a.test/${i}`;
    const row = rowOf(table, i + 1, [url]);
    return i % 2 === 0 ? row : { ...row, earlier: { url, etag: `"${i}"`, place: i } };
  });
  const results = await fetchAll([...rows, last(table, 61)], {
    ...options,
    connectTo: [everythingTo(server)],
  });
  const sorted = results.toSorted((a, b) => a.row.number - b.row.number);
  t.deepEqual(
    sorted.map(({ row }) => row),
    [...rows, last(table, 61)],
  );
  t.true(sorted.every(({ notModified }, i) => notModified === (i % 2 === 1)));
  t.deepEqual(
    server.requests.flatMap(({ headers }) => headers['if-none-match'] ?? []),
    rows.flatMap((_row, i) => (i % 2 === 0 ? [] : `"${i}"`)),
  );
});

test('a row from the disk is asked for with its own headers and data', async (t) => {
  const server = await serverBehindDisk(t, (_request, response) => response.end());
  const tables = [
    { names: ['url', 'id'], header: true },
    { names: ['url', 'other', 'id'], header: true },
  ];
  const rows = Array.from({ length: 100 }, (_item, i) => {
    const url = `http://a.test/${i}`;
    return rowOf(tables[i % 2] as Table, i + 1, i % 2 === 0 ? [url, `${i}`] : [url, 'no', `${i}`]);
  });
  await fetchAll([...rows, last(tables[0] as Table, 101)], {
    ...options,
    method: 'POST',
    header: ['X-Id: {id}'],
    data: 'id={id}',
    connectTo: [everythingTo(server)],
  });
  const asked = server.requests.filter(({ headers }) => headers.host === 'a.test');
  t.is(asked.length, 100);
  for (const { url, headers, body } of asked)
    t.deepEqual(['/' + headers['x-id'], `/${body.slice(3)}`], [url, url]);
});

test('more tables than can be kept in mind: each row stays with its own, once', async (t) => {
  const server = await serverBehindDisk(t, (_request, response) => response.end());
  const rows = Array.from({ length: 1100 }, (_item, i) =>
    rowOf({ names: ['url', `column ${i}`], header: true }, i + 1, [`http://a.test/${i}`, '']),
  );
  const results = await fetchAll([...rows, last({ names: ['url'], header: true }, 1101)], {
    ...options,
    lookAhead: 150,
    connectTo: [everythingTo(server)],
  });
  t.is(new Set(results.map(({ row: { number } }) => number)).size, 1101);
  t.is(results.length, 1101);
  t.true(results.every(({ row }) => row.number === 1101 || row.table === rows[row.number - 1]?.table));
});

test('redirects of rows from the disk lead on to other hosts, and back', async (t) => {
  const server = await serverBehindDisk(t, ({ headers: { host }, url }, response) => {
    if (host === 'a.test' && !url.endsWith('?done'))
      response.writeHead(302, { location: `http://b.test${url}` }).end();
    else if (host === 'b.test') response.writeHead(302, { location: `http://a.test${url}?done` }).end();
    else response.end();
  });
  const urls = [...Array.from({ length: 100 }, (_item, i) => `http://a.test/${i}`), 'http://z.test/'];
  const results = await fetchAll(urls, { ...options, connectTo: [everythingTo(server)] });
  t.is(results.length, 101);
  for (const { url, status, row, redirects } of results) {
    const own = row.url === 'http://z.test/';
    t.is(url, own ? row.url : `${row.url}?done`);
    t.deepEqual([status, redirects.length], [200, own ? 0 : 2]);
  }
});

test('a pause that the host asks for holds for its rows on disk, and they are tried afterwards', async (t) => {
  let refusedAt = 0;
  let tooEarly = 0;
  const server = await serverBehindDisk(t, (_request, response) => {
    if (refusedAt === 0) {
      refusedAt = performance.now();
      response.writeHead(503, { 'retry-after': '1' }).end();
    } else {
      if (performance.now() - refusedAt < 990) tooEarly++;
      response.end();
    }
  });
  const urls = [...Array.from({ length: 40 }, (_item, i) => `http://a.test/${i}`), 'http://z.test/'];
  const results = await fetchAll(urls, {
    ...options,
    retries: 1,
    maxWait: 5000,
    connectTo: [everythingTo(server)],
  });
  t.is(results.length, 41);
  t.true(results.every(({ status }) => status === 200));
  t.is(tooEarly, 0);
  t.is(server.requests.length, 42);
});

test('rows that cannot be fetched pass those that are on disk', async (t) => {
  const server = await serverBehindDisk(t, (_request, response) => response.end());
  const urls = Array.from({ length: 300 }, (_item, i) => (i % 3 === 0 ? 'http://[' : `http://a.test/${i}`));
  const results = await fetchAll([...urls, 'http://z.test/'], {
    ...options,
    connectTo: [everythingTo(server)],
  });
  t.is(new Set(results.map(({ row: { number } }) => number)).size, 301);
  t.is(results.filter(({ error }) => error === 'invalid-url').length, 100);
  t.is(server.requests.length, 201);
});
