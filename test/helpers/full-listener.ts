import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

import type { ExecutionContext } from 'ava';

export interface FullListener {
  readonly port: number;
  /**
   * Accepts connections from now on. A client that tried before gets in at the system's next SYN retry, after
   * a second.
   */
  readonly accept: () => void;
}

/** Listens in a thread that then blocks, so that nothing accepts the connections. */
const listenAndFreeze = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}));
  server.listen({ host: workerData.host, port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(workerData.flag, 0, 0));
  });
`;

/** A listener whose backlog is full: to a client, an address that never answers. */
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

/** Takes one place in the backlog; returns whether there was one. */
async function connects(t: ExecutionContext, host: string, port: number): Promise<boolean> {
  const socket: Socket = net.connect(port, host);
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  return new Promise((resolve) => {
    // With room in the backlog, the loopback needs far less than 200 ms. The extra turn is for a process that
    // was held up.
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
