import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';

import { printable } from '../../src/watch/escape.ts';
import { tokenOf } from './mutation.ts';
import { isCut, replyTo, rightReply } from './replies.ts';
import type { Reply } from './replies.ts';

export interface FuzzServer {
  readonly urlOf: (row: number) => string;
  /** Each round is run once with each of these sets of options. */
  readonly modes: readonly (readonly string[])[];
  /** What was sent for a row, as text. */
  readonly show: (row: number) => string;
  /** Lines for the report, on all rows so far. */
  readonly figures: () => readonly string[];
  readonly close: () => void;
}

/**
 * Milliseconds after which a connection that was kept open is closed: after a mutated reply, the client may
 * wait for more. What has been written still reaches the client, whenever it reads.
 */
const pause = 300;

export async function listen(server: Server): Promise<number> {
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * First part of the rows' addresses. With TLS each row has its own address, so the server knows the row
 * before any byte comes.
 */
export const block = 64;

export function urlsAt(port: number): (row: number) => string {
  return (row) => `https://${addressOf(row, block)}:${port}/`;
}

/** Answers one request over TLS and closes. */
export function answerOver(socket: Socket, secureContext: SecureContext, token: string): void {
  socket.on('error', () => {});
  const secure = new TLSSocket(socket, { isServer: true, secureContext });
  secure.on('error', () => socket.destroy());
  secure.once('data', () => secure.end(rightReply(token)));
}

/** A loopback address for a number below 2 ** 22; the server reads the number back from `localAddress`. */
export function addressOf(number: number, first: number): string {
  return `127.${first + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}

export function numberOf(address: string | undefined, first: number): number {
  const [, a = 0, b = 0, c = 0] = (address ?? '').split('.').map(Number);
  return ((a - first) << 16) | (b << 8) | c;
}

/** Answers `/row/N/TOKEN` with the row's mutated reply, and any other request with a correct one. */
export async function replyServer(seed: number): Promise<FuzzServer> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    let head = '';
    let timer: NodeJS.Timeout | undefined;
    const keep = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => socket.end(), pause);
    };
    socket.on('close', () => clearTimeout(timer));
    socket.on('data', (data) => {
      clearTimeout(timer);
      head += data.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const [, row, token] = /^\w+ \/(?:row\/(\d+)\/|right\/)?(tk\w+)?/.exec(head) ?? [];
      head = '';
      if (row === undefined) socket.write(rightReply(token ?? 'nothing'), keep);
      else void answer(socket, replyTo(seed, Number(row)), keep);
    });
  });
  const port = await listen(server);
  return {
    // Ten rows share a host and its connections. A reply in segments has its own host: by HTTP, late bytes
    // would belong to the next reply.
    urlOf: (row) => {
      const host = isCut(row) ? addressOf(row, 64) : addressOf(Math.floor(row / 10), 16);
      return `http://${host}:${port}/row/${row}/${tokenOf(seed, row)}`;
    },
    modes: [[]],
    show: (row) => {
      const { bytes, cuts, ending } = replyTo(seed, row);
      return printable(JSON.stringify({ reply: bytes.toString('latin1'), cuts, ending }), Infinity);
    },
    figures: () => [],
    close: () => server.close(),
  };
}

async function answer(socket: Socket, reply: Reply, keep: () => void): Promise<void> {
  const { bytes, cuts, ending } = reply;
  socket.setNoDelay(true);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    await new Promise((resolve) => socket.write(bytes.subarray(from, to), resolve));
    from = to;
  }
  if (ending === 'keep') keep();
  if (ending === 'end') socket.end();
  if (ending === 'reset') socket.resetAndDestroy();
}
