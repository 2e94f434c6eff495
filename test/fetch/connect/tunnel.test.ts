import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { openTunnel, ProxyError } from '../../../src/fetch/connect/tunnel.ts';
import { certificates } from '../../helpers/certificates.ts';
import { drips, httpProxy, says, saysAndCloses } from '../../helpers/proxy.ts';
import type { TunnelAnswer } from '../../helpers/proxy.ts';
import { closedPort, httpServer, httpsServer, rawServer } from '../../helpers/server.ts';

const somewhere = { host: 'a.test', port: 443 };
const opened = 'HTTP/1.1 200 OK\r\n\r\n';

/** A connection to a server on this machine, with an error listener as every owner of a socket has one. */
async function connected(t: ExecutionContext, { port }: { readonly port: number }): Promise<Socket> {
  const socket = net.connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** The argument of the tunnel's callback. Checks that it is called once and no listener is left. */
async function tunnel(
  t: ExecutionContext,
  socket: Socket,
  to = somewhere,
  authorization = '',
): Promise<Error | null> {
  const before = listeners(socket);
  return new Promise((resolve) => {
    let called = false;
    let returned = false;
    openTunnel(socket, to, authorization, (error) => {
      t.true(returned);
      t.false(called);
      called = true;
      t.deepEqual(listeners(socket), before);
      resolve(error);
    });
    returned = true;
  });
}

function listeners(socket: Socket): number[] {
  return ['readable', 'data', 'end', 'close', 'error'].map((event) => socket.listenerCount(event));
}

/** Requests a path over this connection. @returns its status line and body */
async function get(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
  const reply = await text(socket);
  return `${reply.slice(0, reply.indexOf('\r\n'))} ${reply.slice(reply.indexOf('\r\n\r\n') + 4)}`;
}

test('a tunnel leads to the target', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.setHeader('Content-Length', 2).end(url));
  const proxy = await httpProxy(t);
  const socket = await connected(t, proxy);
  t.is(await tunnel(t, socket, { host: '127.0.0.1', port: server.port }), null);
  t.is(await get(socket, '/x'), 'HTTP/1.1 200 OK /x');
  const host = `127.0.0.1:${server.port}`;
  t.deepEqual(proxy.asked, [{ method: 'CONNECT', url: host, headers: { host } }]);
});

test('TLS goes through a tunnel', async (t) => {
  const { ca, good } = await certificates();
  const server = await httpsServer(t, good, (_, response) =>
    response.setHeader('Content-Length', 2).end('ok'),
  );
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const socket = await connected(t, proxy);
  t.is(await tunnel(t, socket), null);
  const secure = tls.connect({ socket, ca, servername: 'a.test' });
  await once(secure, 'secureConnect');
  t.is(await get(secure, '/'), 'HTTP/1.1 200 OK ok');
});

test('a tunnel goes through a TLS connection to the proxy', async (t) => {
  const { ca, good } = await certificates();
  const server = await httpsServer(t, good, (_, response) =>
    response.setHeader('Content-Length', 2).end('ok'),
  );
  const proxy = await httpProxy(t, { leadsTo: server.port, certificate: good });
  const socket = tls.connect({ port: proxy.port, host: '127.0.0.1', ca });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  t.is(await tunnel(t, socket), null);
  const secure = tls.connect({ socket, ca, servername: 'a.test' });
  await once(secure, 'secureConnect');
  t.is(await get(secure, '/'), 'HTTP/1.1 200 OK ok');
});

test('an IPv6 address stands in brackets', async (t) => {
  const proxy = await httpProxy(t, { answer: says(opened) });
  t.is(await tunnel(t, await connected(t, proxy), { host: '::1', port: 8443 }), null);
  t.deepEqual(proxy.asked, [{ method: 'CONNECT', url: '[::1]:8443', headers: { host: '[::1]:8443' } }]);
});

test('credentials are sent', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const proxy = await httpProxy(t, { credentials: 'me:secret', leadsTo: server.port });
  const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
  t.is(await tunnel(t, await connected(t, proxy), somewhere, authorization), null);
  t.is(proxy.asked[0]?.headers['proxy-authorization'], authorization);
});

const refused = test.macro(
  async (t, answer: TunnelAnswer | undefined, status: number | null, message: string) => {
    const settings = answer === undefined ? { credentials: 'me:secret' } : { answer };
    const error = await tunnel(t, await connected(t, await httpProxy(t, settings)));
    t.true(error instanceof ProxyError);
    t.is((error as ProxyError).status, status);
    t.is(error?.message, message);
  },
);

const noAnswer = 'the proxy closed the connection without an answer';
const notHttp = 'the proxy answered with something that is not HTTP/1';
const tooLarge = 'the proxy answered with a head of more than 16 KiB';

test('missing credentials', refused, undefined, 407, 'the proxy answered 407 Proxy Authentication Required');
test('502', refused, says('HTTP/1.1 502 Bad Gateway\r\n\r\n'), 502, 'the proxy answered 502 Bad Gateway');
test(
  'a redirect',
  refused,
  says('HTTP/1.0 302 Found\r\nLocation: /\r\n\r\n'),
  302,
  'the proxy answered 302 Found',
);
test(
  'a refusal in drops',
  refused,
  drips('HTTP/1.1 403 No\r\nA: b\r\n\r\n'),
  403,
  'the proxy answered 403 No',
);
test('no reason', refused, says('HTTP/1.1 500\r\n\r\n'), 500, 'the proxy answered 500');
test('an empty reason', refused, says('HTTP/1.1 500 \r\n\r\n'), 500, 'the proxy answered 500');
test('101', refused, says('HTTP/1.1 101 Go\r\n\r\n'), 101, 'the proxy answered 101 Go');
test(
  'a long reason',
  refused,
  says(`HTTP/1.1 403 ${'x'.repeat(5000)}\r\n\r\n`),
  403,
  `the proxy answered 403 ${'x'.repeat(80)}`,
);
test(
  'a reason beyond ASCII',
  refused,
  says('HTTP/1.1 403 n\xe9\x9b\r\n\r\n'),
  403,
  'the proxy answered 403 n??',
);
test('a control character in it', refused, says('HTTP/1.1 403 a\x1b[2J\r\n\r\n'), null, notHttp);
test('closed at once', refused, saysAndCloses(''), null, noAnswer);
test('closed within the head', refused, saysAndCloses('HTTP/1.1 200 OK\r\n'), null, noAnswer);
test('closed after 100', refused, saysAndCloses('HTTP/1.1 100 Continue\r\n\r\n'), null, noAnswer);
test('another protocol, which waits', refused, says('220 mail.test\r\n'), null, notHttp);
test('another protocol in drops', refused, drips('SSH-2.0-x\r\n'), null, notHttp);
test('HTTP/2', refused, says('HTTP/2 200\r\n\r\n'), null, notHttp);
test('a status of two digits', refused, says('HTTP/1.1 20 OK\r\n\r\n'), null, notHttp);
test('a status of four digits', refused, says('HTTP/1.1 2000 OK\r\n\r\n'), null, notHttp);
test('a status of 600', refused, says('HTTP/1.1 600 OK\r\n\r\n'), null, notHttp);
test('another protocol after 100', refused, says('HTTP/1.1 100 Go\r\n\r\nhello'), null, notHttp);
test('a huge head', refused, says(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`), null, tooLarge);
test('a huge head without end', refused, says(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}`), null, tooLarge);
test('100 without end', refused, says('HTTP/1.1 100 Go\r\n\r\n'.repeat(1000)), null, tooLarge);

const opens = test.macro(async (t, answer: TunnelAnswer) => {
  t.is(await tunnel(t, await connected(t, await httpProxy(t, { answer }))), null);
});

test('200 in drops opens it', opens, drips('HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n'));
test('any 2xx opens it', opens, says('HTTP/1.1 204 No Content\r\n\r\n'));
test('HTTP/1.0 opens it', opens, says('HTTP/1.0 200\r\n\r\n'));
test(
  '200 after 1xx opens it',
  opens,
  says(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hm\r\nA: b\r\n\r\n${opened}`),
);
test('200 after 1xx in drops opens it', opens, drips(`HTTP/1.1 100 Continue\r\n\r\n${opened}`));
test('a head of 16 KiB opens it', opens, says(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(16_384 - 20)}\r\n\r\n`));

test('what comes right behind the head is left for who reads next', async (t) => {
  const greeting = `HTTP/1.1 404 Not yours\r\n\r\n${'y'.repeat(50_000)}`;
  const server = await rawServer(t, (socket, request) => socket.end(request));
  const proxy = await httpProxy(t, { leadsTo: server.port, greeting });
  const socket = await connected(t, proxy);
  t.is(await tunnel(t, socket), null);
  socket.write('echo');
  t.is(await text(socket), `${greeting}echo`);
});

test('a Content-Length in a 2xx takes nothing of the tunnel', async (t) => {
  const answer = saysAndCloses('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcdef');
  const socket = await connected(t, await httpProxy(t, { answer }));
  t.is(await tunnel(t, socket), null);
  t.is(await text(socket), 'abcdef');
});

test('nothing flows away before somebody reads', async (t) => {
  const proxy = await httpProxy(t, {
    answer: (client) => {
      client.write(opened);
      client.once('data', () => client.end('late'));
    },
  });
  const socket = await connected(t, proxy);
  t.is(await tunnel(t, socket), null);
  socket.write('go');
  while (socket.readableLength === 0) await new Promise(setImmediate);
  t.is(await text(socket), 'late');
});

test('the error of a connection that is reset is given as it is', async (t) => {
  const proxy = await httpProxy(t, { answer: (client) => client.resetAndDestroy() });
  const error = await tunnel(t, await connected(t, proxy));
  t.is((error as NodeJS.ErrnoException).code, 'ECONNRESET');
});

test('a deadline of the caller ends it', async (t) => {
  const socket = await connected(t, await httpProxy(t, { answer: says('HTTP/1.1 ') }));
  const ended = tunnel(t, socket);
  const late = new Error('too late');
  await once(socket, 'readable');
  socket.destroy(late);
  t.is(await ended, late);
});

test('a socket that is destroyed already calls back too', async (t) => {
  const socket = await connected(t, await httpProxy(t));
  socket.destroy();
  await once(socket, 'close');
  t.is(((await tunnel(t, socket)) as NodeJS.ErrnoException).code, 'ERR_STREAM_DESTROYED');
});

test('a target that cannot be reached is a 502 of the proxy', async (t) => {
  const proxy = await httpProxy(t, { leadsTo: await closedPort() });
  const error = await tunnel(t, await connected(t, proxy));
  t.is((error as ProxyError).status, 502);
});
