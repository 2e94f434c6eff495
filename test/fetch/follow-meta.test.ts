import { gzipSync } from 'node:zlib';

import test from 'ava';

import { fetchOne } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';

const page = (to: string): string => `<title>wait</title><meta http-equiv=refresh content="0; url=${to}">`;

const title = {
  columns: ['title'],
  process: ({ text }: { text: () => string }) => ({ title: /<title>(.*?)</.exec(text())?.[1] ?? '' }),
};

test('a page that leads on is a redirect: its cookies go along, and nothing is taken out of it', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'text/html');
    if (url === '/from') response.setHeader('set-cookie', 'a=1').end(page('/to'));
    else response.end('<title>there</title>');
  });
  const options = { followMeta: true, processors: [title] };
  const { status, url, redirects, values } = await fetchOne(`${server.url}/from`, options);
  t.deepEqual(
    [status, url, redirects.map((hop) => hop.url)],
    [200, `${server.url}/to`, [`${server.url}/from`]],
  );
  t.deepEqual(values, { title: 'there' });
  t.is(server.requests[1]?.headers.cookie, 'a=1');
});

test('without the option it is the answer', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html').end(page('/to'));
  });
  const { values } = await fetchOne(server.url, { processors: [title] });
  t.deepEqual(values, { title: 'wait' });
  t.is(server.requests.length, 1);
});

test('a header leads on too, from a POST by GET without a body', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/from') response.setHeader('refresh', '1;url=/to');
    response.end('ok');
  });
  await fetchOne(`${server.url}/from`, { followMeta: true, data: 'x' });
  t.deepEqual(
    server.requests.map(({ method, url, body }) => [method, url, body]),
    [
      ['POST', '/from', 'x'],
      ['GET', '/to', ''],
    ],
  );
});

test('pages that lead to each other are a loop', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'text/html').end(page(url === '/a' ? '/b' : '/a'));
  });
  const { error } = await fetchOne(`${server.url}/a`, { followMeta: true });
  t.is(error, 'redirect-loop');
});

test('they count as redirects', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'text/html').end(page(`${url}a`));
  });
  const { error } = await fetchOne(server.url, { followMeta: true, maxRedirects: 3 });
  t.is(error, 'redirect-limit');
  t.is(server.requests.length, 4);
});

test('the page of an error is the answer, wherever it leads', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end(page('/home'));
  });
  const { status } = await fetchOne(server.url, { followMeta: true });
  t.is(status, 404);
  t.is(server.requests.length, 1);
});

test('a page in a gzip file that is cut leads nowhere', async (t) => {
  const packed = gzipSync(page('/to'));
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html').end(packed.subarray(0, -3));
  });
  const { status, error } = await fetchOne(server.url, { followMeta: true });
  t.deepEqual([status, error], [200, null]);
  t.is(server.requests.length, 1);
});
