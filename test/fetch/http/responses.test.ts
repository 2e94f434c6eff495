import { once } from 'node:events';
import { createServer } from 'node:http';

import test from 'ava';

import type { Page } from '../../../src/shared/records.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';

const ok = 'HTTP/1.1 200 OK\r\n';
const body = {
  columns: ['body', 'headers'],
  process: (page: Page): Record<string, string> => ({
    body: page.body.toString('latin1'),
    headers: Object.keys(page.headers).join(),
  }),
};

interface Good {
  readonly status?: number;
  readonly text?: string;
  readonly headers?: string;
}

/** The server sends these bytes and closes; the reply is valid. */
const good = test.macro({
  exec: async (t, bytes: string, { status = 200, text = '', headers }: Good) => {
    const server = await rawServer(t, (socket) => socket.end(bytes, 'latin1'));
    const bare = await fetchOne(server.url);
    t.deepEqual([bare.error, bare.status, bare.bytes], [null, status, text.length]);
    const result = await fetchOne(server.url, { processors: [body] });
    t.deepEqual([result.error, result.status, result.bytes], [null, status, text.length]);
    t.is(result.values['body'], text);
    if (headers !== undefined) t.is(result.values['headers'], headers);
  },
  title: (name) => `a good reply: ${name}`,
});

const hello = `${ok}content-length: 5\r\n\r\nhello`;
test('a body of known length', good, hello, { text: 'hello' });
test('100 Continue, unasked, before it', good, `HTTP/1.1 100 Continue\r\n\r\n${hello}`, { text: 'hello' });
test(
  '100 and 103, twice each, before it',
  good,
  `${'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(2)}${hello}`,
  { text: 'hello' },
);
test('no body', good, `${ok}content-length: 0\r\n\r\n`, { headers: 'content-length' });
test('chunks', good, `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n`, {
  text: 'hello!',
});
test('chunks with trailers', good, `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n`, {
  text: 'hello',
});
test('a body until the connection closes', good, `${ok}content-type: text/plain\r\n\r\nhello`, {
  text: 'hello',
});
test('HTTP/1.0', good, 'HTTP/1.0 200 OK\r\n\r\nhello', { text: 'hello' });
test('no reason phrase', good, 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', {});
test('a status that nobody has defined', good, 'HTTP/1.1 999 Strange\r\ncontent-length: 1\r\n\r\nx', {
  status: 999,
  text: 'x',
});
test('an error', good, 'HTTP/1.1 500 Broken\r\ncontent-length: 4\r\n\r\noops', { status: 500, text: 'oops' });
test('more than its content-length', good, `${hello} and more`, { text: 'hello' });
test('103 Early Hints before it', good, `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${hello}`, {
  text: 'hello',
  headers: 'content-length',
});
test(
  'several informational replies before it',
  good,
  `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(3)}${hello}`,
  {
    text: 'hello',
  },
);
test('204', good, 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204 });
test('204 with a length', good, 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n', { status: 204 });
test('204 with a body all the same', good, 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello', {
  status: 204,
});
test('304', good, 'HTTP/1.1 304 Not Modified\r\n\r\n', { status: 304 });
test(
  '304 with the length of what it spares',
  good,
  'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n',
  {
    status: 304,
  },
);

test('a reply in single bytes is whole', async (t) => {
  const reply = `${ok}Content-Type: text/x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
  const server = await rawServer(t, (socket) => {
    socket.setNoDelay(true);
    const send = (at: number): void => {
      if (at < reply.length) socket.write(reply.charAt(at), () => setImmediate(send, at + 1));
    };
    send(0);
  });
  const { status, type, bytes: size, values } = await fetchOne(server.url, { processors: [body] });
  t.deepEqual([status, type, size, values['body']], [200, 'text/x', 3, 'abc']);
});

test('HEAD has no body, whatever its headers say of one', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(200, { 'content-length': '123456789', 'content-encoding': 'gzip' }).end();
  });
  for (const processors of [[], [body]]) {
    const { status, error, bytes, wireBytes } = await fetchOne(url, {
      method: 'HEAD',
      maxBody: 10,
      processors,
    });
    t.deepEqual({ status, error, bytes, wireBytes }, { status: 200, error: null, bytes: 0, wireBytes: 0 });
  }
});

test('the connection of 304 is kept, also where it tells the length of what it spares', async (t) => {
  const reply = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n';
  const server = await rawServer(t, (socket) => socket.write(reply));
  const results = await fetchAll(
    [1, 2, 3].map((n) => `${server.url}/${n}`),
    { concurrency: 1 },
  );
  t.deepEqual(
    results.map(({ status, error }) => [status, error]),
    [
      [304, null],
      [304, null],
      [304, null],
    ],
  );
  t.is(server.connections(), 1);
});

test('a body that follows 304 all the same is no reply to what comes next', async (t) => {
  const reply = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello';
  const server = await rawServer(t, (socket) => socket.write(reply));
  const results = await fetchAll(
    [1, 2, 3].map((n) => `${server.url}/${n}`),
    { concurrency: 1 },
  );
  t.true(
    results.every(({ status, error, wireBytes }) => status === 304 && error === null && wireBytes === 0),
  );
});

test('304 and 204 do not spoil the connection for what comes next', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/304') response.writeHead(304, { etag: '"x"' }).end();
    else if (url === '/204') response.writeHead(204).end();
    else response.end('hello');
  });
  const urls = ['/304', '/200', '/204', '/200'].map((path) => server.url + path);
  const results = await fetchAll(urls, { concurrency: 1 });
  t.deepEqual(
    results.map(({ status, bytes }) => [status, bytes]),
    [
      [304, 0],
      [200, 5],
      [204, 0],
      [200, 5],
    ],
  );
  t.is(server.connections(), 1);
});

test('a server may still be sending its 103 while the reply is being made', async (t) => {
  const server = createServer((_, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('hello'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  const results = await fetchAll(
    [1, 2, 3].map((n) => `http://127.0.0.1:${port}/${n}`),
    { concurrency: 1 },
  );
  t.deepEqual(
    results.map(({ status, error, bytes }) => [status, error, bytes]),
    [1, 2, 3].map(() => [200, null, 5]),
  );
});

const typeOf = test.macro({
  exec: async (t, header: string, type: string) => {
    const { url } = await httpServer(t, (_, response) =>
      response.writeHead(200, ['Content-Type', header]).end(),
    );
    t.is((await fetchOne(url)).type, type);
  },
  title: (name) => `media type: ${name}`,
});

test('with parameters', typeOf, 'text/html; charset=utf-8', 'text/html');
test('in upper case', typeOf, 'Application/JSON', 'application/json');
test('with spaces', typeOf, '  text/plain  ;x', 'text/plain');
test('empty', typeOf, '', '');

test('a redirect that leads nowhere is the answer', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.writeHead(302).end('no idea'));
  const { status, error, bytes } = await fetchOne(url);
  t.deepEqual({ status, error, bytes }, { status: 302, error: null, bytes: 7 });
});

test('a Location on what is no redirect is not followed', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => {
    response.writeHead(Number(path.slice(1)), { location: '/200' }).end('x');
  });
  for (const status of [201, 202, 300, 304, 305, 306, 399, 503]) {
    const result = await fetchOne(`${url}/${status}`);
    t.deepEqual([result.status, result.error, result.redirects], [status, null, []]);
  }
});
