import type { Socket } from 'node:net';

import test from 'ava';

import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { nameServer } from '../../helpers/name-server.ts';
import { closedPort, httpServer, rawServer } from '../../helpers/server.ts';

const rows = (count: number, name = 'a'): string[] =>
  Array.from({ length: count }, (_, i) => `http://${name}.test/${i}`);

function errors(results: readonly Result[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error, status } of results) {
    const key = error ?? String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

test('after five failures in a row the host is not tried any more', async (t) => {
  const server = await rawServer(t, (socket) => socket.resetAndDestroy());
  const limits = { perHost: 1, retries: 0, maxWait: 1, connectTo: [everythingTo(server)] };
  const results = await fetchAll(rows(50), limits);
  t.deepEqual(errors(results), { 'connect-reset': 5, 'host-down': 45 });
  t.is(server.connections(), 5);
  for (const { error, attempts, status, ms, detail } of results) {
    if (error !== 'host-down') continue;
    t.deepEqual([attempts, status, ms], [0, null, null]);
    t.regex(detail, /^a\.test was not tried: the last 5 attempts failed \(connect-reset: .+\)$/);
  }
});

test('rows that were tried keep their own failure', async (t) => {
  const server = await rawServer(t, (socket) => socket.resetAndDestroy());
  const limits = { retries: 9, perHost: 2, maxWait: 1, connectTo: [everythingTo(server)] };
  const results = await fetchAll(rows(2), limits);
  t.deepEqual(errors(results), { 'connect-reset': 2 });
  const attempts = results.reduce((sum, result) => sum + result.attempts, 0);
  // Of the two that ran at the same time, both failures together count once.
  t.true(attempts >= 5 && attempts <= 6, `${attempts}`);
  t.is(server.connections(), attempts);
  t.true(results.every(({ ms, at }) => ms !== null && ms > 0 && at > 0));
});

test('failures at the same time count once, then the host is asked one thing at a time', async (t) => {
  const held: Socket[] = [];
  const server = await rawServer(t, (socket) => {
    held.push(socket);
    if (held.length >= 6) for (const waiting of held) waiting.resetAndDestroy();
  });
  const limits = { perHost: 6, retries: 0, maxWait: 1, connectTo: [everythingTo(server)] };
  const results = await fetchAll(rows(30), limits);
  t.deepEqual(errors(results), { 'connect-reset': 10, 'host-down': 20 });
  t.is(server.connections(), 10);
});

test('an answer in between starts the count again', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (Number(url.slice(1)) % 5 === 4) response.writeHead(404).end();
    else response.socket?.resetAndDestroy();
  });
  const limits = { perHost: 1, retries: 0, maxWait: 1, connectTo: [everythingTo(server)] };
  const results = await fetchAll(rows(30), limits);
  t.deepEqual(errors(results), { '404': 6, 'connect-reset': 24 });
});

test('other hosts are tried all the same', async (t) => {
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'a.test') response.socket?.resetAndDestroy();
    else response.end();
  });
  const limits = { retries: 0, maxWait: 1, perHost: 1, connectTo: [everythingTo(server)] };
  const list = rows(20).flatMap((url, i) => [url, `http://b.test/${i}`]);
  t.deepEqual(errors(await fetchAll(list, limits)), { '200': 20, 'connect-reset': 5, 'host-down': 15 });
});

test('another port of the host is tried all the same, also where its rows wait already', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const url = `http://127.0.0.1:${await closedPort()}`;
  const list = [url, server.url].flatMap((from) => Array.from({ length: 20 }, (_, i) => `${from}/${i}`));
  const results = await fetchAll(list, { retries: 0, maxWait: 1, perHost: 1, concurrency: 50 });
  t.deepEqual(errors(results), { '200': 20, 'connect-refused': 5, 'host-down': 15 });
  t.true(results.every(({ error, row: { url: own } }) => (error === null) === own.startsWith(server.url)));
});

test('bad answers are answers', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    const kind = Number(url.slice(1)) % 4;
    if (kind === 0) response.writeHead(500).end();
    else if (kind === 1) response.destroy();
    else if (kind === 2) response.socket?.end('SSH-2.0-x\r\n\r\n');
    else response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy());
  });
  const limits = { retries: 0, perHost: 1, maxWait: 1, connectTo: [everythingTo(server)] };
  t.deepEqual(errors(await fetchAll(rows(40), limits)), {
    '500': 10,
    'http-closed': 10,
    'http-malformed': 10,
    'http-truncated': 10,
  });
});

test('a name that does not exist is said for each row; a name server that fails makes the host one that is down', async (t) => {
  const names = await nameServer(t, { 'b.test': { code: 'servfail' } });
  const limits = { retries: 0, maxWait: 1, perHost: 1, dnsServer: [names.address] };
  t.deepEqual(errors(await fetchAll(rows(20), limits)), { 'dns-not-found': 20 });
  t.deepEqual(errors(await fetchAll(rows(20, 'b'), limits)), { 'dns-failure': 5, 'host-down': 15 });
});

test('a redirect to a host that is down is host-down, with what led there', async (t) => {
  const server = await httpServer(t, ({ headers: { host }, url }, response) => {
    if (host === 'a.test') response.socket?.resetAndDestroy();
    else response.writeHead(302, { location: `http://a.test${url}` }).end();
  });
  const limits = { retries: 0, maxWait: 1, perHost: 1, concurrency: 2, connectTo: [everythingTo(server)] };
  const results = await fetchAll(rows(12, 'from'), limits);
  t.deepEqual(errors(results), { 'connect-reset': 5, 'host-down': 7 });
  for (const { error, attempts, redirects, host, status } of results) {
    if (error !== 'host-down') continue;
    t.deepEqual([attempts, redirects.length, host, status], [1, 1, 'a.test', null]);
  }
});
