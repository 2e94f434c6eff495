import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import { tokenOf } from './mutation.ts';
import { isCut, replyTo, rightReply } from './replies.ts';

export interface FuzzServer {
  readonly urlOf: (row: number) => string;
  readonly close: () => void;
}

/** Milliseconds after which the server closes a connection on which nothing happens. */
const idle = 300;

export async function listen(server: Server): Promise<number> {
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A loopback address for a number below 2 ** 22, which a server can read from `localAddress`. */
export function addressOf(number: number, block: number): string {
  return `127.${block + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}

export function numberOf(address: string | undefined, block: number): number {
  const [, a = 0, b = 0, c = 0] = (address ?? '').split('.').map(Number);
  return ((a - block) << 16) | (b << 8) | c;
}

/** Answers `/row/N/TOKEN` with the mutated reply, everything else that names a token with a right one. */
export async function replyServer(seed: number): Promise<FuzzServer> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.setTimeout(idle, () => socket.destroy());
    let head = '';
    socket.on('data', (data) => {
      head += data.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const [, row, token] = /^\w+ \/(?:row\/(\d+)\/|right\/)?(tk\w+)?/.exec(head) ?? [];
      head = '';
      if (row === undefined) socket.write(rightReply(token ?? 'nothing'));
      else void answer(socket, seed, Number(row));
    });
  });
  const port = await listen(server);
  return {
    // Ten rows share connections. One in segments has a host to itself: what comes late is the next one's by HTTP.
    urlOf: (row) => {
      const host = isCut(row) ? addressOf(row, 64) : addressOf(Math.floor(row / 10), 16);
      return `http://${host}:${port}/row/${row}/${tokenOf(seed, row)}`;
    },
    close: () => server.close(),
  };
}

async function answer(socket: Socket, seed: number, row: number): Promise<void> {
  const { bytes, cuts, ending } = replyTo(seed, row);
  socket.setNoDelay(true);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    await new Promise((resolve) => socket.write(bytes.subarray(from, to), resolve));
    from = to;
  }
  if (ending === 'end') socket.end();
  if (ending === 'reset') socket.resetAndDestroy();
}
