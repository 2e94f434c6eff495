import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Requests seen so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** The most requests that were being answered at one time. */
  readonly mostAtOnce: () => number;
  /** Connections that were opened. */
  readonly connections: () => number;
  /** Connections that are open now. */
  readonly open: () => number;
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** A real HTTP server on a free port of 127.0.0.1 for the length of the test. */
export async function httpServer(t: ExecutionContext, answer: Answer): Promise<TestServer> {
  return serve(t, http.createServer(), 'http', answer);
}

/** The same over TLS. */
export async function httpsServer(
  t: ExecutionContext,
  certificate: { readonly key: string; readonly cert: string },
  answer: Answer,
): Promise<TestServer> {
  return serve(t, https.createServer(certificate), 'https', answer);
}

async function serve(
  t: ExecutionContext,
  server: http.Server | https.Server,
  scheme: string,
  answer: Answer,
): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  let running = 0;
  let most = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    most = Math.max(most, ++running);
    response.once('close', () => running--);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(seen);
      answer(seen, response);
    });
  });
  const sockets = await listen(t, server);
  t.teardown(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://127.0.0.1:${port}`, port, requests, mostAtOnce: () => most, ...sockets };
}

/** A server below HTTP: `answer` gets each connection, once its first bytes are there, and may do anything to it. */
export async function rawServer(
  t: ExecutionContext,
  answer: (socket: Socket, request: string) => void,
): Promise<Omit<TestServer, 'requests' | 'mostAtOnce'>> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => answer(socket, chunk.toString('latin1')));
  });
  const sockets = await listen(t, server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, ...sockets };
}

async function listen(
  t: ExecutionContext,
  server: net.Server,
): Promise<{ connections: () => number; open: () => number }> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { connections: () => connections, open: () => open.size };
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
