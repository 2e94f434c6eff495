import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

import { Conditions } from './conditions.ts';

export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Requests seen so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** The most requests that were being answered at the same time. */
  readonly mostAtOnce: () => number;
  /** Number of connections accepted so far. */
  readonly connections: () => number;
  /** Number of connections open now. */
  readonly open: () => number;
  /** Waits until at least `count` requests have been seen. */
  readonly requested: (count: number) => Promise<void>;
  /** Waits until at least `count` connections are open. */
  readonly opened: (count: number) => Promise<void>;
  /** Waits until at most this many connections are open. Default: none. */
  readonly closed: (most?: number) => Promise<void>;
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** A real HTTP server on a free port of 127.0.0.1 until the test ends. */
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
  const seen = new Conditions();
  let running = 0;
  let most = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    most = Math.max(most, ++running);
    response.once('close', () => running--);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const whole = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(whole);
      answer(whole, response);
      seen.check();
    });
  });
  const sockets = await listen(t, server);
  t.teardown(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const requested = (count: number): Promise<void> => seen.until(() => requests.length >= count);
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    requests,
    requested,
    mostAtOnce: () => most,
    ...sockets,
  };
}

export type RawServer = Omit<TestServer, 'requests' | 'mostAtOnce' | 'requested'>;

/**
 * A server below HTTP: `answer` gets each connection with every chunk it receives, and may do anything to it.
 */
export async function rawServer(
  t: ExecutionContext,
  answer: (socket: Socket, request: string) => void,
): Promise<RawServer> {
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
): Promise<Pick<TestServer, 'connections' | 'open' | 'opened' | 'closed'>> {
  const open = new Set<Socket>();
  const changed = new Conditions();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    open.add(socket);
    changed.check();
    socket.once('close', () => {
      open.delete(socket);
      changed.check();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const opened = (count: number): Promise<void> => changed.until(() => open.size >= count);
  const closed = (most = 0): Promise<void> => changed.until(() => open.size <= most);
  return { connections: () => connections, open: () => open.size, opened, closed };
}

/**
 * A port of 127.0.0.1 on which nothing listens. It is below the system's ephemeral range, from which another
 * test could soon be given it.
 */
export async function closedPort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 20_000);
  const server = net.createServer().listen(port, '127.0.0.1');
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!isFree) return closedPort();
  server.close();
  await once(server, 'close');
  return port;
}
