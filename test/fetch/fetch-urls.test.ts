import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import { readUrls } from '../../src/read/read-urls.ts';
import type { Result } from '../../src/shared/records.ts';
import { everythingTo, fetchAll, fetchOne, row } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('three URLs need no more than a loop over a pipe', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => response.end(path));
  const urls = [`${url}/a`, `${url}/b`, `${url}/c`];
  const lines: string[] = [];
  for await (const result of Readable.from(urls).pipe(fetchUrls())) {
    const { row: from, status, bytes } = result as Result;
    lines.push(`${from.url} ${status} ${bytes}`);
  }
  t.deepEqual(
    lines.toSorted(),
    urls.map((each) => `${each} 200 2`),
  );
});

test('a string is read like a cell, but gets no scheme', async (t) => {
  const { port, requests } = await httpServer(t, (_, response) => response.end());
  const connectTo = [everythingTo({ port })];
  const strings = [
    ' "http://a.test/1"\u200b',
    'http://a.test/1 http://a.test/2',
    'a.test',
    'b@a.test',
    '0',
    '\ufeff',
  ];
  const results = await fetchAll(strings, { connectTo, ordered: true });
  t.deepEqual(
    results.map(({ status, error, detail, url }) => [status ?? error, url || detail]),
    [
      [200, 'http://a.test/1'],
      ['invalid-url', 'not a URL: several URLs in one cell'],
      ['invalid-url', 'not a URL: it has no scheme'],
      ['invalid-url', 'not a URL: it looks like an e-mail address'],
      ['invalid-url', 'not a URL: it holds no letter'],
      ['no-url', ''],
    ],
  );
  t.is(requests.length, 1);
});

test('every row gives exactly one result, whatever becomes of it', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/missing') response.statusCode = 404;
    if (url === '/moved') response.writeHead(301, { location: '/ok' });
    if (url === '/cut')
      response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy());
    else response.end('body');
  });
  const paths = ['/ok', '/missing', '/moved', '/cut'];
  const urls = Array.from({ length: 200 }, (_, i) => {
    const path = paths[i % 5];
    return path === undefined ? 'http://[' : server.url + path;
  });
  const results = await fetchAll(urls, { concurrency: 7 });
  t.deepEqual(
    results.map(({ row: { number } }) => number).toSorted((a, b) => a - b),
    urls.map((_, i) => i + 1),
  );
  for (const { row: from, status, error } of results) {
    const expected = [
      { status: 200, error: null },
      { status: 404, error: null },
      { status: 200, error: null },
      { status: 200, error: 'http-truncated' },
      { status: null, error: 'invalid-url' },
    ][(from.number - 1) % 5];
    t.deepEqual({ status, error }, expected as { status: number | null; error: null }, from.url);
  }
});

test('a result holds the whole answer to what became of the row', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(203, { 'content-type': 'Text/HTML; charset=utf-8' }).end('twelve bytes');
  });
  const before = Date.now();
  const { ms, at, values, rows, trace, ...result } = await fetchOne(`${url}/page`);
  t.deepEqual(result, {
    row: {
      number: 1,
      cells: [`${url}/page`],
      table: { names: ['url'], header: true },
      url: `${url}/page`,
      error: null,
      detail: '',
      json: null,
    },
    status: 203,
    error: null,
    detail: '',
    url: `${url}/page`,
    host: '127.0.0.1',
    type: 'text/html',
    charset: '',
    charsetFrom: '',
    bytes: 12,
    wireBytes: 12,
    attempts: 1,
    sameAs: null,
    sha256: '',
    soft404: null,
    notModified: false,
    change: null,
    page: 1,
    next: '',
    pagesBefore: [],
    redirects: [],
  });
  t.deepEqual([{ ...values }, rows], [{}, null]);
  t.is(trace.remoteIp, '127.0.0.1');
  t.true(at >= before && at <= Date.now());
  t.true(ms !== null && ms > 0 && ms <= Date.now() - before + 1);
});

test('a row that could not be tried has no host, no duration and no attempt', async (t) => {
  const before = Date.now();
  const { at, row: from, values, rows, trace, ...result } = await fetchOne('mailto:me@a.test');
  t.is(from.url, 'mailto:me@a.test');
  t.deepEqual(result, {
    status: null,
    error: 'unsupported-scheme',
    detail: 'mailto is neither http nor https',
    url: '',
    host: '',
    type: '',
    charset: '',
    charsetFrom: '',
    bytes: null,
    wireBytes: null,
    ms: null,
    attempts: 0,
    sameAs: null,
    sha256: '',
    soft404: null,
    notModified: false,
    change: null,
    page: 1,
    next: '',
    pagesBefore: [],
    redirects: [],
  });
  t.deepEqual([{ ...values }, rows], [{}, null]);
  t.is(trace.remoteIp, '');
  t.true(at >= before && at <= Date.now());
});

test('a URL as a string is trimmed for the request and kept as it came in the cell', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const { row: from, status } = await fetchOne(` ${server.url}/a\t`);
  t.is(status, 200);
  t.is(from.url, `${server.url}/a`);
  t.deepEqual(from.cells, [` ${server.url}/a\t`]);
  t.is(server.requests[0]?.url, '/a');
});

test('an empty string is a row without a URL', async (t) => {
  const results = await fetchAll(['', '  ']);
  t.deepEqual(
    results.map(({ error }) => error),
    ['no-url', 'no-url'],
  );
});

test('a row comes back as the same object', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const given = row({ id: '7', url }, 41);
  const result = await fetchOne(given);
  t.is(result.row, given);
});

test('a row that already has an error is not fetched and keeps its words', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const given = { ...row({ url: server.url }), error: 'bad-row' as const, detail: '3 cells' };
  const { error, detail, attempts } = await fetchOne(given);
  t.deepEqual({ error, detail, attempts }, { error: 'bad-row', detail: '3 cells', attempts: 0 });
  t.is(server.requests.length, 0);
});

test('the rows of readUrls() can be piped in', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const results: Result[] = [];
  await pipeline(
    Readable.from([Buffer.from(`id,url\n1,${url}/a\n2,\n`)]),
    readUrls(),
    fetchUrls(),
    async (fetched: AsyncIterable<Result>) => {
      for await (const result of fetched) results.push(result);
    },
  );
  const seen = results.map(({ row: { cells }, status, error }) => [cells[0], cells[1], status, error]);
  t.deepEqual(
    seen.toSorted((a, b) => Number(a[0]) - Number(b[0])),
    [
      ['1', `${url}/a`, 200, null],
      ['2', '', null, 'no-url'],
    ],
  );
});

test('an input without rows gives no results and ends', async (t) => {
  t.deepEqual(await fetchAll([]), []);
});

const wrongItem = test.macro({
  exec: async (t, item: unknown) => {
    const server = await httpServer(t, (_, response) => response.end());
    await t.throwsAsync(fetchAll([server.url, item]), {
      instanceOf: TypeError,
      message: /takes URLs, objects with a url, or the rows of readUrls\(\)/,
    });
    await server.closed();
  },
  title: (name) => `the stream fails on ${name}, and closes its connections`,
});

test('a number', wrongItem, 7);
test('an object without a URL', wrongItem, { uri: 'http://127.0.0.1/' });
test('an object whose URL is none', wrongItem, { url: 7 });
test('a list', wrongItem, ['http://127.0.0.1/']);
test('cells without their table', wrongItem, { cells: ['http://127.0.0.1/'] });

const wrongOption = test.macro({
  exec: (t, options: object, message: RegExp) => {
    t.throws(() => fetchUrls(options as FetchUrlsOptions), { instanceOf: UsageError, message });
  },
  title: (name) => `fetchUrls() refuses ${name}`,
});

test('no concurrency', wrongOption, { concurrency: 0 }, /^concurrency: .*at least 1/);
test('half a connection', wrongOption, { perHost: 1.5 }, /^perHost: /);
test('a timeout of 0', wrongOption, { timeout: 0 }, /^timeout: /);
test('a header without a colon', wrongOption, { header: ['nonsense'] }, /^header: /);
test('two Host headers', wrongOption, { header: ['Host: a.test', 'host: b.test'] }, /Host/i);
test('a rule that is none', wrongOption, { connectTo: 'a:b' }, /^connectTo: .*H1:P1:H2:P2/);
test('an option that does not exist', wrongOption, { concurency: 5 }, /concurency: there is no such option/);
test(
  'a file that is not there',
  wrongOption,
  { cacert: 'no/such.pem' },
  /^--cacert: no\/such\.pem .*no such file/,
);
test('two bodies', wrongOption, { data: 'a', dataFile: 'b' }, /--data and --data-file cannot both/);

test('fetchUrls() refuses a file of certificates that holds none', async (t) => {
  const folder = await temporaryFolder(t, { 'ca.pem': 'nothing of the kind' });
  t.throws(() => fetchUrls({ cacert: `${folder}/ca.pem` }), { instanceOf: UsageError, message: /ca\.pem/ });
});

test('one that reads text may be destroyed before it has begun', async (t) => {
  const fetcher = fetchUrls({ charset: true });
  fetcher.destroy();
  await once(fetcher, 'close');
  t.is(fetcher.errored, null);
});

test('a wrong option of one that reads text ends nothing but the call', async (t) => {
  const options = { charset: true, data: 'a', dataFile: 'b' };
  t.throws(() => fetchUrls(options), { instanceOf: UsageError, message: /cannot both/ });
  const { url } = await httpServer(t, (_, response) => response.end());
  t.is((await fetchOne(url, { charset: true })).charset, '');
});
