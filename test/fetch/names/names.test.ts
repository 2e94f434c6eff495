import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { NameError } from '../../../src/fetch/names/error.ts';
import { nameServer } from '../../helpers/name-server.ts';
import type { Zone } from '../../helpers/name-server.ts';
import { namesOf, over, trouble, v4, v6 } from '../../helpers/names.ts';
import { closedPort } from '../../helpers/server.ts';

test('a name has the addresses that the server gives', async (t) => {
  const { names } = await over(t, { 'a.test': { a: ['192.0.2.1', '192.0.2.2'] } });
  t.deepEqual(await names.lookup('a.test'), [v4('192.0.2.1'), v4('192.0.2.2')]);
});

test('a name that is known is answered at once, whatever its case', async (t) => {
  const { names, server } = await over(t, { 'a.test': { a: ['192.0.2.1'] } });
  await names.lookup('A.test');
  t.deepEqual(names.lookup('a.TEST'), [v4('192.0.2.1')]);
  t.is(server.asked(), 1);
});

test('after its TTL a name is asked for again', async (t) => {
  let now = 0;
  const { names, server } = await over(t, { 'a.test': { a: ['192.0.2.1'], ttl: 20 } }, { now: () => now });
  await names.lookup('a.test');
  now = 20_000;
  t.true(names.lookup('a.test') instanceof Promise);
  await names.lookup('a.test');
  t.is(server.asked(), 2);
});

test('all who ask for a name at one time share one question', async (t) => {
  const { names, server } = await over(t, { 'a.test': { a: ['192.0.2.1'] } });
  const all = await Promise.all(Array.from({ length: 100 }, async () => names.lookup('a.test')));
  t.true(all.every((addresses) => addresses.length === 1));
  t.is(server.asked(), 1);
});

test('no more names are remembered than the cache may hold', async (t) => {
  const { names, server } = await over(t, () => ({ a: ['192.0.2.1'] }), { cacheSize: 2 });
  for (const name of ['a.test', 'b.test', 'c.test', 'c.test', 'b.test', 'a.test']) await names.lookup(name);
  t.is(server.asked(), 4);
});

test('a dot at the end of a name is no part of it', async (t) => {
  const { names } = await over(t, { 'a.test': { a: ['192.0.2.1'] } });
  t.deepEqual(await names.lookup('a.test.'), [v4('192.0.2.1')]);
});

test('the addresses of an alias are those of the name it leads to, for the shorter time', async (t) => {
  let now = 0;
  const zone: Zone = {
    'a.test': { cname: 'b.test', ttl: 30 },
    'b.test': { a: ['192.0.2.1'], ttl: 900 },
  };
  const { names } = await over(t, zone, { now: () => now });
  t.deepEqual(await names.lookup('a.test'), [v4('192.0.2.1')]);
  now = 29_999;
  t.deepEqual(names.lookup('a.test'), [v4('192.0.2.1')]);
  now = 30_000;
  t.true(names.lookup('a.test') instanceof Promise);
});

test('both families are asked for and interleaved, IPv6 first, six addresses at most', async (t) => {
  const zone: Zone = {
    'a.test': {
      a: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'],
      aaaa: ['2001:db8::1', '2001:db8::2'],
    },
  };
  const { names, server } = await over(t, zone, { ipv6: true });
  t.deepEqual(await names.lookup('a.test'), [
    v6('2001:db8::1'),
    v4('192.0.2.1'),
    v6('2001:db8::2'),
    v4('192.0.2.2'),
    v4('192.0.2.3'),
    v4('192.0.2.4'),
  ]);
  t.is(server.asked('a.test', 'A'), 1);
  t.is(server.asked('a.test', 'AAAA'), 1);
});

test('without IPv6 only A is asked', async (t) => {
  const { names, server } = await over(t, { 'a.test': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] } });
  t.deepEqual(await names.lookup('a.test'), [v4('192.0.2.1')]);
  t.is(server.asked('a.test', 'AAAA'), 0);
});

test('one family is not waited for when the other is there, and soon asked for again', async (t) => {
  let now = 0;
  const zone: Zone = {
    'a.test A': { a: ['192.0.2.1'], ttl: 900 },
    'a.test AAAA': { silent: true },
    'b.test A': { silent: true },
    'b.test AAAA': { aaaa: ['2001:db8::1'], ttl: 900 },
  };
  const { names } = await over(t, zone, { ipv6: true, now: () => now });
  t.deepEqual(await names.lookup('a.test'), [v4('192.0.2.1')]);
  t.deepEqual(await names.lookup('b.test'), [v6('2001:db8::1')]);
  now = 10_000;
  t.true(names.lookup('a.test') instanceof Promise);
});

test('an answer of one family counts when the server fails with the other', async (t) => {
  const zone: Zone = {
    'a.test A': { code: 'servfail' },
    'a.test AAAA': { aaaa: ['2001:db8::1'] },
    'b.test A': { a: ['192.0.2.1'] },
    'b.test AAAA': { code: 'refused' },
    'c.test A': { a: ['192.0.2.2'] },
    'c.test AAAA': { code: 'nxdomain' },
  };
  const { names } = await over(t, zone, { ipv6: true });
  t.deepEqual(await names.lookup('a.test'), [v6('2001:db8::1')]);
  t.deepEqual(await names.lookup('b.test'), [v4('192.0.2.1')]);
  t.deepEqual(await names.lookup('c.test'), [v4('192.0.2.2')]);
});

test('a name that does not exist is not asked for again while that may be believed', async (t) => {
  let now = 0;
  const { names, server } = await over(t, { 'a.test': { code: 'nxdomain', soa: 300 } }, { now: () => now });
  const expected = { failure: 'dns-not-found', message: 'a.test does not exist' } as const;
  t.deepEqual(await trouble(names, 'a.test'), expected);
  now = 299_999;
  t.throws(() => void names.lookup('a.test'), { instanceOf: NameError, message: expected.message });
  t.is(server.asked(), 1);
  now = 300_000;
  t.deepEqual(await trouble(names, 'a.test'), expected);
  t.is(server.asked(), 2);
});

test('a name without addresses is dns-not-found; what was not asked is not claimed', async (t) => {
  const zone: Zone = { 'a.test': {}, 'b.test': { cname: 'b.test' } };
  const both = await over(t, zone, { ipv6: true });
  t.deepEqual(await trouble(both.names, 'a.test'), {
    failure: 'dns-not-found',
    message: 'a.test has no address',
  });
  t.is((await trouble(both.names, 'b.test')).message, 'b.test has no address');
  const one = await over(t, zone);
  t.deepEqual(await trouble(one.names, 'a.test'), {
    failure: 'dns-not-found',
    message: 'a.test has no IPv4 address, and this machine has no global IPv6',
  });
});

const fails = test.macro(async (t, code: 'servfail' | 'refused' | 'notimp', words: string) => {
  const { names, server } = await over(t, { 'a.test': { code } });
  const expected = { failure: 'dns-failure', message: `a.test: ${words}` } as const;
  t.deepEqual(await trouble(names, 'a.test'), expected);
  t.is(server.asked(), 1);
  // The failure is not cached: a retry asks again.
  t.deepEqual(await trouble(names, 'a.test'), expected);
  t.is(server.asked(), 2);
});

test('SERVFAIL is dns-failure', fails, 'servfail', 'the name server failed (SERVFAIL)');
test('REFUSED is dns-failure', fails, 'refused', 'the name server refused to answer (REFUSED)');
test('NOTIMP is dns-failure', fails, 'notimp', 'the name server cannot answer such a question (NOTIMP)');

test('a name is not said not to exist while one family failed', async (t) => {
  const zone: Zone = { 'a.test A': {}, 'a.test AAAA': { code: 'servfail' } };
  const { names } = await over(t, zone, { ipv6: true });
  t.is((await trouble(names, 'a.test')).failure, 'dns-failure');
});

test('a server that is down is dns-failure', async (t) => {
  // With both families, the second question meets the error that the first one caused.
  for (const ipv6 of [false, true]) {
    const names = namesOf(t, { servers: [`127.0.0.1:${await closedPort()}`], ipv6 });
    t.deepEqual(await trouble(names, 'a.test'), {
      failure: 'dns-failure',
      message: 'a.test: no name server can be reached',
    });
  }
});

test('a server that is silent is dns-timeout, when the time is over', async (t) => {
  const { names } = await over(t, () => ({ silent: true }), { timeout: 200 });
  const start = performance.now();
  t.deepEqual(await trouble(names, 'a.test'), {
    failure: 'dns-timeout',
    message: 'a.test: no name server answered in time',
  });
  // Node's timers start from the beginning of the current turn of the event loop, which may be some
  // milliseconds ago.
  t.true(performance.now() - start >= 150);
});

test('an answer that comes too late harms nothing', async (t) => {
  let now = 0;
  let delay = 400;
  const { names, server } = await over(t, () => ({ a: ['192.0.2.1'], delay }), {
    timeout: 200,
    now: () => now,
  });
  t.is((await trouble(names, 'a.test')).failure, 'dns-timeout');
  now = 2000;
  delay = 0;
  let last: unknown;
  // A busy machine may be too slow for the timeout.
  do last = await Promise.resolve(names.lookup('a.test')).catch(() => null);
  while (last === null);
  t.deepEqual(last, [v4('192.0.2.1')]);
  t.true(server.asked() >= 2);
});

test('a name that DNS cannot hold is dns-not-found without a question', async (t) => {
  const { names, server } = await over(t, () => ({ a: ['192.0.2.1'] }));
  for (const name of [
    `${'a'.repeat(64)}.test`,
    'a.'.repeat(125) + 'test',
    'a..test',
    '.test',
    'test..',
    '.',
    '',
  ]) {
    t.is((await trouble(names, name)).failure, 'dns-not-found', name);
  }
  t.is(server.asked(), 0);
});

test('the longest names are asked for', async (t) => {
  const { names } = await over(t, () => ({ a: ['192.0.2.1'] }));
  for (const name of [`${'a'.repeat(63)}.test`, `${'a.'.repeat(124)}tests`, `${'a.'.repeat(124)}tests.`]) {
    t.deepEqual(await names.lookup(name), [v4('192.0.2.1')], name);
  }
});

test('an address is its own answer', (t) => {
  const names = namesOf(t, {});
  t.deepEqual(names.lookup('192.0.2.1'), [v4('192.0.2.1')]);
  t.deepEqual(names.lookup('2001:db8::1'), [v6('2001:db8::1')]);
});

test('a lookup that nobody waits for any more does no harm when it fails', async (t) => {
  const { names } = await over(t, () => ({ silent: true }));
  const unhandled: unknown[] = [];
  const listener = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', listener);
  t.teardown(() => process.off('unhandledRejection', listener));
  t.true(names.lookup('a.test') instanceof Promise);
  names.close();
  // Unhandled rejections are reported before the next timer.
  await new Promise((resolve) => setTimeout(resolve, 0));
  t.deepEqual(unhandled, []);
});

test('lookups under way end when it is closed', async (t) => {
  const { names } = await over(t, () => ({ silent: true }));
  const lookups = ['a.test', 'b.test'].map(async (name) => trouble(names, name));
  names.close();
  t.deepEqual(await Promise.all(lookups), [
    { failure: 'dns-failure', message: 'a.test: the lookup was stopped' },
    { failure: 'dns-failure', message: 'b.test: the lookup was stopped' },
  ]);
});

test('a process ends while names are open, but not before a lookup has', async (t) => {
  const server = await nameServer(t, () => ({ a: ['192.0.2.1'], delay: 500 }));
  const module = new URL('../../../src/fetch/names/names.js', import.meta.url).href;
  const script = `
    const { Names } = await import(${JSON.stringify(module)});
    const names = new Names({ servers: [${JSON.stringify(server.address)}], timeout: 60_000, ipv6: false });
    names.lookup('a.test').then(([{ address }]) => console.log(address));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  t.is(output, '192.0.2.1\n');
  t.is(code, 0);
});

test('names are looked up while no descriptor is left, over the sockets that are there', async (t) => {
  const server = await nameServer(t, () => ({ a: ['192.0.2.1'] }));
  const module = new URL('../../../src/fetch/names/names.js', import.meta.url).href;
  const script = `
    import { openSync } from 'node:fs';
    const { Names } = await import(${JSON.stringify(module)});
    const names = new Names({ servers: [${JSON.stringify(server.address)}], timeout: 60_000, ipv6: false });
    await names.lookup('first.test');
    try { for (;;) openSync('/dev/null'); } catch {}
    let found = 0;
    for (let i = 0; i < 300; i++) found += (await names.lookup('n' + i + '.test')).length;
    console.log(found);
    process.exit();`;
  const child = spawn(
    'sh',
    ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  t.is(output, '300\n');
});
