import type { Socket } from 'node:net';

import test from 'ava';

import type { Processor, Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll, fetchOne, urlsOf } from '../../helpers/fetch.ts';
import { givenTime } from '../../helpers/given-time.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

/** Back-offs of at most a millisecond. */
const quick = { retries: 3, maxWait: 1 };

for (const status of [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530]) {
  test(`${status} is tried again, and what comes at last counts`, async (t) => {
    const server = await httpServer(t, (_, response) => {
      response.writeHead(server.requests.length < 2 ? status : 200).end('ok');
    });
    t.like(await fetchOne(server.url, quick), { status: 200, error: null, attempts: 2, bytes: 2 });
    t.is(server.requests.length, 2);
  });
}

for (const status of [200, 304, 400, 401, 404, 410, 418, 501, 505, 511]) {
  test(`${status} is not tried again`, async (t) => {
    const server = await httpServer(t, (_, response) => response.writeHead(status).end());
    t.like(await fetchOne(server.url, quick), { status, error: null, attempts: 1 });
    t.is(server.requests.length, 1);
  });
}

for (const [status, attempts] of [
  [413, 2],
  [403, 1],
] as const) {
  test(`${status} with Retry-After: ${attempts === 1 ? 'final' : 'tried again'}`, async (t) => {
    const server = await httpServer(t, (_, response) => {
      response.writeHead(server.requests.length < 2 ? status : 200, { 'retry-after': '0' }).end();
    });
    t.like(await fetchOne(server.url, { retries: 3 }), { status: attempts === 1 ? status : 200, attempts });
  });
}

test('--retry-status says which may pass', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    const again = server.requests.filter((seen) => seen.url === url).length > 1;
    response.writeHead(again ? 200 : Number(url.slice(1))).end();
  });
  const urls = [403, 404, 500, 503].map((status) => `${server.url}/${status}`);
  const results = await fetchAll(urls, { ...quick, retryStatus: '403,500-502', ordered: true });
  t.deepEqual(
    results.map(({ status }) => status),
    [200, 404, 200, 503],
  );
});

for (const retries of [0, 1, 4]) {
  test(`after ${retries} retries the last status stays`, async (t) => {
    const server = await httpServer(t, (_, response) => {
      response
        .writeHead(server.requests.length > retries ? 502 : 503)
        .end('x'.repeat(server.requests.length));
    });
    const result = await fetchOne(server.url, { retries, maxWait: 1 });
    t.like(result, { status: 502, error: null, attempts: retries + 1, bytes: retries + 1 });
    t.is(server.requests.length, retries + 1);
  });
}

test('nothing that an earlier attempt had stays in the result', async (t) => {
  const server = await httpServer(t, (_, response) => {
    if (server.requests.length > 1) response.destroy();
    else response.writeHead(503, { 'content-type': 'text/plain', etag: '"1"' }).end('away');
  });
  const result = await fetchOne(server.url, { retries: 1, maxWait: 1 });
  t.like(result, { status: null, error: 'http-closed', attempts: 2, type: '', bytes: null, wireBytes: null });
  t.is(result.trace.etag, '');
});

test('time and duration are those of the last attempt', async (t) => {
  let firstEndedAt = Infinity;
  const server = await httpServer(t, (_, response) => {
    if (server.requests.length > 1) return void response.end();
    setTimeout(() => {
      firstEndedAt = Date.now();
      response.writeHead(500).end();
    }, 400);
    return undefined;
  });
  const { ms, at, attempts } = await fetchOne(server.url, { retries: 1, maxWait: 1 });
  t.is(attempts, 2);
  t.true(at >= firstEndedAt - 1, `${at - firstEndedAt}`);
  t.true(ms !== null && ms <= Date.now() - at + 1, `${ms}`);
});

test('a retry begins at the own URL of the row again, with nothing of the attempt before', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/start') response.writeHead(302, { location: '/end', 'set-cookie': 'a=1' }).end();
    else response.writeHead(server.requests.length < 4 ? 503 : 200).end();
  });
  const result = await fetchOne(`${server.url}/start`, quick);
  t.deepEqual(
    server.requests.map(({ url, headers }) => [url, headers.cookie]),
    [
      ['/start', undefined],
      ['/end', 'a=1'],
      ['/start', undefined],
      ['/end', 'a=1'],
    ],
  );
  t.like(result, { status: 200, attempts: 2, url: `${server.url}/end` });
  t.deepEqual(urlsOf(result.redirects), [`${server.url}/start`]);
});

test('POST is sent once, whatever becomes of it', async (t) => {
  const paths = ['/closed', '/cut', '/late', '/reset', '/status'];
  const posted = async (timeout: number): Promise<{ server: TestServer; results: Result[] }> => {
    const server = await httpServer(t, ({ url }, response) => {
      if (url === '/closed') response.destroy();
      else if (url === '/reset') (response.socket as Socket).resetAndDestroy();
      else if (url === '/cut')
        response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy());
      else if (url !== '/late') response.writeHead(503).end();
    });
    const urls = paths.map((path) => server.url + path);
    return { server, results: await fetchAll(urls, { ...quick, method: 'POST', data: 'x', timeout }) };
  };
  const { server, results } = await givenTime(
    posted,
    (all) => all.results.filter(({ error }) => error?.endsWith('timeout')).length === 1,
  );
  t.deepEqual(
    results.map(({ row, error, attempts }) => `${new URL(row.url).pathname} ${error} ${attempts}`).toSorted(),
    [
      '/closed http-closed 1',
      '/cut http-truncated 1',
      '/late headers-timeout 1',
      '/reset connect-reset 1',
      '/status null 1',
    ],
  );
  t.deepEqual(server.requests.map(({ url }) => url).toSorted(), paths);
});

test('POST that was answered by a redirect is not sent again, though what follows is GET', async (t) => {
  const server = await httpServer(t, ({ method }, response) => {
    if (method === 'POST') response.writeHead(303, { location: '/result' }).end();
    else response.writeHead(503).end();
  });
  const result = await fetchOne(server.url, { ...quick, method: 'POST', data: 'x' });
  t.like(result, { status: 503, attempts: 1, url: `${server.url}/result` });
  t.deepEqual(
    server.requests.map(({ method }) => method),
    ['POST', 'GET'],
  );
});

test('POST that was never sent is tried again', async (t) => {
  const result = await fetchOne('http://a.test/', {
    retries: 2,
    maxWait: 1,
    method: 'POST',
    connectTo: ['::127.0.0.1:1'],
  });
  t.like(result, { error: 'connect-refused', attempts: 3 });
});

test('an error page that no processor can read is tried again all the same', async (t) => {
  const server = await httpServer(t, (_, response) => {
    if (server.requests.length < 3) response.writeHead(503).end('<h1>away</h1>');
    else response.end('{"a":1}');
  });
  const json: Processor = {
    columns: ['a'],
    process: (page) => ({ a: (JSON.parse(page.text()) as { a: number }).a }),
  };
  const result = await fetchOne(server.url, { ...quick, processors: [json] });
  t.like(result, { status: 200, error: null, attempts: 3 });
});

test('a connection that died idle is replaced at once, which is no attempt', async (t) => {
  const used = new WeakSet<Socket>();
  const server = await rawServer(t, (socket) => {
    if (used.has(socket)) socket.destroy();
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    used.add(socket);
  });
  const urls = Array.from({ length: 5 }, () => server.url);
  const results = await fetchAll(urls, { concurrency: 1, retries: 0 });
  t.true(results.every(({ status, attempts }) => status === 200 && attempts === 1));
  t.is(server.connections(), 5);
});

test('a new connection that dies is an attempt', async (t) => {
  const server = await rawServer(t, (socket) => socket.destroy());
  t.like(await fetchOne(server.url, quick), { error: 'http-closed', attempts: 4 });
  t.is(server.connections(), 4);
});

test('never more at once than --per-host, with retries and redirects too', async (t) => {
  const seen = new Map<string, number>();
  const server = await httpServer(t, ({ url }, response) => {
    const count = (seen.get(url) ?? 0) + 1;
    seen.set(url, count);
    setImmediate(() => {
      if (url.startsWith('/moved')) response.writeHead(302, { location: url.replace('moved', 'end') }).end();
      else response.writeHead(count < 3 ? 500 : 200).end();
    });
  });
  const urls = Array.from({ length: 40 }, (_, i) => `http://a.test/${i % 2 === 0 ? 'moved' : 'end'}/${i}`);
  const results = await fetchAll(urls, { ...quick, perHost: 3, connectTo: [everythingTo(server)] });
  t.true(results.every(({ status, attempts }) => status === 200 && attempts === 3));
  t.is(results.length, 40);
  t.true(server.mostAtOnce() <= 3, `${server.mostAtOnce()}`);
  t.is(server.requests.length, 20 * 3 + 20 * 6);
});
