import { mock } from 'node:test';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';

/** Long enough for what comes before the deadline, also on a busy machine. */
const timeout = 1500;
const whole = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

test('no reply at all is headers-timeout', async (t) => {
  const server = await rawServer(t, () => {});
  endedInTime(t, await fetchOne(server.url, { timeout }), 'headers-timeout', null);
  await server.closed();
});

test('headers that never end are headers-timeout, however steadily they come', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 20);
    socket.once('close', () => clearInterval(drip));
  });
  endedInTime(t, await fetchOne(server.url, { timeout }), 'headers-timeout', null);
  await server.closed();
});

test('nothing but informational replies is headers-timeout', async (t) => {
  const server = await rawServer(t, (socket) => {
    const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
    socket.once('close', () => clearInterval(drip));
  });
  endedInTime(t, await fetchOne(server.url, { timeout }), 'headers-timeout', null);
  await server.closed();
});

const bodyStops = test.macro({
  exec: async (t, headers: string, body: string) => {
    const server = await rawServer(t, (socket) => void socket.write(`${whole}${headers}\r\n\r\n${body}`));
    const result = await fetchOne(server.url, { timeout });
    endedInTime(t, result, 'body-timeout', 200);
    t.is(result.type, 'text/plain');
    await server.closed();
  },
  title: (name) => `a body that stops is body-timeout, and the row keeps its status: ${name}`,
});

test('known length', bodyStops, 'content-length: 10', 'hello');
test('chunked', bodyStops, 'transfer-encoding: chunked', '5\r\nhello\r\n');
test('until the connection closes', bodyStops, 'x: y', 'hello');

test('a body that drips is body-timeout, however steadily it comes', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.write(`${whole}content-length: 1000000\r\n\r\n`);
    const drip = setInterval(() => socket.write('x'), 20);
    socket.once('close', () => clearInterval(drip));
  });
  endedInTime(t, await fetchOne(server.url, { timeout }), 'body-timeout', 200);
  await server.closed();
});

test('a reply that comes just in time is none of it', async (t) => {
  const server = await httpServer(t, (_, response) => setTimeout(() => response.end('x'), 200));
  const { status, error } = await fetchOne(server.url, { timeout: '20s' });
  t.deepEqual({ status, error }, { status: 200, error: null });
});

test('seconds without a byte are no fault while there is time', async (t) => {
  const server = await httpServer(t, (_, response) => {
    // Longer than undici's own timers need to notice.
    setTimeout(() => response.write('one'), 2000);
    setTimeout(() => response.end('two'), 4000);
  });
  const { status, error, bytes } = await fetchOne(server.url, { timeout: '60s' });
  t.deepEqual({ status, error, bytes }, { status: 200, error: null, bytes: 6 });
});

test('timeout is used up along a chain of redirects', async (t) => {
  let hops = 0;
  const server = await httpServer(t, (_, response) => {
    // The last one is silent, so that none is cut off while it answers.
    if (++hops < 10) setTimeout(() => response.writeHead(302, { location: `/${hops}` }).end(), 60);
  });
  const result = await fetchOne(server.url, { timeout, maxRedirects: 1000 });
  endedInTime(t, result, 'timeout', null);
  t.true(hops >= 2, `${hops} hops`);
  t.is(result.redirects.length, hops - 1);
});

test('a last hop without a reply is timeout as well', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(302, { location: '/on' }).end();
  });
  const result = await fetchOne(server.url, { timeout });
  endedInTime(t, result, 'timeout', null);
  t.deepEqual(result.redirects, [`${server.url}/`]);
  t.is(result.url, `${server.url}/on`);
});

test('a last hop whose body stops is timeout and keeps its status', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(302, { location: '/on' }).end();
    else response.writeHead(200).write('beginning');
  });
  endedInTime(t, await fetchOne(server.url, { timeout }), 'timeout', 200);
});

test('a connection that takes too long after a redirect is still connect-timeout', async (t) => {
  const silent = await rawServer(t, () => {});
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: `https://127.0.0.1:${silent.port}/` }).end();
  });
  const { error } = await fetchOne(server.url, { timeout: '60s', connectTimeout: 1500 });
  t.is(error, 'connect-timeout');
});

test('waiting for a limit of ours is not part of the time', async (t) => {
  const server = await httpServer(t, (_, response) => setTimeout(() => response.end(), 300));
  const urls = Array.from({ length: 8 }, () => server.url);
  // In all it takes longer than what one of them has.
  const results = await fetchAll(urls, { concurrency: 1, timeout });
  t.deepEqual(
    results.map(({ error }) => error),
    urls.map(() => null),
  );
  const before = results.map(({ at }) => at);
  t.deepEqual(
    before,
    before.toSorted((a, b) => a - b),
  );
  t.true((before.at(-1) ?? 0) - (before[0] ?? 0) >= 2050);
});

test('waiting for the host of a redirect is not part of the time either', async (t) => {
  let [redirectedAt, freeAt] = [0, 0];
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'moved.test') {
      response.writeHead(302, { location: 'http://busy.test/' }).end();
      redirectedAt = performance.now();
    } else if (freeAt > 0) response.end();
    else {
      setTimeout(() => {
        freeAt = performance.now();
        response.end();
      }, 2000);
    }
  });
  const options = { timeout: '60s', perHost: 1, connectTo: [everythingTo(server)], ordered: true };
  const startedAt = performance.now();
  const [busy, moved] = await fetchAll(['http://busy.test/', 'http://moved.test/'], options);
  const endedAt = performance.now();
  t.is(busy?.error, null);
  t.is(moved?.error, null);
  // All that it took, without the time in which its second host was busy.
  const own = endedAt - startedAt - (freeAt - redirectedAt);
  t.true((moved?.ms ?? Infinity) <= own + 2, `${moved?.ms} of ${own}`);
});

test.serial('each row has the whole of the time, also on a connection that is used again', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const server = await httpServer(t, ({ url }, response) => {
    // Nearly all of the time passes while a row waits; for the third one, more than that.
    mock.timers.tick(url === '/3' ? 2001 : 1999);
    if (url !== '/3') response.end();
  });
  const urls = ['/1', '/2', '/3'].map((path) => server.url + path);
  const results = await fetchAll(urls, { concurrency: 1, timeout: 2000 });
  t.deepEqual(
    results.map(({ error }) => error),
    [null, null, 'headers-timeout'],
  );
});

function endedInTime(t: ExecutionContext, result: Result, error: FailureCode, status: number | null): void {
  const { ms, bytes, values } = result;
  t.deepEqual({ error: result.error, status: result.status }, { error, status });
  t.true(ms !== null && ms >= timeout - 2, `${ms} ms`);
  t.not(result.detail, '');
  t.is(bytes, null);
  t.deepEqual({ ...values }, {});
}
