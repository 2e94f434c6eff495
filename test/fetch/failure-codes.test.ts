import { once } from 'node:events';
import { Readable } from 'node:stream';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { failures } from '../../src/shared/failures.ts';
import type { FailureCode } from '../../src/shared/failures.ts';
import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrls } from '../../src/fetch/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import type { Processor, Result, Row } from '../../src/shared/records.ts';
import { certificates } from '../helpers/certificates.ts';
import type { Certificates } from '../helpers/certificates.ts';
import { row } from '../helpers/fetch.ts';
import { givenTime } from '../helpers/given-time.ts';
import { nameServer } from '../helpers/name-server.ts';
import type { Reply } from '../helpers/name-server.ts';
import { closedPort, httpServer, httpsServer, rawServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Milliseconds of a timeout that is meant to pass. */
const short = 400;

/** A timeout that must not pass before the failure comes: it is longer in each attempt of the test. */
let deadline = short;
const inTime: FetchUrlsOptions = {
  get timeout() {
    return deadline;
  },
};

/** Causes a failure. */
interface Fault {
  /** The failure is that of the last one. */
  readonly items: readonly (string | Row)[];
  readonly options?: FetchUrlsOptions;
  /** Status of the failed row. Default: null. */
  readonly status?: number;
  /** Number of attempts. Default: all that `retries` allows, or one if the failure is not retried. */
  readonly attempts?: number;
  /** Done while the row is being fetched. */
  readonly meanwhile?: (fetcher: FetchUrls) => Promise<void>;
  readonly server?: { readonly closed: () => Promise<void>; readonly connections: () => number };
}

type Make = (t: ExecutionContext) => Promise<Fault> | Fault;

/** A cell for which no request is made. */
const cell =
  (text: string): Make =>
  () => ({ items: [text], attempts: 0 });

/** A name server with this reply. */
const name =
  (reply: Reply | null): Make =>
  async (t) => {
    const server = await nameServer(t, reply === null ? {} : { 'a.test': reply });
    const connectTimeout = reply !== null && 'silent' in reply ? short : 60_000;
    return { items: ['http://a.test/'], options: { dnsServer: [server.address], connectTimeout } };
  };

/** A server with this certificate; its authority is trusted. */
const certificate =
  (which: Exclude<keyof Certificates, 'ca'>): Make =>
  async (t) => {
    const server = await httpsServer(t, (await certificates())[which], (_, response) => response.end());
    return { items: [server.url], server };
  };

/** A server that sends these bytes, and then closes the connection unless `stays` is set. */
const bytes =
  (text: string, status?: number, options: FetchUrlsOptions = {}, stays = false): Make =>
  async (t) => {
    const server = await rawServer(t, (socket) => {
      if (stays) socket.write(text);
      else socket.end(text);
    });
    return { items: [server.url], options, server, ...(status === undefined ? {} : { status }) };
  };

const ok = 'HTTP/1.1 200 OK\r\n';
const found = (location: string): string =>
  `HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;

const process =
  (work: Processor['process'], options: FetchUrlsOptions = {}): Make =>
  async (t) => {
    const server = await httpServer(t, (_, response) => response.end('body'));
    const processors = [{ columns: ['x'], process: work }];
    return { items: [server.url], options: { processors, ...options }, server, status: 200 };
  };

/** One fault for each code. The compiler and the last test make sure that none is missing. */
const faults: Readonly<Record<FailureCode, Make>> = {
  'no-url': cell('  '),
  'invalid-url': cell('http://['),
  'unsupported-scheme': cell('gopher://a.test/'),
  'bad-row': () => ({
    items: [row({ url: 'http://a.test/', id: 'a\nb' })],
    options: { header: ['X-Id: {id}'] },
    attempts: 0,
  }),
  'dns-not-found': name(null),
  'dns-failure': name({ code: 'servfail' }),
  'dns-timeout': name({ silent: true }),
  'connect-refused': async () => ({ items: [`http://127.0.0.1:${await closedPort()}/`] }),
  'connect-timeout': async (t) => {
    const server = await rawServer(t, () => {});
    return { items: [`https://127.0.0.1:${server.port}/`], options: { connectTimeout: short }, server };
  },
  'connect-unreachable': () => ({ items: ['http://255.255.255.255/'] }),
  'connect-reset': async (t) => {
    const server = await rawServer(t, (socket) => socket.resetAndDestroy());
    return { items: [server.url], server };
  },
  'address-denied': async (t) => {
    const server = await httpServer(t, () => t.fail('asked'));
    return { items: [server.url], options: { denyPrivate: true }, server };
  },
  'tls-expired': certificate('expired'),
  'tls-self-signed': certificate('selfSigned'),
  'tls-unknown-issuer': certificate('unknownIssuer'),
  'tls-wrong-host': async (t) => {
    const { wrongHost, ca } = await certificates();
    const server = await httpsServer(t, wrongHost, (_, response) => response.end());
    const cacert = `${await temporaryFolder(t, { 'ca.pem': ca })}/ca.pem`;
    return { items: [server.url], options: { cacert }, server };
  },
  'tls-handshake': async (t) => {
    const server = await rawServer(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    return { items: [`https://127.0.0.1:${server.port}/`], server };
  },
  'http-malformed': bytes('SSH-2.0-OpenSSH_9.2\r\n'),
  'http-closed': bytes(''),
  'http-truncated': bytes(`${ok}content-length: 10\r\n\r\nhello`, 200),
  'headers-too-large': bytes(`${ok}x: ${'a'.repeat(270_000)}\r\n\r\n`),
  'headers-timeout': bytes(ok, undefined, inTime, true),
  timeout: async (t) => {
    const server = await httpServer(t, ({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/on' }).end();
    });
    return { items: [server.url], options: inTime, server };
  },
  'body-too-large': bytes(`${ok}\r\n${'x'.repeat(101)}`, 200, { maxBody: 100 }),
  'body-undecodable': bytes(`${ok}content-encoding: gzip\r\n\r\nplain text`, 200),
  'body-timeout': bytes(`${ok}content-length: 10\r\n\r\nhello`, 200, inTime, true),
  'redirect-loop': bytes(found('/'), 302),
  'redirect-limit': async (t) => {
    const server = await httpServer(t, ({ url }, response) => {
      response.writeHead(302, { location: `${url}x` }).end();
    });
    return { items: [server.url], options: { maxRedirects: 3 }, status: 302, server };
  },
  'redirect-invalid': bytes(found('http://['), 302),
  'redirect-denied': bytes(found('file:///etc/passwd'), 302),
  'host-down': async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`;
    return {
      items: Array.from({ length: 6 }, () => url),
      options: { ordered: true, concurrency: 1, retries: 0 },
      attempts: 0,
    };
  },
  'robots-denied': async (t) => {
    const server = await httpServer(t, (_, response) => response.end('User-agent: *\nDisallow: /'));
    return { items: [`${server.url}/page`], options: { robots: true }, attempts: 0, server };
  },
  'process-failed': process(() => {
    throw new RangeError('on purpose');
  }),
  'process-timeout': process(async () => new Promise(() => {}), inTime),
  cancelled: async (t) => {
    const server = await httpServer(t, () => {});
    const meanwhile = async (fetcher: FetchUrls): Promise<void> => {
      await server.requested(1);
      fetcher.stop(1);
    };
    return { items: [server.url], meanwhile, server };
  },
};

const fails = test.macro({
  exec: async (t, code: FailureCode) => {
    const { items, options, status = null, meanwhile, server, ...fault } = await faults[code](t);
    const timers = activeTimers();
    const result = await givenTime(
      async (time) => {
        deadline = time;
        const fetcher = fetchUrls({ retries: 1, maxWait: 1, ...options });
        const results: Result[] = [];
        fetcher.on('data', (one: Result) => results.push(one));
        Readable.from(items).pipe(fetcher);
        await Promise.all([once(fetcher, 'close'), meanwhile?.(fetcher)]);
        t.is(results.length, items.length);
        return results.at(-1);
      },
      (one) => one?.error === code,
    );
    t.is(result?.error, code, result?.detail);
    t.is(result?.status, status);
    const attempts = fault.attempts ?? (failures[code].retry ? 2 : 1);
    t.is(result?.attempts, attempts);
    if (attempts === 0) t.is(result?.ms, null);
    else t.is(typeof result?.ms, 'number');
    // For an empty cell the code says everything.
    if (code !== 'no-url') t.not(result?.detail, '');
    const { bytes: size, values } = result ?? {};
    t.is(size, code.startsWith('process-') ? 4 : null);
    t.deepEqual({ ...values }, {});
    t.is(activeTimers(), timers);
    await server?.closed();
  },
  title: (_, code: FailureCode) => code,
});

// One after the other, because each test checks the whole process for leftovers.
for (const code of Object.keys(failures) as FailureCode[]) test.serial(fails, code);

test('each code has a fault', (t) => {
  t.deepEqual(Object.keys(faults), Object.keys(failures));
});

/** Timers that keep the process alive. */
function activeTimers(): number {
  return globalThis.process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
}
