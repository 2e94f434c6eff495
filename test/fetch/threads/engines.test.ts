import { EventEmitter, once } from 'node:events';

import test from 'ava';

import { everythingTo, fetchAll, fetchOne, row, urlsOf } from '../../helpers/fetch.ts';
import { httpServer, httpsServer } from '../../helpers/server.ts';
import { certificates } from '../../helpers/certificates.ts';
import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { EngineReply } from '../../../src/fetch/messages.ts';
import { openEngines } from '../../../src/fetch/threads/open-engines.ts';
import { readSaid } from '../../../src/options/resolve.ts';
import { requestOptions } from '../../../src/options/table.ts';
import type { Result } from '../../../src/shared/records.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { plainEngine, requestTo } from './requests.ts';
import { startedWorkers } from './workers.ts';

// Serial, because other tests' threads would be counted too.

test.serial(
  'with four engines a host has no more requests at once, and no more connections, than it may',
  async (t) => {
    const workers = startedWorkers(t);
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    const ports = new Map<string, Set<number>>();
    const server = await httpServer(t, ({ headers: { host = '' } }, response) => {
      const running = (now.get(host) ?? 0) + 1;
      now.set(host, running);
      most.set(host, Math.max(running, most.get(host) ?? 0));
      ports.set(host, (ports.get(host) ?? new Set()).add(response.socket?.remotePort ?? 0));
      response.once('close', () => now.set(host, (now.get(host) ?? 0) - 1));
      setImmediate(() => response.end());
    });
    const hosts = Array.from({ length: 12 }, (_, i) => `h${i}.test`);
    const urls = Array.from({ length: 600 }, (_, i) => `http://${hosts[i % 12]}/${i}`);
    const results = await fetchAll(urls, {
      threads: 4,
      concurrency: 400,
      perHost: 2,
      connectTo: [everythingTo(server)],
    });
    t.is(workers.length, 4);
    t.deepEqual(
      results.map(({ row: { url }, status }) => `${url} ${status}`).toSorted(),
      urls.map((url) => `${url} 200`).toSorted(),
    );
    t.is(server.requests.length, 600);
    for (const host of hosts) {
      t.true((most.get(host) ?? 0) <= 2, `${host}: ${most.get(host)} at once`);
      t.true((ports.get(host)?.size ?? 0) <= 2, `${host}: ${ports.get(host)?.size} connections`);
    }
  },
);

test.serial('requests in flight are no more than --concurrency over all engines', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, (_, response) => {
    held.push(() => response.end());
    if (server.requests.length >= 7) for (const end of held.splice(0)) end();
  });
  const urls = Array.from({ length: 70 }, (_, i) => `http://h${i}.test/`);
  await fetchAll(urls, { threads: 3, concurrency: 7, connectTo: [everythingTo(server)] });
  t.is(server.mostAtOnce(), 7);
});

const ignore = (): void => {};

/** Rows whose first requests are held until their threads are ended; later requests are answered. */
const killed = test.macro(
  async (t, kills: number, method: string, expected: readonly [unknown, unknown, number][]) => {
    const workers = startedWorkers(t);
    const server = await httpServer(t, (_, response) => {
      if (server.requests.length > 6 * kills) response.end();
    });
    const urls = Array.from({ length: 6 }, (_, i) => `http://h${i}.test/`);
    const fetching = fetchAll(urls, {
      threads: 2,
      method,
      retries: 3,
      ordered: true,
      connectTo: [everythingTo(server)],
    });
    for (let i = 1; i <= kills; i++) {
      // oxlint-disable-next-line no-await-in-loop
      await server.requested(6 * i);
      for (const worker of workers.splice(0)) void worker.terminate();
    }
    const results = await fetching;
    t.deepEqual(
      results.map(({ status, error, attempts }) => [status, error, attempts]),
      urls.flatMap(() => expected),
    );
    t.is(server.requests.length, 6 * (attemptsOf(expected) ?? 0));
  },
);

function attemptsOf([first]: readonly [unknown, unknown, number][]): number | undefined {
  return first?.[2];
}

test.serial('an engine that ends gives its rows back, and they are requested again', killed, 1, 'GET', [
  [200, null, 2],
]);
test.serial('a row may outlive two engines', killed, 2, 'GET', [[200, null, 3]]);
test.serial('a row that is lost a third time has failed', killed, 3, 'GET', [[null, 'http-closed', 3]]);
test.serial('what may have changed something is not sent again', killed, 1, 'POST', [
  [null, 'http-closed', 1],
]);

test.serial('threads that end before they have loaded cost no row an attempt', async (t) => {
  const workers = startedWorkers(t, (worker) => void worker.terminate());
  const server = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 20 }, (_, i) => `http://h${i}.test/`);
  const results = await fetchAll(urls, { threads: 2, connectTo: [everythingTo(server)] });
  t.true(results.every(({ status, attempts }) => status === 200 && attempts === 1));
  t.is(results.length, 20);
  t.is(workers.length, 2);
});

test.serial('that a thread has ended is told once', async (t) => {
  const workers = startedWorkers(t);
  const server = await httpServer(t, (_, response) => {
    if (server.requests.length > 2) response.end();
  });
  const notices: string[] = [];
  const fetching = fetchUrls({ threads: 2, connectTo: [everythingTo(server)] });
  fetching.on('notice', (text: string) => notices.push(text));
  fetching.write('http://a.test/');
  fetching.end('http://b.test/');
  await server.requested(2);
  for (const worker of workers) void worker.terminate();
  await fetching.toArray();
  t.is(notices.length, 1);
  t.regex(notices[0] ?? '', /^a thread that fetched has ended \(exit code 1\); its requests are made again$/);
});

test.serial('a run that is stopped ends what its engines have in flight', async (t) => {
  const server = await httpServer(t, () => {});
  const fetching = fetchUrls({ threads: 2, connectTo: [everythingTo(server)] });
  for (let i = 0; i < 6; i++) fetching.write(`http://h${i}.test/`);
  fetching.end();
  await server.requested(6);
  fetching.stop(0);
  const results = (await fetching.toArray()) as Result[];
  t.deepEqual(
    results.map(({ error }) => error),
    Array.from({ length: 6 }, () => 'cancelled'),
  );
  await server.closed();
});

test.serial('when one engine has no socket left, all close their idle connections', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const replies: EngineReply[] = [];
  const events = new EventEmitter();
  const engines = openEngines(readSaid(requestOptions, { connectTo: [everythingTo(server)] }), {
    most: 2,
    isAuto: false,
    ...plainEngine,
    onReply: (reply) => {
      replies.push(reply);
      events.emit('reply');
    },
    onUnknown: ignore,
    onLogin: ignore,
    onBug: (error) => t.fail(error.message),
    notice: ignore,
  });
  t.teardown(() => engines.destroy());
  let id = 0;
  const requestBoth = async (): Promise<void> => {
    const wanted = replies.length + 2;
    for (const origin of ['http://a.test', 'http://b.test']) {
      engines.start(requestTo(origin, id++));
    }
    // oxlint-disable-next-line no-await-in-loop
    while (replies.length < wanted) await once(events, 'reply');
  };
  await requestBoth();
  await requestBoth();
  t.is(server.connections(), 2);
  engines.closeIdle();
  await requestBoth();
  t.is(server.connections(), 4);
  t.true(replies.every(({ status }) => status === 200));
});

test.serial('a stream that is destroyed ends its threads, and leaves no connection', async (t) => {
  const exits: Promise<unknown>[] = [];
  startedWorkers(t, (worker) => exits.push(once(worker, 'exit')));
  const server = await httpServer(t, () => {});
  const fetching = fetchUrls({ threads: 3, connectTo: [everythingTo(server)] });
  for (let i = 0; i < 6; i++) fetching.write(`http://h${i}.test/`);
  await server.requested(6);
  fetching.destroy();
  await server.closed();
  await Promise.all(exits);
  t.is(exits.length, 3);
});

test.serial('a deadline passes in an engine', async (t) => {
  const server = await httpServer(t, () => {});
  const { error } = await fetchOne(server.url, { threads: 2, timeout: '20ms' });
  t.regex(error ?? '', /^(?:connect|headers)-timeout$/);
});

test.serial('addresses are refused by engines', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const { error } = await fetchOne(server.url, { threads: 2, denyPrivate: true });
  t.is(error, 'address-denied');
  t.is(server.requests.length, 0);
});

test.serial('what a row sends comes whole: method, headers, body', async (t) => {
  const server = await httpServer(t, ({ method, headers, body }, response) => {
    response.end(`${method} ${String(headers['x-a'])} ${body}`);
  });
  const rows = Array.from({ length: 50 }, (_, i) => row({ url: server.url, x: `\u00fc${i}` }, i + 1));
  const text = { columns: ['t'], process: (page: { text: () => string }) => ({ t: page.text() }) };
  const options = { method: 'POST', data: 'b={x}', header: ['x-a: {x}'], ordered: true, processors: [text] };
  const [one, more] = [
    await fetchAll(rows, { ...options, threads: 1 }),
    await fetchAll(rows, { ...options, threads: 2 }),
  ];
  t.deepEqual(
    more.map(({ values }) => values),
    one.map(({ values }) => values),
  );
  t.is(server.requests.filter(({ body }) => body === 'b=\u00fc49').length, 2);
});

test.serial(
  'robots.txt, redirects with cookies, Retry-After and names of encodings cross the border',
  async (t) => {
    const server = await httpServer(t, ({ url, headers }, response) => {
      const busy = url === '/busy' && !server.requests.slice(0, -1).some((seen) => seen.url === url);
      if (url === '/robots.txt') response.end('User-agent: *\nDisallow: /no');
      else if (url === '/from') response.writeHead(302, { location: '/to', 'set-cookie': 'a=1' }).end();
      else if (busy) response.writeHead(503, { 'retry-after': '0' }).end();
      else response.setHeader('content-type', 'text/plain;charset=latin1').end(`${url} ${headers.cookie}`);
    });
    const urls = ['/no', '/from', '/busy'].map((path) => server.url + path);
    const options = { robots: true, charset: true, retries: 1, ordered: true };
    const seen = async (threads: number): Promise<unknown[]> => {
      const results = await fetchAll(urls, { ...options, threads });
      return results.map(({ status, error, bytes, charset, redirects, attempts, trace: { remoteIp } }) => {
        return [status, error, bytes, charset, urlsOf(redirects), attempts, remoteIp];
      });
    };
    const expected = [
      [null, 'robots-denied', null, '', [], 0, ''],
      [200, null, 7, 'windows-1252', [urls[1]], 1, '127.0.0.1'],
      [200, null, 15, 'windows-1252', [], 2, '127.0.0.1'],
    ];
    t.deepEqual(await seen(2), expected);
    t.is(server.requests.filter(({ url }) => url === '/robots.txt').length, 1);
  },
);

test.serial(
  'TLS with a certificate of an authority that --cacert names, a client certificate and sessions',
  async (t) => {
    const { good, ca } = await certificates();
    const server = await httpsServer(t, good, (_, response) => response.end());
    const folder = await temporaryFolder(t, { 'ca.pem': ca, 'cert.pem': good.cert, 'key.pem': good.key });
    const options = { cacert: `${folder}/ca.pem`, cert: `${folder}/cert.pem`, key: `${folder}/key.pem` };
    t.is((await fetchOne(server.url, { ...options, threads: 2 })).status, 200);
    t.is((await fetchOne(server.url, { threads: 2 })).error, 'tls-unknown-issuer');
  },
);

test.serial('a short list, and one host, start no thread under auto', async (t) => {
  const workers = startedWorkers(t);
  const server = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 300 }, (_, i) => `${server.url}/${i}`);
  await fetchAll(urls, { threads: 'auto' });
  await fetchAll(
    Array.from({ length: 9 }, (_, i) => `http://h${i}.test/`),
    { threads: 'auto', connectTo: [everythingTo(server)] },
  );
  t.is(workers.length, 0);
});
