import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import type { WireCase } from './wire-cases.ts';

export interface WireServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  close: () => Promise<void>;
}

/**
 * Answers `/NAME` with that case's reply, and every other path with a page whose text is the requested path.
 */
export async function startWireServer(cases: readonly WireCase[]): Promise<WireServer> {
  const byName = new Map(cases.map((wireCase) => [wireCase.name, wireCase]));
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients that refuse a reply reset their connection.
    socket.on('error', () => {});
    let read = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      read += text;
      for (let end = read.indexOf('\r\n\r\n'); end !== -1; end = read.indexOf('\r\n\r\n')) {
        answer(socket, read.split(' ', 2)[1] ?? '/');
        read = read.slice(end + 4);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  function answer(socket: Socket, path: string): void {
    const wireCase = byName.get(path.slice(1));
    if (wireCase === undefined) {
      const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${path.length}\r\n\r\n`;
      socket.write(head + path, 'latin1');
      return;
    }
    socket.write(wireCase.reply.toString('latin1').replaceAll('HOST', host), 'latin1');
    if (wireCase.ends) socket.end();
  }

  return {
    origin: `http://${host}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
