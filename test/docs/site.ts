import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import tls from 'node:tls';

import type { ExecutionContext } from 'ava';

import { answer as demo } from '../../demo/site.ts';
import type { Certificate } from '../helpers/certificates.ts';

/**
 * The whole web on this machine: a proxy that forwards nothing, and itself answers for every host name, over
 * http and https.
 *
 * @returns its address, for HTTP_PROXY and HTTPS_PROXY
 */
export async function everySite(t: ExecutionContext, certificate: Certificate): Promise<string> {
  const server = http.createServer(answer);
  const context = tls.createSecureContext(certificate);
  server.on('connect', (_: IncomingMessage, socket: Socket, early: Buffer) => {
    socket.on('error', () => {});
    socket.unshift(early);
    socket.write('HTTP/1.1 200 Yours\r\n\r\n');
    socket.once('readable', () => server.emit('connection', plain(socket, context)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The plain stream in a tunnel. A client that speaks TLS is recognized by its first byte. */
function plain(socket: Socket, secureContext: tls.SecureContext): Socket {
  const first = socket.read(1) as Buffer | null;
  if (first !== null) socket.unshift(first);
  if (first?.[0] !== 0x16) return socket;
  const secure = new tls.TLSSocket(socket, { isServer: true, secureContext });
  secure.on('error', () => {});
  return secure;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { hostname, pathname, searchParams } = new URL(
    request.url ?? '/',
    `http://${request.headers.host ?? ''}`,
  );
  // The host names of fixtures/demo.csv.
  if (/^(?:site|api|slow|broken)\.example$/.test(hostname)) demo(request, response);
  else if (pathname.startsWith('/customers/')) answerWithOrders(searchParams.get('page'), response);
  else if (hostname.startsWith('api.')) answerOfApi(pathname, response);
  else if (/^(?:images|media)\./.test(hostname))
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end('no picture');
  else if (pathname === '/sitemap.xml') response.end(sitemap(hostname));
  else answerWithPage(request, response, hostname + pathname);
}

function sitemap(host: string): string {
  const pages = ['/a', '/b'].map((path) => `<url><loc>https://${host}${path}</loc></url>`);
  return `<urlset>${pages.join('')}</urlset>`;
}

/** Answers with two pages of orders, in the forms that recipes use. */
function answerWithOrders(number: string | null, response: ServerResponse): void {
  const next = number === null ? '?page=2' : null;
  if (next !== null) response.setHeader('link', `<${next}>; rel="next"`);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ items: [{ id: 1 }], orders: [1, 2], links: { next }, next }));
}

/** Answers with items; one has every property that some recipe uses. */
function answerOfApi(path: string, response: ServerResponse): void {
  const item = {
    id: 7,
    name: 'Cup',
    price: 12.5,
    currency: 'EUR',
    stock: 3,
    offers: [{ price: 2 }],
    variants: [
      { name: 'S', price: 1 },
      { name: 'M', price: 2 },
    ],
  };
  const pages = [
    { id: 1, page: { url: 'https://www.example.org/a' } },
    { id: 2, page: { url: 'https://www.example.org/b' } },
  ];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(path === '/pages' ? pages : item));
}

function answerWithPage(request: IncomingMessage, response: ServerResponse, name: string): void {
  const etag = `"${name}"`;
  if (name.endsWith('/missing')) response.writeHead(404).end();
  else if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
  else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', etag, 'x-cache': 'HIT' });
    response.end(request.method === 'HEAD' ? '' : page(name));
  }
}

function page(name: string): string {
  return `<!doctype html><html lang=en><title>${name}</title><meta name=robots content=noindex>
<h1>Cup</h1><b class=price>2 €</b><img class=main src=/c.png><i class=tag>a</i><a href=/next>next</a>
<article><p>${'Some words about cups, of which there are many. '.repeat(20)}</p></article>
UA-12-3 slug-42`;
}
