import dgram from 'node:dgram';
import { once } from 'node:events';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { NameServers } from '../../../src/fetch/names/servers.ts';
import type { NameTrouble } from '../../../src/fetch/names/error.ts';
import type { Answer } from '../../../src/fetch/names/outcome.ts';
import { givenTime } from '../../helpers/given-time.ts';
import { nameServer } from '../../helpers/name-server.ts';
import type { NameServer, Reply } from '../../helpers/name-server.ts';
import { closedPort } from '../../helpers/server.ts';

type Ask = (name: string) => Promise<Answer | NameTrouble>;

interface AskOptions {
  readonly timeout?: number;
  readonly families?: readonly (4 | 6)[];
}

function asking(
  t: ExecutionContext,
  servers: readonly (NameServer | string)[],
  { timeout = 60_000, families = [4] }: AskOptions = {},
): Ask {
  const texts = servers.map((server) => (typeof server === 'string' ? server : server.address));
  const names = new NameServers(texts, { timeout, families, rotate: true });
  t.teardown(() => names.close());
  return async (name) => new Promise((resolve) => names.ask(name, resolve));
}

const addressesOf = (outcome: Answer | NameTrouble): unknown =>
  'addresses' in outcome ? outcome.addresses.map(({ address }) => address) : outcome;

const good: Reply = { a: ['192.0.2.1'] };

test('servers take turns', async (t) => {
  const servers = [await nameServer(t, () => good), await nameServer(t, () => good)];
  const ask = asking(t, servers);
  for (let i = 0; i < 10; i++) t.deepEqual(addressesOf(await ask(`n${i}.test`)), ['192.0.2.1']);
  t.deepEqual(
    servers.map((server) => server.asked()),
    [5, 5],
  );
});

test('the next server is asked when one fails', async (t) => {
  for (const code of ['servfail', 'refused', 'notimp'] as const) {
    const servers = [await nameServer(t, () => ({ code })), await nameServer(t, () => good)];
    t.deepEqual(addressesOf(await asking(t, servers)('a.test')), ['192.0.2.1'], code);
    t.deepEqual(
      servers.map((server) => server.asked()),
      [1, 1],
    );
  }
});

test('a server that says that a name does not exist is believed', async (t) => {
  const servers = [await nameServer(t, {}), await nameServer(t, () => good)];
  t.like(await asking(t, servers)('a.test'), { failure: 'dns-not-found' });
  t.is(servers[1]?.asked(), 0);
});

test('the next server is asked when one is silent, and then goes first', async (t) => {
  const silent = await nameServer(t, () => ({ silent: true }));
  const ask = asking(t, [silent, await nameServer(t, () => good)]);
  t.deepEqual(addressesOf(await ask('a.test')), ['192.0.2.1']);
  for (let i = 0; i < 10; i++) await ask(`n${i}.test`);
  t.is(silent.asked(), 1);
});

test('the next server is asked when one is down, and then goes first', async (t) => {
  const down = `127.0.0.1:${await closedPort()}`;
  const up = await nameServer(t, () => good);
  const ask = asking(t, [down, up]);
  for (let i = 0; i < 10; i++) t.deepEqual(addressesOf(await ask(`n${i}.test`)), ['192.0.2.1']);
  t.is(up.asked(), 10);
});

test('a server that is slow with one name is not passed over', async (t) => {
  const slow = await nameServer(t, (name) => (name === 'slow.test' ? { ...good, delay: 2500 } : good));
  const other = await nameServer(t, () => good);
  const ask = asking(t, [slow, other]);
  const first = ask('slow.test');
  // The slow server answers others while its answer for the first name is pending.
  for (let i = 0; i < 10; i++) await ask(`n${i}.test`);
  t.deepEqual(addressesOf(await first), ['192.0.2.1']);
  const before = slow.asked();
  for (let i = 10; i < 20; i++) await ask(`n${i}.test`);
  t.is(slow.asked(), before + 5);
});

test('a question that was lost is sent again', async (t) => {
  let asked = 0;
  const server = await nameServer(t, () => (++asked === 1 ? { silent: true } : good));
  t.deepEqual(addressesOf(await asking(t, [server])('a.test')), ['192.0.2.1']);
  t.is(asked, 2);
});

test('an answer that comes after the question was sent again counts', async (t) => {
  let asked = 0;
  const server = await nameServer(t, () => (++asked === 1 ? { ...good, delay: 1300 } : { silent: true }));
  t.deepEqual(addressesOf(await asking(t, [server])('a.test')), ['192.0.2.1']);
  t.true(asked >= 2);
});

test('a cut reply is asked for again over TCP', async (t) => {
  const server = await nameServer(t, () => ({ a: ['192.0.2.1', '192.0.2.2'], ttl: 70, truncated: true }));
  t.deepEqual(await asking(t, [server])('a.test'), {
    addresses: [
      { address: '192.0.2.1', family: 4 },
      { address: '192.0.2.2', family: 4 },
    ],
    ttl: 70,
  });
  t.is(server.overTcp(), 1);
});

test('a cut reply without addresses is dns-not-found', async (t) => {
  const zone = { 'a.test': { truncated: true }, 'b.test': { truncated: true, code: 'nxdomain' } } as const;
  const ask = asking(t, [await nameServer(t, zone)], { families: [6, 4] });
  t.like(await ask('a.test'), { failure: 'dns-not-found', message: 'a.test has no address' });
  t.like(await ask('b.test'), { failure: 'dns-not-found', message: 'b.test does not exist' });
});

test('a server that understands no question is dns-failure', async (t) => {
  const server = await nameServer(t, () => ({ code: 'formerr' }));
  t.like(await asking(t, [server])('a.test'), {
    failure: 'dns-failure',
    message: 'a.test: the name server did not understand the question (FORMERR)',
  });
});

test('an IPv6 server is asked', async (t) => {
  const server = await nameServer(t, () => good, '::1');
  t.deepEqual(addressesOf(await asking(t, [server])('a.test')), ['192.0.2.1']);
});

test('an answer with another id, from another port or to another question is ignored', async (t) => {
  const real = await nameServer(t, () => good);
  const forger = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(forger, 'listening');
  t.teardown(() => forger.close());
  const relay = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(relay, 'listening');
  t.teardown(() => relay.close());
  relay.on('message', (query, { port, address }) => {
    const forged = Buffer.concat([
      query.subarray(0, 24),
      Buffer.from('c00c00010001000000090004cb007101', 'hex'),
    ]);
    forged.writeUInt16BE(0x8180, 2);
    forged.writeUInt16BE(1, 6);
    forger.send(forged, port, address);
    const otherId = Buffer.from(forged);
    otherId.writeUInt16BE((query.readUInt16BE(0) + 1) % 0x1_0000, 0);
    relay.send(otherId, port, address);
    const otherName = Buffer.from(forged);
    otherName.write('b', 13);
    relay.send(otherName, port, address);
    relay.send('short', port, address);
    // The real answer comes last.
    const asker = dgram.createSocket('udp4');
    asker.on('message', (reply) => {
      relay.send(reply, port, address);
      asker.close();
    });
    asker.send(query, Number(real.address.split(':')[1]), '127.0.0.1');
  });
  t.deepEqual(addressesOf(await asking(t, [`127.0.0.1:${relay.address().port}`])('a.test')), ['192.0.2.1']);
});

function found(all: readonly (Answer | NameTrouble)[]): number {
  return all.filter((outcome) => 'addresses' in outcome).length;
}

test('any number of names is asked for over a few sockets, those without an answer too', async (t) => {
  const server = await nameServer(t, (name) => (name.startsWith('s') ? { silent: true } : good));
  const names = Array.from({ length: 200 }, (_, i) => `${i % 2 === 0 ? 's' : 'n'}${i}.test`);
  const outcomes = await givenTime(
    // Unanswered questions are repeated after a second, so the timeout must be longer.
    async (time) => Promise.all(names.map(asking(t, [server], { timeout: 1100 + time }))),
    (all) => found(all) === 100,
  );
  t.is(found(outcomes), 100);
  t.is(outcomes.filter((outcome) => 'failure' in outcome && outcome.failure === 'dns-timeout').length, 100);
  // Each unanswered question was sent at least twice.
  t.true(server.asked() >= 300, `${server.asked()}`);
  t.true(server.askers() <= server.asked() / 30, `${server.askers()}`);
});

test('ports change all the time', async (t) => {
  const server = await nameServer(t, () => good);
  const ask = asking(t, [server]);
  for (let i = 0; i < 2000; i++) await ask(`n${i}.test`);
  // At most a hundred questions are sent from one port.
  t.true(server.askers() >= 20, `${server.askers()}`);
});
