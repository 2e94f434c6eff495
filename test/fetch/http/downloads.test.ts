import { gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { connector } from '../../../src/fetch/connect/connect.ts';
import { tlsClient } from '../../../src/fetch/connect/tls-files.ts';
import { Downloads } from '../../../src/fetch/http/downloads.ts';
import type { DownloadOptions } from '../../../src/fetch/http/downloads.ts';
import { meanwhile } from '../../helpers/fetch.ts';
import { gate } from '../../helpers/gate.ts';
import { httpServer } from '../../helpers/server.ts';

function downloads(t: ExecutionContext, options: Partial<DownloadOptions> = {}): Downloads {
  const onBug = (error: Error): void => t.fail(error.stack);
  const unsaid = { insecure: false, ca: undefined, added: null, cert: null, key: null };
  const tls = tlsClient(unsaid, { environment: {}, notice: t.log, readsPeers: false });
  const names = { lookup: () => [] };
  const connect = connector({ connectTimeout: 60_000, names, tls, rules: [], proxyFor: () => null, onBug });
  const limits = { perHost: 6, timeout: 60_000, largest: 1000 };
  const all = new Downloads({ connect, proxyFor: () => null, userAgent: 'x', onBug, ...limits, ...options });
  t.teardown(() => all.close());
  return all;
}

const gives = test.macro(async (t, path: string, expected: string | null) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/file?a') response.end('file');
    else if (url === '/zipped') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'));
    else if (url === '/large') response.end('x'.repeat(1001));
    else if (url === '/moved') response.writeHead(302, { location: '/file?a' }).end();
    else response.writeHead(404).end('not here');
  });
  const content = await downloads(t).get(new URL(path, server.url), false);
  t.is(content?.toString() ?? null, expected);
  t.is(server.requests[0]?.headers['user-agent'], 'x');
  await server.closed();
});

test('a file is given as it comes', gives, '/file?a', 'file');
test('none is given of another status', gives, '/gone', null);
test('a redirect is not followed', gives, '/moved', null);
test('a file that is too large is not given', gives, '/large', null);
test('one that is packed, though nobody asked for that, is not given', gives, '/zipped', null);

test('a name beyond ASCII is sent as UTF-8, as with the requests of rows', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('file'));
  const all = downloads(t, { userAgent: 'č\u010ax: y' });
  t.is((await all.get(new URL(server.url), false))?.toString(), 'file');
  const sent = server.requests[0]?.headers ?? {};
  t.is(Buffer.from(sent['user-agent'] ?? '', 'latin1').toString(), 'č\u010ax: y');
});

test('an address that is not public is refused on demand', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  t.is(await downloads(t).get(new URL(server.url), true), null);
  t.is(server.connections(), 0);
});

test('of one host only so many are fetched at once', async (t) => {
  const held = gate();
  const server = await httpServer(t, (_, response) => {
    void held.opened.then(() => response.end('file'));
  });
  const all = downloads(t, { perHost: 2 });
  const files = Array.from({ length: 20 }, async (_, i) => all.get(new URL(`/${i}`, server.url), false));
  await server.requested(2);
  await meanwhile(t);
  t.is(server.connections(), 2);
  held.open();
  t.true((await Promise.all(files)).every((content) => content?.toString() === 'file'));
});

test('files that do not come are given up, those that wait for their turn too', async (t) => {
  const server = await httpServer(t, () => {});
  const all = downloads(t, { perHost: 1, timeout: 100 });
  const files = await Promise.all([1, 2, 3].map(async (i) => all.get(new URL(`/${i}`, server.url), false)));
  t.deepEqual(files, [null, null, null]);
  await server.closed();
});

test('the end gives up what runs, and lets nothing begin', async (t) => {
  const server = await httpServer(t, () => {});
  const all = downloads(t, { perHost: 1 });
  const files = [1, 2].map(async (i) => all.get(new URL(`/${i}`, server.url), false));
  await server.requested(1);
  all.close();
  t.deepEqual(await Promise.all(files), [null, null]);
  t.is(await all.get(new URL(server.url), false), null);
  t.is(server.requests.length, 1);
  await server.closed();
});
