import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

import type { ExecutionContext } from 'ava';

export interface FullListener {
  readonly port: number;
  /** Lets it accept from now on; whoever tried in vain is let in at the next try of the system, after a second. */
  readonly accept: () => void;
}

/** Listens in a thread that does nothing else, not even accept. */
const listenAndFreeze = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}));
  server.listen({ host: workerData.host, port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(workerData.flag, 0, 0));
  });
`;

/** A listener whose queue is full: for a client it is an address that never answers. */
export async function fullListener(t: ExecutionContext, host: string): Promise<FullListener> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(listenAndFreeze, { eval: true, workerData: { flag, host } });
  const accept = (): void => {
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  };
  t.teardown(async () => {
    accept();
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  while (await connects(t, host, port));
  return { port, accept };
}

/** Takes one place of the queue; says whether there was one. */
async function connects(t: ExecutionContext, host: string, port: number): Promise<boolean> {
  const socket: Socket = net.connect(port, host);
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  return new Promise((resolve) => {
    // On the loopback it takes far less when there is room; the next turn is for a process that was held up.
    const timer = setTimeout(() => {
      setImmediate(() => {
        if (!socket.connecting) return;
        socket.destroy();
        resolve(false);
      });
    }, 200);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
