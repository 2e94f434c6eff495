import { once } from 'node:events';
import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

import { Conditions } from './conditions.ts';

export interface AskedProxy {
  /** `CONNECT`, or the method of a request that is passed on. */
  readonly method: string;
  /** `host:port` of a CONNECT, else the whole URL. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TestProxy {
  /** `http://127.0.0.1:PORT`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** What it was asked, in order, refused or not. */
  readonly asked: readonly AskedProxy[];
  /** Connections that were made to it. */
  readonly connections: () => number;
  /** Connections to it and tunnels from it that are open now. */
  readonly open: () => number;
  /** Waits until none is. */
  readonly closed: () => Promise<void>;
}

/** Answers a CONNECT in its own way: any bytes at any time. */
export type TunnelAnswer = (socket: Socket) => void;

export interface TestProxySettings {
  /** `user:password`; whoever does not name them is refused with 407. */
  readonly credentials?: string;
  /** Speaks TLS with this certificate. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** The port of 127.0.0.1 that everything is led to, whatever was asked for. */
  readonly leadsTo?: number;
  /** Sent to a client right behind the head that opens a tunnel, in one piece with it. */
  readonly greeting?: string;
  /** Misbehaves: answers every CONNECT instead of the proxy. */
  readonly answer?: TunnelAnswer;
}

/** A real HTTP proxy on a free port of 127.0.0.1: CONNECT tunnels, and http requests with a whole URL. */
export async function httpProxy(
  t: ExecutionContext,
  { credentials, certificate, leadsTo, greeting = '', answer }: TestProxySettings = {},
): Promise<TestProxy> {
  const server = certificate === undefined ? http.createServer() : https.createServer(certificate);
  const asked: AskedProxy[] = [];
  const open = new Set<Socket>();
  const fewer = new Conditions();
  let connections = 0;

  const watch = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      open.delete(socket);
      fewer.check();
    });
  };
  const place = ({ hostname, port }: URL): { readonly host: string; readonly port: number } =>
    leadsTo === undefined
      ? { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port === '' ? 80 : port) }
      : { host: '127.0.0.1', port: leadsTo };
  const admits = ({ headers }: IncomingMessage): boolean =>
    credentials === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;
  const note = ({ method = '', url = '', headers }: IncomingMessage): void => {
    asked.push({ method, url, headers });
  };

  server.on('connection', (socket: Socket) => {
    connections++;
    watch(socket);
  });
  server.on('connect', (request: IncomingMessage, client: Socket, early: Buffer) => {
    note(request);
    client.on('error', () => {});
    if (answer !== undefined) {
      // Else the end of the client is never seen.
      client.once('end', () => client.end()).resume();
      return answer(client);
    }
    if (!admits(request)) return void client.end(refusal);
    const upstream = net.connect(place(new URL(`http://${request.url ?? ''}`)));
    watch(upstream);
    const unreachable = (): void => void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    upstream.once('error', unreachable);
    upstream.once('connect', () => {
      upstream.off('error', unreachable);
      client.write(`HTTP/1.1 200 Connection established\r\n\r\n${greeting}`);
      upstream.write(early);
      client.pipe(upstream).pipe(client);
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroySoon());
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    note(request);
    if (!admits(request)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const url = new URL(request.url ?? '');
    const { 'proxy-authorization': _, connection: __, ...headers } = request.headers;
    const path = url.pathname + url.search;
    const options = { ...place(url), path, method: request.method, headers, agent: false };
    const upstream = http.request(options, (reply) => {
      // This connection is not that to the server.
      delete reply.headers.connection;
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    upstream.once('socket', watch);
    upstream.once('error', () => response.writeHead(502).end());
    request.pipe(upstream);
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const scheme = certificate === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    asked,
    connections: () => connections,
    open: () => open.size,
    closed: async () => fewer.until(() => open.size === 0),
  };
}

const refusal =
  'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n';

/** Sends this in one piece, and nothing more. */
export function says(text: string): TunnelAnswer {
  return (socket) => void socket.write(text, 'latin1');
}

/** Sends this, which may be nothing, and closes. */
export function saysAndCloses(text: string): TunnelAnswer {
  return (socket) => void socket.end(text, 'latin1');
}

/** Sends this byte by byte, each in a turn of its own. */
export function drips(text: string): TunnelAnswer {
  return (socket) => {
    let at = 0;
    const next = (): void => {
      if (at === text.length || socket.destroyed) return;
      socket.write(text.charAt(at++), 'latin1', () => setImmediate(next));
    };
    next();
  };
}
