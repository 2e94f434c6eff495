import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { TakenLane } from '../../../src/scale/queue/lane-queue.ts';
import { loadPeers } from '../../../src/scale/queue/peers.ts';
import { QueueView } from '../../../src/scale/queue/queue-view.ts';
import { Sides, lanes } from '../../helpers/sides.ts';

test('a queue that was never there is told, though nobody answers what it was asked', async (t) => {
  // When the time is over, the connection is waiting for its next attempt.
  const address = { url: 'redis://127.0.0.1:1', shown: 'redis://127.0.0.1:1' };
  const view = new QueueView(await loadPeers(), address, 'job', 300);
  t.teardown(() => view.close());
  await t.throwsAsync(view.read(), { name: 'QueueLostError', message: /could not be reached.*ECONNREFUSED/ });
});

test('what connections have told is heard before a queue is given up, though the time is over', async (t) => {
  const address = { url: 'redis://127.0.0.1:1', shown: 'redis://127.0.0.1:1' };
  const view = new QueueView(await loadPeers(), address, 'job', 20);
  t.teardown(() => view.close());
  // The connection is started after the pending ticks, and refused while this process is blocked.
  for (let steps = 0; steps < 20; steps++) await new Promise<void>((resolve) => process.nextTick(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  await t.throwsAsync(view.read(), { message: /ECONNREFUSED/ });
});

test('each lane is counted once, though one is taken or given back between any two questions', async (t) => {
  const sides = await Sides.start(t);
  const { queue } = await sides.open(false);
  let taken: TakenLane | null = null;
  const port = await oneByOne(t, sides.redis.port, async () => {
    const given = taken;
    taken = given === null ? await queue.take() : null;
    if (given !== null) await queue.giveBack(given);
  });
  const view = new QueueView(await loadPeers(), { url: `redis://127.0.0.1:${port}`, shown: 'redis' }, 'job');
  t.teardown(() => view.close());
  for (let look = 0; look < 10; look++) {
    const { activeLanes, waitingLanes } = await view.read();
    t.is(activeLanes.length + waitingLanes, lanes.length);
  }
});

/** Forwards a client's commands to a Redis one by one, and does something before each. @returns the port */
async function oneByOne(t: ExecutionContext, redis: number, before: () => Promise<unknown>): Promise<number> {
  const server = net.createServer((client) => {
    const there = net.connect(redis, '127.0.0.1');
    there.pipe(client);
    let turn: Promise<unknown> = Promise.resolve();
    client.on('data', (chunk: Buffer) => {
      // No argument of a command contains a line that looks like the start of one.
      for (const command of chunk.toString().split(/(?<=\r\n)(?=\*\d+\r\n)/)) {
        turn = turn.then(before).then(() => there.write(command));
      }
    });
    for (const [socket, other] of [
      [client, there],
      [there, client],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }
  });
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
