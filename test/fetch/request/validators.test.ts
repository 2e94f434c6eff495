import { createHash } from 'node:crypto';

import test from 'ava';

import { validatorsFor } from '../../../src/fetch/request/validators.ts';
import type { Earlier } from '../../../src/shared/records.ts';
import { fetchAll, fetchOne, row } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import type { Answer } from '../../helpers/server.ts';

const url = 'http://a.test/page?q';
const date = 'Thu, 01 Jan 2026 00:00:00 GMT';

const gives = test.macro({
  exec: (t, earlier: Partial<Earlier>, expected: readonly string[], sent: readonly string[] = []) => {
    t.deepEqual(validatorsFor({ url, ...earlier }, `${url}#part`, sent), expected);
  },
  title: (what) => `validators: ${what}`,
});

test('a strong tag as it came', gives, { etag: '"a,b"' }, ['if-none-match', '"a,b"']);
test('a weak tag as it came', gives, { etag: 'W/"a"' }, ['if-none-match', 'W/"a"']);
test('a tag without quotes as it came', gives, { etag: 'a-1' }, ['if-none-match', 'a-1']);
test('a date as it came', gives, { lastModified: 'yesterday' }, ['if-modified-since', 'yesterday']);
test('both where there are both', gives, { etag: '"a"', lastModified: date }, [
  'if-none-match',
  '"a"',
  'if-modified-since',
  date,
]);
test('none where there is none', gives, { etag: '', lastModified: '' }, []);
test('none for another URL', gives, { etag: '"a"', url: 'http://a.test/other?q' }, []);
test('none for another origin', gives, { etag: '"a"', url: 'http://b.test/page?q' }, []);
test('those of a URL with another fragment', gives, { etag: '"a"', url: `${url}#x` }, [
  'if-none-match',
  '"a"',
]);
test('bytes beyond ASCII, a character each', gives, { etag: '"\u00e9\u00ff"' }, [
  'if-none-match',
  '"\u00e9\u00ff"',
]);
test('no text that is not of bytes', gives, { etag: '"\u20ac"' }, []);
test(
  'no line end, which would begin another header',
  gives,
  { etag: '"a"\r\nx: y', lastModified: 'a\nb' },
  [],
);
test(
  "none beside the user's own tag",
  gives,
  { etag: '"a"', lastModified: date },
  [],
  ['If-None-Match', '"mine"'],
);
test("none beside the user's own date", gives, { etag: '"a"' }, [], ['if-modified-since', date]);
test("none beside another condition of the user's", gives, { etag: '"a"' }, [], ['If-Match', '"b"']);

const known: Answer = ({ headers }, response) => {
  response.setHeader('ETag', '"1"');
  if (headers['if-none-match'] === '"1"') response.writeHead(304, { 'content-length': 9 }).end();
  else response.end('<p>a page');
};

/** A processor that shows whether it was given the page. */
const seeing = { columns: ['seen'], process: () => ({ seen: true }) };

test('a row that knows its URL from before gets no page that is not newer, and its values are not taken again', async (t) => {
  const server = await httpServer(t, known);
  const earlier = { url: `${server.url}/`, etag: '"1"' };
  const [again, first] = await fetchAll(
    [{ ...row({ url: server.url }), earlier }, row({ url: server.url })],
    {
      ordered: true,
      processors: [seeing],
      sha256: true,
    },
  );
  t.like(again, { status: 304, error: null, notModified: true, bytes: null, wireBytes: 0, sha256: '' });
  t.deepEqual({ ...again?.values }, {});
  t.like(first, { status: 200, notModified: false, bytes: 9, values: { seen: true } });
  t.is(first?.sha256, createHash('sha256').update('<p>a page').digest('hex'));
});

test('304 to a request that was not conditional is an answer like any other', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(304).end());
  const result = await fetchOne(server.url, { processors: [seeing] });
  t.like(result, { status: 304, error: null, notModified: false, values: { seen: true } });
});

const asked = test.macro({
  exec: async (t, options: Parameters<typeof fetchOne>[1], expected: boolean) => {
    const server = await httpServer(t, known);
    const earlier = { url: `${server.url}/`, etag: '"1"' };
    await fetchOne({ ...row({ url: server.url }), earlier }, options);
    t.is(server.requests.at(-1)?.headers['if-none-match'] === '"1"', expected);
  },
  title: (what) => `${what}`,
});

test('GET is conditional', asked, {}, true);
test('HEAD is conditional', asked, { head: true }, true);
test('POST is not conditional', asked, { method: 'POST' }, false);
test('GET with a body is not conditional', asked, { method: 'GET', data: 'a' }, false);
test('OPTIONS is not conditional', asked, { method: 'OPTIONS' }, false);

test('robots.txt is asked for without conditions, whatever the row knows', async (t) => {
  const server = await httpServer(t, (request, response) => {
    if (request.url === '/robots.txt') response.end('user-agent: *\ndisallow: /no\n');
    else known(request, response);
  });
  const robots = `${server.url}/robots.txt`;
  const [of] = await fetchAll([{ ...row({ url: robots }), earlier: { url: robots, etag: '"1"' } }], {
    robots: true,
  });
  t.is(of?.status, 200);
  t.deepEqual(
    server.requests.map(({ url: path, headers }) => [path, headers['if-none-match']]),
    [
      ['/robots.txt', undefined],
      ['/robots.txt', '"1"'],
    ],
  );
});

test('along a chain of redirects only the URL that answered before is asked under conditions', async (t) => {
  const server = await httpServer(t, (request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b', etag: '"1"' }).end();
    else known(request, response);
  });
  const earlier = { url: `${server.url}/b`, etag: '"1"' };
  const result = await fetchOne({ ...row({ url: `${server.url}/a` }), earlier });
  t.like(result, { status: 304, notModified: true, url: `${server.url}/b` });
  t.deepEqual(
    server.requests.map(({ headers }) => headers['if-none-match']),
    [undefined, '"1"'],
  );
});

test('a chain that leads elsewhere now tells the stranger nothing', async (t) => {
  const stranger = await httpServer(t, known);
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: `${stranger.url}/b` }).end();
  });
  const earlier = { url: `${server.url}/b`, etag: '"1"' };
  const result = await fetchOne({ ...row({ url: `${server.url}/a` }), earlier });
  t.is(result.status, 200);
  t.is(stranger.requests[0]?.headers['if-none-match'], undefined);
});

test('what a tag is made of comes back byte by byte', async (t) => {
  const bytes = Buffer.from('"\u00fc\u20ac"').toString('latin1');
  const server = await httpServer(t, (_, response) => {
    // With a string as the body, Node would send it and all headers in UTF-8.
    response.setHeader('ETag', bytes).end(Buffer.from('a'));
  });
  const first = await fetchOne(server.url);
  const earlier = { url: first.url, etag: first.trace.etag };
  await fetchOne({ ...row({ url: server.url }), earlier });
  t.is(server.requests[1]?.headers['if-none-match'], bytes);
});

test('with --once rows share a result only where they know the same', async (t) => {
  const server = await httpServer(t, known);
  const at = row({ url: server.url });
  const earlier = { url: `${server.url}/`, etag: '"1"' };
  const rows = [at, { ...at, number: 2, earlier }, { ...at, number: 3, earlier }, { ...at, number: 4 }];
  const results = await fetchAll(rows, { once: true, ordered: true });
  t.deepEqual(
    results.map(({ status, notModified, sameAs }) => [status, notModified, sameAs]),
    [
      [200, false, null],
      [304, true, null],
      [304, true, 2],
      [200, false, 1],
    ],
  );
});
