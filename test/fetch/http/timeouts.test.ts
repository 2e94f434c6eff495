import { setTimeout as delay } from 'node:timers/promises';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';
import type { Result } from '../../../src/shared/records.ts';
import { fetchAll, fetchOne, urlsOf } from '../../helpers/fetch.ts';
import { gate } from '../../helpers/gate.ts';
import { givenTime } from '../../helpers/given-time.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';
import { drive } from '../schedule/scheduling.ts';

const whole = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

/** The result of a URL, tried with longer and longer timeouts until it fails as expected at this point. */
async function ended(
  t: ExecutionContext,
  url: string,
  error: FailureCode,
  status: number | null,
  redirects = 0,
): Promise<Result> {
  let timeout = 0;
  const result = await givenTime(
    async (time) => {
      timeout = time;
      return fetchOne(url, { timeout, maxRedirects: 1000 });
    },
    (one) => one.error === error && one.status === status && one.redirects.length >= redirects,
  );
  const { ms, bytes, values } = result;
  t.deepEqual({ error: result.error, status: result.status }, { error, status });
  t.true(ms !== null && ms >= timeout - 2, `${ms} ms`);
  t.not(result.detail, '');
  t.is(bytes, null);
  t.deepEqual({ ...values }, {});
  return result;
}

test('no reply at all is headers-timeout', async (t) => {
  const server = await rawServer(t, () => {});
  await ended(t, server.url, 'headers-timeout', null);
  await server.closed();
});

test('headers that never end are headers-timeout, however steadily they come', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 20);
    socket.once('close', () => clearInterval(drip));
  });
  await ended(t, server.url, 'headers-timeout', null);
  await server.closed();
});

test('nothing but informational replies is headers-timeout', async (t) => {
  const server = await rawServer(t, (socket) => {
    const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
    socket.once('close', () => clearInterval(drip));
  });
  await ended(t, server.url, 'headers-timeout', null);
  await server.closed();
});

const bodyStops = test.macro({
  exec: async (t, headers: string, body: string) => {
    const server = await rawServer(t, (socket) => void socket.write(`${whole}${headers}\r\n\r\n${body}`));
    t.is((await ended(t, server.url, 'body-timeout', 200)).type, 'text/plain');
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
  await ended(t, server.url, 'body-timeout', 200);
  await server.closed();
});

test('a reply that comes just in time is none of it', async (t) => {
  const server = await httpServer(t, (_, response) => setTimeout(() => response.end('x'), 200));
  const { status, error } = await fetchOne(server.url, { timeout: '20s' });
  t.deepEqual({ status, error }, { status: 200, error: null });
});

test('seconds without a byte are no fault while there is time', async (t) => {
  const server = await httpServer(t, (_, response) => {
    // Longer than a timer that periodically looks for silence would allow.
    setTimeout(() => response.write('one'), 2000);
    setTimeout(() => response.end('two'), 4000);
  });
  const { status, error, bytes } = await fetchOne(server.url, { timeout: '60s' });
  t.deepEqual({ status, error, bytes }, { status: 200, error: null, bytes: 6 });
});

test('timeout is used up along a chain of redirects', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    const hop = Number(url.slice(1));
    // The last hop never answers, so the timeout always passes there and cuts off no answer.
    if (hop < 3) setTimeout(() => response.writeHead(302, { location: `/${hop + 1}` }).end(), 60);
  });
  t.is((await ended(t, `${server.url}/0`, 'timeout', null, 3)).redirects.length, 3);
});

test('each hop has the time that those before it left', async (t) => {
  const times: number[] = [];
  const answer = ({ timeout, path }: EngineRequest): Partial<EngineReply> => {
    times.push(timeout);
    if (times.length < 4) return { status: 302, location: `${path}x`, ms: 3000 };
    return { status: null, error: 'headers-timeout', detail: 'late', ms: timeout };
  };
  const { results } = await drive(['http://a.test/'], { lookAhead: 1, timeout: 10_000, answer });
  t.deepEqual(times, [10_000, 7000, 4000, 1000]);
  t.like(results[0], { error: 'timeout', ms: 10_000 });
});

test('a last hop without a reply is timeout as well', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(302, { location: '/on' }).end();
  });
  const result = await ended(t, server.url, 'timeout', null);
  t.deepEqual(urlsOf(result.redirects), [`${server.url}/`]);
  t.is(result.url, `${server.url}/on`);
});

test('a last hop whose body stops is timeout and keeps its status', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(302, { location: '/on' }).end();
    else response.writeHead(200).write('beginning');
  });
  await ended(t, server.url, 'timeout', 200);
});

test('a connection that takes too long after a redirect is still connect-timeout', async (t) => {
  const silent = await rawServer(t, () => {});
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: `https://127.0.0.1:${silent.port}/` }).end();
  });
  const { error, redirects } = await givenTime(
    async (connectTimeout) => fetchOne(server.url, { timeout: '60s', connectTimeout }),
    (one) => one.redirects.length === 1,
  );
  t.is(error, 'connect-timeout');
  t.is(redirects.length, 1);
});

test('waiting for a limit of ours is not part of the time', async (t) => {
  const times: number[] = [];
  const answer = async ({ timeout }: EngineRequest): Promise<Partial<EngineReply>> => {
    times.push(timeout);
    await delay(20);
    return { ms: 300 };
  };
  const urls = Array.from({ length: 8 }, (_, i) => `http://${i % 2 === 0 ? 'a' : 'b'}.test/`);
  const { results } = await drive(urls, { lookAhead: 10, concurrency: 1, timeout: 500, answer });
  t.deepEqual(
    times,
    urls.map(() => 500),
  );
  t.true(results.every(({ error, ms }) => error === null && ms === 300));
});

test('waiting for the host of a redirect is not part of the time either', async (t) => {
  const times: Record<string, number> = {};
  const moved = gate();
  const answer = async ({ url, timeout }: EngineRequest): Promise<Partial<EngineReply>> => {
    times[url] = timeout;
    if (url === 'http://moved.test/') {
      setImmediate(moved.open);
      return { status: 302, location: 'http://busy.test/end', ms: 30 };
    }
    if (url === 'http://busy.test/end') return { ms: 200 };
    await moved.opened;
    // By now the other row is waiting for its turn at this host.
    await delay(50);
    return { ms: 100 };
  };
  const urls = ['http://busy.test/', 'http://moved.test/'];
  const { results } = await drive(urls, { lookAhead: 10, perHost: 1, timeout: 1000, answer });
  t.deepEqual(times, { 'http://busy.test/': 1000, 'http://moved.test/': 1000, 'http://busy.test/end': 970 });
  t.is(results.find(({ host, redirects }) => host === 'busy.test' && redirects.length === 1)?.ms, 230);
});

test('each row has the whole of the time, also on a connection that is used again', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url !== '/3') setTimeout(() => response.end(), 300);
  });
  const urls = ['/1', '/2', '/3', '/4'].map((path) => server.url + path);
  let timeout = 0;
  const results = await givenTime(
    async (time) => {
      timeout = time + 300;
      return fetchAll(urls, { concurrency: 1, timeout });
    },
    (all) => all.every(({ error }, i) => error === null || i === 2),
  );
  t.deepEqual(
    results.map(({ error }) => error),
    [null, null, 'headers-timeout', null],
  );
  t.true((results[2]?.ms ?? 0) >= timeout - 2, `${results[2]?.ms} ms`);
});
