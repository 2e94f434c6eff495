import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

import type { ExecutionContext } from 'ava';

export interface SocksSettings {
  /** `user:password`; clients without them are refused. */
  readonly credentials?: string;
  /** Sends everything to this port of 127.0.0.1. */
  readonly leadsTo?: number;
  /** The reply code to a connect request (RFC 1928, section 6). Default: 0, success. */
  readonly reply?: number;
}

export interface SocksProxy {
  readonly port: number;
  /** Targets of the connect requests, in order: `host:port`. */
  readonly asked: readonly string[];
}

/** A SOCKS 5 proxy (RFC 1928, RFC 1929) on a free port of 127.0.0.1. */
export async function socksProxy(
  t: ExecutionContext,
  { credentials, leadsTo, reply = 0 }: SocksSettings = {},
): Promise<SocksProxy> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    const steps = conversation(socket, credentials, (host, port) => {
      asked.push(`${host}:${port}`);
      socket.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
      if (reply !== 0) return void socket.end();
      const onward = net.connect(leadsTo ?? port, '127.0.0.1');
      open.add(onward);
      onward.on('error', () => socket.destroy());
      return void socket.pipe(onward).pipe(socket);
    });
    const onData = (bytes: Buffer): void => {
      if (steps(bytes)) socket.off('data', onData);
    };
    socket.on('data', onData);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** Handles a client's messages one by one; returns true after the connect request. */
function conversation(
  socket: Socket,
  credentials: string | undefined,
  onRequest: (host: string, port: number) => void,
): (bytes: Buffer) => boolean {
  let step = 0;
  return (bytes) => {
    if (step === 0) {
      const method = credentials === undefined ? 0 : 2;
      const isOffered = bytes.subarray(2).includes(method);
      step = method === 0 ? 2 : 1;
      socket.write(Buffer.from([5, isOffered ? method : 255]));
      return false;
    }
    if (step === 1) {
      const user = bytes.toString('utf8', 2, 2 + (bytes[1] ?? 0));
      const isRight = `${user}:${bytes.toString('utf8', 3 + user.length)}` === credentials;
      step = 2;
      socket.write(Buffer.from([1, isRight ? 0 : 1]));
      return false;
    }
    const isName = bytes[3] === 3;
    const end = isName ? 5 + (bytes[4] ?? 0) : 8;
    const host = isName ? bytes.toString('latin1', 5, end) : [...bytes.subarray(4, 8)].join('.');
    onRequest(host, bytes.readUInt16BE(end));
    return true;
  };
}
