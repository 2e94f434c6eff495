import test from 'ava';

import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { nameServer } from '../../helpers/name-server.ts';
import { publicAddresses } from '../../helpers/public-addresses.ts';
import type { Page, Values } from '../../../src/shared/records.ts';
import { closedPort, httpServer } from '../../helpers/server.ts';

const outside = '93.184.215.14';

test.serial('a public address may be connected to with denyPrivate', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const dialled = publicAddresses(t);
  const { status, trace } = await fetchOne(`http://${outside}:${server.port}/`, { denyPrivate: true });
  t.deepEqual({ status, ip: trace.remoteIp }, { status: 200, ip: outside });
  t.deepEqual(dialled, [outside]);
});

test.serial('of a public and private addresses only the public one is dialled', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const names = await nameServer(t, {
    'mixed.test': { a: ['10.0.0.1', '127.0.0.1', outside, '192.168.0.1'] },
  });
  const dialled = publicAddresses(t);
  const options = { denyPrivate: true, dnsServer: [names.address] };
  const { status, trace } = await fetchOne(`http://mixed.test:${server.port}/`, options);
  t.deepEqual({ status, ip: trace.remoteIp }, { status: 200, ip: outside });
  t.deepEqual(dialled, [outside]);
});

test.serial('a redirect from a public address to a private one is denied, and not dialled', async (t) => {
  const inner = `http://10.0.0.1:${await closedPort()}/secret`;
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: inner }).end();
  });
  const dialled = publicAddresses(t);
  const result = await fetchOne(`http://${outside}:${server.port}/`);
  t.is(result.error, 'address-denied');
  t.deepEqual(dialled, [outside]);
  const options = { allowPrivate: true };
  t.is((await fetchOne(`http://${outside}:${server.port}/`, options)).error, 'connect-refused');
  t.deepEqual(dialled, [outside, outside, '10.0.0.1']);
});

test.serial('a redirect from a private address to a public one and back is denied', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    const next = url === '/1' ? `http://${outside}:${server.port}/2` : `http://10.0.0.1:${server.port}/3`;
    response.writeHead(302, { location: next }).end();
  });
  const dialled = publicAddresses(t);
  const { error, redirects } = await fetchOne(`http://10.0.0.1:${server.port}/1`);
  t.is(error, 'address-denied');
  t.is(redirects.length, 2);
  t.deepEqual(dialled, ['10.0.0.1', outside]);
});

test.serial('a next page of a public one at a private address is denied, and not dialled', async (t) => {
  const inner = `http://10.0.0.1:${await closedPort()}/2`;
  const server = await httpServer(t, (_, response) => response.end(`{"next":"${inner}"}`));
  const dialled = publicAddresses(t);
  const result = await fetchOne(`http://${outside}:${server.port}/`, { next: 'json:next' });
  t.deepEqual([result.page, result.error], [2, 'address-denied']);
  t.deepEqual(dialled, [outside]);
});

test.serial('what a public page asks for at a private address is denied, and not dialled', async (t) => {
  const inner = `http://10.0.0.1:${await closedPort()}/2`;
  const server = await httpServer(t, (_, response) => response.end());
  const dialled = publicAddresses(t);
  const process = async (page: Page): Promise<Values> => {
    await page.fetch(inner);
    return {};
  };
  const processors = [{ columns: ['a'], process }];
  const result = await fetchOne(`http://${outside}:${server.port}/`, { processors });
  t.regex(result.detail, /address-denied/);
  t.deepEqual(dialled, [outside]);
});

test.serial('an idle connection to a public address is used again with denyPrivate', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const dialled = publicAddresses(t);
  const urls = Array.from({ length: 5 }, (_, i) => `http://${outside}:${server.port}/${i}`);
  const results = await fetchAll(urls, { denyPrivate: true, concurrency: 1 });
  t.true(results.every(({ status }) => status === 200));
  t.is(dialled.length, 1);
});
