import dgram from 'node:dgram';
import { once } from 'node:events';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { NameSockets } from '../../../src/fetch/names/sockets.ts';

/** Sockets to a server that never answers, and the client ports it has seen. */
async function socketsToNobody(t: ExecutionContext) {
  const server = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  const ports = new Set<number>();
  server.on('message', (_, { port }) => ports.add(port));
  const { address, port } = server.address();
  const sockets = new NameSockets(
    { address, port },
    { onMessage: () => {}, onLost: () => t.fail(), onError: () => t.fail() },
  );
  t.teardown(() => {
    sockets.close();
    server.close();
  });
  return { sockets, ports };
}

const message = Buffer.from('question');

test('a socket gets no more than a hundred questions while others can be had', async (t) => {
  const { sockets } = await socketsToNobody(t);
  const counts = new Map<unknown, number>();
  for (let i = 0; i < 10_000; i++) {
    const socket = sockets.send(message);
    counts.set(socket, (counts.get(socket) ?? 0) + 1);
    sockets.release(socket);
  }
  t.is(Math.max(...counts.values()), 100);
});

test('any number of questions that wait takes a few sockets', async (t) => {
  const { sockets } = await socketsToNobody(t);
  const used = new Set(Array.from({ length: 20_000 }, () => sockets.send(message)));
  t.is(used.size, 32);
});

test('no port is like the one before', async (t) => {
  const { sockets, ports } = await socketsToNobody(t);
  const used = Array.from({ length: 200 }, () => sockets.send(message));
  while (ports.size < new Set(used).size) await new Promise(setImmediate);
  t.true(ports.size >= 8);
});
