import { once } from 'node:events';
import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

import { Conditions } from './conditions.ts';

export interface AskedProxy {
  /** `CONNECT`, or the method of a forwarded request. */
  readonly method: string;
  /** `host:port` for a CONNECT, otherwise the whole URL. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TestProxy {
  /** `http://127.0.0.1:PORT`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** All requests in order, including refused ones. */
  readonly asked: readonly AskedProxy[];
  /** Number of connections made to it. */
  readonly connections: () => number;
  /** Number of connections to it, and from it to servers, that are open now. */
  readonly open: () => number;
  /** Waits until none is open. */
  readonly closed: () => Promise<void>;
}

/** Answers a CONNECT by hand, with any bytes at any time. */
export type TunnelAnswer = (socket: Socket) => void;

export interface TestProxySettings {
  /** `user:password`; clients without them are refused with 407. */
  readonly credentials?: string;
  /** Speaks TLS to clients, with this certificate. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** Sends everything to this port of 127.0.0.1, whatever was asked for. */
  readonly leadsTo?: number;
  /** Sent in one piece with the head that opens a tunnel. */
  readonly greeting?: string;
  /** Misbehaves: answers every CONNECT in place of the proxy. */
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
      // Without reading, the end of the client's stream would never be seen.
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
      // `Connection` concerns only the connection to the server, so it is not forwarded.
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

/** Sends the text in one piece, and nothing more. */
export function says(text: string): TunnelAnswer {
  return (socket) => void socket.write(text, 'latin1');
}

/** Sends the text, which may be empty, and closes. */
export function saysAndCloses(text: string): TunnelAnswer {
  return (socket) => void socket.end(text, 'latin1');
}

/** Sends the text byte by byte, each in its own turn of the event loop. */
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
