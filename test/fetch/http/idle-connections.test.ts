import { once } from 'node:events';
import net from 'node:net';

import test from 'ava';

import type { Connect } from '../../../src/fetch/connect/shape.ts';
import { Connections } from '../../../src/fetch/http/connections.ts';
import type { Connection } from '../../../src/fetch/http/connection.ts';
import type { Dial } from '../../../src/fetch/connect/dial.ts';
import { rawServer } from '../../helpers/server.ts';
import { requestTo } from '../threads/requests.ts';

/** A dial that never connects. */
const unconnected = (): Dial => ({ destroy: () => {} });

const direct = (): null => null;

const connect: Connect = ({ port }, _, callback) => {
  const socket = net.connect(Number(port), '127.0.0.1', () => {
    const times = { dnsMs: null, connectMs: 1, tlsMs: null, peer: null };
    callback(null, { socket, address: '127.0.0.1', isProxied: false, isPublic: false, ...times });
  });
  return socket;
};

test('the connection that has been idle longest is closed first', (t) => {
  const connections = new Connections(unconnected, direct, 2);
  const a = connections.take('http://a.test', []);
  const b = connections.take('http://b.test', []);
  const c = connections.take('http://c.test', []);
  for (const connection of [b, a, c]) connections.giveBack(connection, true);
  t.deepEqual(isOpen([a, b, c]), [true, false, true]);
  t.is(connections.take('http://a.test', []), a);
  t.is(connections.take('http://c.test', []), c);
  t.not(connections.take('http://b.test', []), b);
});

test('of several to one origin the one that was used last is taken', (t) => {
  const connections = new Connections(unconnected, direct, 5);
  const first = connections.take('http://a.test', []);
  const second = connections.take('http://a.test', []);
  t.not(first, second);
  connections.giveBack(first, true);
  connections.giveBack(second, true);
  t.is(connections.take('http://a.test', []), second);
  t.is(connections.take('http://a.test', []), first);
  t.not(connections.take('http://a.test', []), first);
});

test('close() closes all that are idle, and no others', (t) => {
  const connections = new Connections(unconnected, direct, 5);
  const [a, b, c] = [
    connections.take('http://a.test', []),
    connections.take('http://b.test', []),
    connections.take('http://a.test', []),
  ];
  connections.giveBack(a, true);
  connections.giveBack(b, true);
  connections.close();
  t.deepEqual(isOpen([a, b, c]), [false, false, true]);
});

test('a connection counts how often it was used well', (t) => {
  const connections = new Connections(unconnected, direct, 5);
  const connection = connections.take('http://a.test', []);
  t.is(connection.uses, 0);
  connections.giveBack(connection, true);
  connections.giveBack(connections.take('http://a.test', []), true);
  t.is(connection.uses, 2);
});

test('an idle connection that its server closes is forgotten', async (t) => {
  const ends: (() => void)[] = [];
  const server = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    ends.push(() => socket.end());
  });
  const connections = new Connections(connect, direct, 1);
  t.teardown(() => connections.close());
  const connection = connections.take(server.url, []);
  await exchangeOn(connection, server.url);
  connections.giveBack(connection, true);
  const socket = connection.connected?.socket ?? new net.Socket();
  const gone = once(socket, 'close');
  for (const end of ends) end();
  await gone;
  t.true(connection.isClosed);
  t.not(connections.take(server.url, []), connection);
  // Its place is free: another connection can be idle without any being closed.
  const other = connections.take('http://a.test', []);
  connections.giveBack(other, true);
  t.deepEqual(isOpen([other]), [true]);
});

const hint = test.macro({
  exec: async (t, seconds: number, idleFor: number) => {
    const server = await rawServer(t, (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nkeep-alive: timeout=${seconds}\r\ncontent-length: 0\r\n\r\n`);
    });
    const connections = new Connections(connect, direct, 1);
    t.teardown(() => connections.close());
    const connection = connections.take(server.url, []);
    await exchangeOn(connection, server.url);
    connections.giveBack(connection, true);
    t.deepEqual(isOpen([connection]), [idleFor > 0]);
    t.is(Math.round(connection.idleUntil - connection.idleSince), idleFor);
  },
  title: (name) => `a connection that its server keeps for ${name}`,
});

test('no time is not kept by us', hint, 0, 0);
test('a second is kept by us for half of it', hint, 1, 500);
test('three seconds is kept by us for half of them', hint, 3, 1500);
test('five seconds is kept by us for two less', hint, 5, 3000);
test('ten seconds is kept by us for four', hint, 10, 4000);

test('a connection that has been idle for too long is closed instead of taken', (t) => {
  const connections = new Connections(unconnected, direct, 5);
  const connection = connections.take('http://a.test', []);
  connections.giveBack(connection, true);
  connection.idleUntil = performance.now() - 1;
  t.not(connections.take('http://a.test', []), connection);
  t.deepEqual(isOpen([connection]), [false]);
});

test('a request that may not be sent twice takes no connection that its server may be about to close', (t) => {
  const connections = new Connections(unconnected, direct, 5);
  const connection = connections.take('http://a.test', []);
  connections.giveBack(connection, true);
  connection.idleSince = performance.now() - 900;
  const other = connections.take('http://a.test', [], false);
  t.not(other, connection);
  // It stays idle for requests that may be sent twice.
  t.deepEqual(isOpen([connection]), [true]);
  t.is(connections.take('http://a.test', []), connection);
  connections.giveBack(other, true);
  t.is(connections.take('http://a.test', [], false), other);
});

test('over TLS a connection is taken for its own Host header only', (t) => {
  const connections = new Connections(unconnected, direct, 5);
  const connection = connections.take('https://a.test', ['host', 'b.test']);
  connections.giveBack(connection, true);
  t.not(connections.take('https://a.test', []), connection);
  t.not(connections.take('https://a.test', ['host', 'c.test']), connection);
  t.is(connections.take('https://a.test', ['Host', 'b.test']), connection);
});

/** Something arrives on a connection that served a request, just when it is given the next one. */
const early = test.macro({
  exec: async (t, come: (socket: net.Socket) => void) => {
    let requests = 0;
    const server = await rawServer(t, (socket) => {
      requests++;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
    const connection = new Connections(connect, direct, 1).open(server.url, []);
    t.teardown(() => connection.destroy());
    await exchangeOn(connection, server.url);
    const second = exchangeOn(connection, server.url);
    come(connection.connected?.socket ?? new net.Socket());
    await t.throwsAsync(second, { message: 'the server closed the connection' });
    t.is(requests, 1);
  },
  title: (name) => `a request is not written before all that has come is read: ${name}`,
});

test('the end of the connection', early, (socket) => socket.push(null));
test('bytes that no request has asked for', early, (socket) => socket.push(Buffer.from('HTTP/1.1 200 OK')));

test('the end that follows at once', early, (socket) => setImmediate(() => socket.push(null)));

test('a connection that is idle for too long is closed, though nobody asks for it', async (t) => {
  const server = await rawServer(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  const connections = new Connections(connect, direct, 5);
  t.teardown(() => connections.close());
  const both = [connections.take(server.url, []), connections.take(server.url, [])] as const;
  for (const connection of both) await exchangeOn(connection, server.url);
  for (const connection of both) connections.giveBack(connection, true);
  const [first, second] = both;
  first.idleUntil = performance.now();
  second.idleUntil = Infinity;
  await server.closed(1);
  t.deepEqual(isOpen([first, second]), [false, true]);
});

test('whatever comes in whatever order, the idle ones are those that were given back last', (t) => {
  const mostIdle = 5;
  const connections = new Connections(unconnected, direct, mostIdle);
  const out: Connection[] = [];
  let idle: Connection[] = [];
  let random = 7;
  const next = (below: number): number => {
    random = (random * 48_271) % 0x7fffffff;
    return random % below;
  };
  for (let step = 0; step < 3000; step++) {
    const origin = `http://${'abcdefg'[next(7)]}.test`;
    const [chosen] = next(2) === 0 ? out.splice(next(out.length), 1) : [];
    if (chosen === undefined) {
      const expected = idle.findLast((connection) => connection.key === origin);
      const taken = connections.take(origin, []);
      if (expected === undefined) t.false(idle.includes(taken));
      else t.is(taken, expected);
      t.is(taken.key, origin);
      idle = idle.filter((connection) => connection !== taken);
      out.push(taken);
    } else if (next(4) === 0) {
      connections.drop(chosen);
      t.true(chosen.isClosed);
    } else {
      connections.giveBack(chosen, true);
      idle.push(chosen);
      for (const evicted of idle.splice(0, Math.max(0, idle.length - mostIdle))) t.true(evicted.isClosed);
    }
    t.true(
      [...idle, ...out].every(({ isClosed }) => !isClosed),
      `step ${step}`,
    );
  }
  connections.close();
  t.true(idle.every(({ isClosed }) => isClosed));
});

async function exchangeOn(connection: Connection, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.send({
      request: requestTo(url, 0),
      onConnect: () => true,
      onHead: () => {},
      onData: () => {},
      onWhole: resolve,
      onFault: reject,
    });
  });
}

function isOpen(connections: readonly Connection[]): boolean[] {
  return connections.map(({ isClosed }) => !isClosed);
}
