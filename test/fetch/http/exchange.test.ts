import test from 'ava';

import { connector } from '../../../src/fetch/connect/connect.ts';
import type { Connect } from '../../../src/fetch/connect/shape.ts';
import { Connections } from '../../../src/fetch/http/connections.ts';
import type { Connection } from '../../../src/fetch/http/connection.ts';
import { HttpEngine } from '../../../src/fetch/http/engine.ts';
import type { EngineOptions } from '../../../src/fetch/http/engine.ts';
import { Exchange } from '../../../src/fetch/http/exchange.ts';
import type { ExchangeOwner } from '../../../src/fetch/http/exchange.ts';
import type { EngineReply } from '../../../src/fetch/messages.ts';
import { tlsClient } from '../../../src/fetch/connect/tls-files.ts';
import { Lease, moment } from '../../../src/shared/lease.ts';
import { sameBytes } from '../../helpers/same.ts';
import { rawServer } from '../../helpers/server.ts';
import { requestTo } from '../threads/requests.ts';

const okay = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const connect = connector({
  connectTimeout: 10_000,
  names: { lookup: () => [] },
  tls: tlsClient(
    { insecure: true, ca: undefined, added: null, cert: null, key: null },
    { environment: {}, notice: () => {}, readsPeers: false },
  ),
  rules: [],
  proxyFor: () => null,
  onBug: (error) => {
    throw error;
  },
});

function throwing(): never {
  throw new TypeError('ours');
}

/** The error of an exchange in which our own code has a bug. */
const ours = test.macro({
  exec: async (t, spoil: (exchange: Exchange) => Partial<ExchangeOwner>) => {
    const server = await rawServer(t, (socket) => socket.write(okay));
    const connection = new Connections(connect, () => null, 1).open(server.url, []);
    t.teardown(() => connection.destroy());
    const bug = await new Promise<Error>((resolve, reject) => {
      const owner: ExchangeOwner = {
        keepBody: true,
        largeBodies: null,
        traces: false,
        onEnd: ({ error }) => reject(new Error(`it has ended with ${error}`)),
        onStale: () => reject(new Error('it was stale')),
        onUnknown: (_, error) => reject(error),
        onBug: resolve,
      };
      const exchange: Exchange = new Exchange(requestTo(server.url, 0), connection, {
        ...owner,
        get traces() {
          return spoiled.traces ?? false;
        },
        get lease() {
          return spoiled.lease ?? null;
        },
        onEnd: (ended) => (spoiled.onEnd ?? owner.onEnd)(ended),
      });
      const spoiled = spoil(exchange);
      exchange.dispatch();
    });
    t.is(bug.message, 'ours');
  },
  title: (where) => `what our own code throws ${where} is a bug, and no failure of the row`,
});

test('when a connection stands', ours, () => ({
  get lease() {
    return throwing();
  },
}));
test('at the headers', ours, () => ({
  get traces() {
    return throwing();
  },
}));
test('at the body', ours, (exchange) => {
  exchange.chunks.push = throwing;
  return {};
});
test('at the end', ours, () => ({ onEnd: throwing }));

test('a body that comes in very many pieces is not kept in as many', (t) => {
  const connection = new Connections(connect, () => null, 1).open('http://a.test', []);
  const owner = { keepBody: true, largeBodies: null, traces: false, onEnd: throwing, onStale: throwing };
  const request = { ...requestTo('http://a.test', 0), maxBody: 1e6 };
  const exchange = new Exchange(request, connection, {
    ...owner,
    onUnknown: throwing,
    onBug: (bug) => t.fail(bug.stack),
  });
  const pieces = Array.from({ length: 100_000 }, (_, i) => Buffer.of(i % 256));
  for (const piece of pieces) exchange.onData(piece);
  t.true(exchange.chunks.length < 2000, `${exchange.chunks.length} pieces`);
  sameBytes(t, Buffer.concat(exchange.chunks), Buffer.concat(pieces));
});

/** The reply to one request, and the reported bugs and unknown errors. */
async function engineReply(
  origin: string,
  options: Pick<EngineOptions, 'connect' | 'lease'>,
): Promise<{ reply: EngineReply | null; bugs: Error[]; unknown: string[] }> {
  const bugs: Error[] = [];
  const unknown: string[] = [];
  const reply = await new Promise<EngineReply | null>((resolve) => {
    const engine = new HttpEngine({
      pages: false,
      proxyFor: () => null,
      traces: false,
      exchanges: false,
      charsets: false,
      digests: false,
      likenesses: false,
      largeBodies: null,
      strict: false,
      notice: (text) => unknown.push(text),
      onLogin: (words) => bugs.push(new Error(words)),
      idleConnections: 1,
      onReply: (given) => resolve(given),
      onUnknown: (words) => unknown.push(words),
      onBug: (error) => {
        bugs.push(error);
        engine.destroy();
        resolve(null);
      },
      ...options,
    });
    engine.start(requestTo(origin, 0));
  });
  return { reply, bugs, unknown };
}

test('what our own code throws while it connects is a bug, and no failure of the row', async (t) => {
  const { bugs, unknown } = await engineReply('http://a.test', { connect: throwing });
  t.deepEqual(
    bugs.map(({ message }) => message),
    ['ours'],
  );
  t.deepEqual(unknown, []);
});

const failing: Connect = (_, __, callback) => {
  setImmediate(() => callback(Object.assign(new Error('odd'), { code: 'ODD' }), null));
  return { destroy: () => {} };
};

const underLease = test.macro({
  exec: async (t, milliseconds: number, expected: readonly unknown[]) => {
    const sent: string[] = [];
    const server = await rawServer(t, (socket, request) => {
      sent.push(request);
      socket.end(okay);
    });
    const lease = new Lease();
    const slow: Connect = (target, denyPrivate, callback) =>
      connect(target, denyPrivate, (error, connected) => {
        // The lease's remaining time is set while the connection is being made.
        lease.set(moment(), milliseconds);
        callback(error, connected);
      });
    const { reply } = await engineReply(server.url, { connect: slow, lease });
    // By then the server has seen everything that was written.
    await server.closed();
    t.deepEqual([reply?.error, sent.length], expected);
  },
  title: (_, milliseconds: number) =>
    `a request whose lease is left ${milliseconds} ms when its connection stands`,
});

test(underLease, 60_000, [null, 1]);
test(underLease, 0, ['cancelled', 0]);

test('an error that nobody knows is a failure of the row, and is told', async (t) => {
  const { reply, bugs, unknown } = await engineReply('http://a.test', { connect: failing });
  t.deepEqual([reply?.error, reply?.detail], ['connect-unreachable', 'odd']);
  t.is(unknown.length, 1);
  t.regex(unknown[0] ?? '', /^http:\/\/a\.test: .*\bodd\b/);
  t.deepEqual(bugs, []);
});

const died = test.macro({
  exec: (t, method: string, uses: number, isWritten: boolean, expected: string) => {
    const send = (exchange: Exchange): void => {
      if (isWritten) exchange.onConnect();
      exchange.onFault(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    };
    const connection = { uses, proxy: null, send, hasAnswered: false };
    let outcome = '';
    const owner: ExchangeOwner = {
      keepBody: true,
      largeBodies: null,
      traces: false,
      onEnd: ({ error }) => (outcome = `${error}`),
      onStale: () => (outcome = 'sent again'),
      onUnknown: () => t.fail(),
      onBug: (error) => t.fail(error.message),
    };
    const request = { ...requestTo('http://a.test', 0), method };
    new Exchange(request, connection as unknown as Connection, owner).dispatch();
    t.is(outcome, expected);
  },
  title: (_, method: string, uses, isWritten) =>
    `a connection ends ${uses === 0 ? 'that was new' : 'that had worked'}, ${method} was ${isWritten ? '' : 'not yet '}written`,
});

test(died, 'GET', 1, true, 'sent again');
test(died, 'GET', 1, false, 'sent again');
test(died, 'GET', 0, true, 'connect-reset');
test(died, 'GET', 0, false, 'connect-reset');
test(died, 'POST', 1, true, 'connect-reset');
test(died, 'POST', 1, false, 'sent again');
test(died, 'POST', 0, false, 'connect-reset');
