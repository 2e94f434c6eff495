import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import type { FetchItem, Result } from '../../src/shared/records.ts';
import { writeResults } from '../../src/write/write-results.ts';
import { everythingTo, fetchAll } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';
import type { SeenRequest } from '../helpers/server.ts';

type Special = Omit<FetchItem, 'url'>;

/** Checks what a server sees of a fetched object. */
const sends = test.macro({
  exec: async (t, special: Special, options: FetchUrlsOptions, expected: Partial<SeenRequest>) => {
    const server = await httpServer(t, (_, response) => response.end());
    const item = { url: server.url, ...special };
    const [result] = await fetchAll([item], options);
    t.like(result, { status: 200, error: null });
    t.is(result?.row.item, item);
    const [seen] = server.requests;
    t.like(seen, expected);
  },
  title: (what) => `an object can say ${what}`,
});

test('nothing but its URL', sends, {}, {}, { method: 'GET', body: '' });
test('a method', sends, { method: 'put' }, {}, { method: 'PUT' });
test('a method that only some servers know', sends, { method: 'PURGE' }, {}, { method: 'PURGE' });
test('a body, which makes it a POST', sends, { body: '\u00fc' }, {}, { method: 'POST', body: '\u00fc' });
test('bytes', sends, { body: new Uint8Array(Buffer.from('xabcx').subarray(1, 4)) }, {}, { body: 'abc' });
test(
  'that a text is no plain text',
  sends,
  { body: '{}', headers: { 'Content-Type': 'application/json' } },
  {},
  {
    headers: { 'content-type': 'application/json' },
  } as object,
);
test(
  'headers in place of those of the options',
  sends,
  { headers: { 'X-A': '1', 'User-Agent': 'me' } },
  { header: ['x-a: 2', 'x-b: 3'] },
  {
    headers: { 'x-a': '1', 'x-b': '3', 'user-agent': 'me' },
  } as object,
);
test('headers as fetch() takes them', sends, { headers: new Headers({ 'x-a': '1' }) }, {}, {
  headers: { 'x-a': '1' },
} as object);
test('headers in pairs', sends, { headers: [['x-a', '1']] }, {}, { headers: { 'x-a': '1' } } as object);
test('its own body before --data', sends, { body: 'own' }, { data: 'shared' }, { body: 'own' });

test('the type of a text is that of fetch(), bytes have none', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  await fetchAll(
    [
      { url: server.url, body: 'a' },
      { url: server.url, body: Buffer.from('a') },
    ],
    { concurrency: 1 },
  );
  t.deepEqual(
    server.requests.map(({ headers }) => headers['content-type']),
    ['text/plain;charset=UTF-8', undefined],
  );
});

test('URLs and objects with one', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const url = new URL('/a', server.url);
  const results = await fetchAll([url, { url, data: 7 }], { ordered: true });
  t.deepEqual(
    results.map(({ status, row: { item } }) => [status, item?.data]),
    [
      [200, undefined],
      [200, 7],
    ],
  );
});

for (const [what, special] of Object.entries({
  'a method that is none': { method: 'GE T' },
  'a method that opens a tunnel': { method: 'CONNECT' },
  'a header that is none': { headers: { 'a b': '1' } },
  'a header about the framing': { headers: { 'Content-Length': '1' } },
  'a line break in a header': { headers: { 'x-a': '1\r\nx-b: 2' } },
})) {
  test(`${what} is a failure of its row`, async (t) => {
    const server = await httpServer(t, (_, response) => response.end());
    const [bad, good] = await fetchAll([{ url: server.url, ...special }, server.url], { ordered: true });
    t.like(bad, { status: null, error: 'bad-row', attempts: 0 });
    t.not(bad?.detail, '');
    t.is(good?.status, 200);
    t.is(server.requests.length, 1);
  });
}

for (const [what, special, detail] of [
  ['headers of null', { headers: null }, 'headers is to be an object, or a list of names and values'],
  ['headers of a text', { headers: 'abc' }, 'headers is to be an object, or a list of names and values'],
  ['headers of a number', { headers: 5 }, 'headers is to be an object, or a list of names and values'],
  ['a list of texts as headers', { headers: ['ab'] }, 'headers is to hold pairs of a name and a value'],
  ['a name without a value', { headers: [['x-a']] }, 'headers is to hold pairs of a name and a value'],
  ['null in headers', { headers: [null] }, 'headers is to hold pairs of a name and a value'],
  ['a header of null', { headers: { 'x-a': null } }, 'headers holds a value that is no text'],
  ['a header of an object', { headers: { 'x-a': {} } }, 'headers holds a value that is no text'],
  ['a header of a symbol', { headers: { 'x-a': Symbol('a') } }, 'headers holds a value that is no text'],
  ['a body of an object', { body: {} }, 'body is to be a text or a Uint8Array'],
  ['a body of null', { body: null }, 'body is to be a text or a Uint8Array'],
  ['a body of a number', { body: 5 }, 'body is to be a text or a Uint8Array'],
  ['a body of other memory', { body: new ArrayBuffer(3) }, 'body is to be a text or a Uint8Array'],
  ['a method of null', { method: null }, 'method is to be a text'],
  ['a method of a number', { method: 5 }, 'method is to be a text'],
  ['a method of an object', { method: { toString: null } }, 'method is to be a text'],
  ['a name that begins with @', { headers: { '@a': '1' } }, 'headers holds a name that begins with @'],
  ['headers that fail', { headers: failing() }, 'headers cannot be read'],
  ['a body that fails', { body: failing() }, 'body is to be a text or a Uint8Array'],
] as const) {
  test(`${what} is a failure of its row, and told`, async (t) => {
    const server = await httpServer(t, (_, response) => response.end());
    const item = { url: server.url, ...(special as object) };
    const [bad, good] = await fetchAll([item, server.url], { ordered: true });
    t.like(bad, { status: null, error: 'bad-row', detail, attempts: 0 });
    t.is(good?.status, 200);
    t.is(server.requests.length, 1);
  });
}

/** An iterable whose iterator cannot be created. */
function failing(): Iterable<never> {
  return {
    [Symbol.iterator]: () => {
      throw new TypeError('no');
    },
  };
}

test('a header may be a number', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  await fetchAll([{ url: server.url, headers: { 'x-a': 5 as unknown as string } }]);
  t.is(server.requests[0]?.headers['x-a'], '5');
});

test('an object with cells and a table of its own is no row of readUrls()', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const items = [
    { url: server.url, cells: 3, table: 'oak' },
    { url: server.url, cells: ['a'], table: null },
  ];
  const results = await fetchAll(items, { ordered: true });
  t.deepEqual(
    results.map(({ status, row }) => [status, row.cells, row.item]),
    [
      [200, [server.url, '3', 'oak'], items[0]],
      [200, [server.url], items[1]],
    ],
  );
});

test('a URL that cannot be fetched is a failure of its row', async (t) => {
  const [relative, mail] = await fetchAll([{ url: '/a' }, { url: 'mailto:a@b' }], { ordered: true });
  t.is(relative?.error, 'invalid-url');
  t.is(mail?.error, 'unsupported-scheme');
});

test('secrets of an object do not follow a redirect to another origin', async (t) => {
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'a.test') response.writeHead(302, { location: 'http://b.test/' }).end();
    else response.end();
  });
  const item = { url: 'http://a.test/', headers: { authorization: 'secret', accept: 'text/html' } };
  await fetchAll([item], { connectTo: [everythingTo(server)] });
  t.deepEqual(
    server.requests.map(({ headers: { host, authorization, accept } }) => [host, authorization, accept]),
    [
      ['a.test', 'secret', 'text/html'],
      ['b.test', undefined, 'text/html'],
    ],
  );
});

test('a retry says the same', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(server.requests.length === 1 ? 503 : 200).end();
  });
  await fetchAll([{ url: server.url, method: 'PUT', body: 'a' }], { retries: 1 });
  t.deepEqual(
    server.requests.map(({ method, body }) => [method, body]),
    [
      ['PUT', 'a'],
      ['PUT', 'a'],
    ],
  );
});

test('--once takes objects of another body for another request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const items = ['a', 'b', 'a'].map((body) => ({ url: server.url, method: 'PUT', body }));
  const results = await fetchAll(items, { once: true, ordered: true });
  t.is(server.requests.length, 2);
  t.deepEqual(
    results.map(({ sameAs, row: { item } }) => [sameAs, items.indexOf(item as (typeof items)[0])]),
    [
      [null, 0],
      [null, 1],
      [1, 2],
    ],
  );
});

test('texts, numbers and switches of an object are cells, for columns in options and in the output', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const items = [
    { id: 7, url: `${server.url}/a`, isNew: true, more: { a: 1 } },
    { id: 8, url: `${server.url}/b`, isNew: false, more: {} },
  ];
  const writing = writeResults({ columns: 'status' });
  const fetching = fetchUrls({ header: ['x-id: {id}'], ordered: true });
  const csv = await text(Readable.from(items).pipe(fetching).pipe(writing));
  t.is(csv, `id,url,isNew,fetch_status\n7,${server.url}/a,true,200\n8,${server.url}/b,false,200\n`);
  t.deepEqual(new Set(server.requests.map(({ headers }) => headers['x-id'])), new Set(['7', '8']));
});

test('rows of objects stay in memory when others wait on disk', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const items = Array.from({ length: 300 }, (_, data) => ({ url: `http://h${data % 2}.test/`, data }));
  const results = await fetchAll(items, {
    connectTo: [everythingTo(server)],
    lookAhead: 10,
    perHost: 1,
    hostRate: 1000,
    concurrency: 50,
  });
  t.deepEqual(
    results.map(({ row: { item } }) => Number(item?.data)).toSorted((a, b) => a - b),
    items.map(({ data }) => data),
  );
});

test('a signal stops the stream: what is in flight gets the grace, the rest is dropped', async (t) => {
  const server = await httpServer(t, () => {});
  const stopping = new AbortController();
  const urls = Array.from({ length: 20 }, (_, i) => `${server.url}/${i}`);
  const fetching = fetchUrls({ perHost: 2, signal: stopping.signal, grace: '1ms' });
  const results = Readable.from(urls).pipe(fetching).toArray() as Promise<Result[]>;
  await server.requested(2);
  stopping.abort();
  t.deepEqual(
    (await results).map(({ error }) => error),
    ['cancelled', 'cancelled'],
  );
});

test('a signal that was aborted before lets nothing begin', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const fetching = fetchUrls({ signal: AbortSignal.abort() });
  t.deepEqual(await Readable.from([server.url]).pipe(fetching).toArray(), []);
  t.is(server.requests.length, 0);
});
