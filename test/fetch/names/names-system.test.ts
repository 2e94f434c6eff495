import dns from 'node:dns';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { Address } from '../../../src/fetch/names/outcome.ts';
import type { Names, NamesOptions } from '../../../src/fetch/names/names.ts';
import { nameServer } from '../../helpers/name-server.ts';
import type { NameServer, Zone } from '../../helpers/name-server.ts';
import { namesOf, over, trouble, v4, v6 } from '../../helpers/names.ts';
import { closedPort } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('localhost is this machine, without a question and whatever the hosts file says', async (t) => {
  const folder = await temporaryFolder(t, { hosts: '192.0.2.1 localhost' });
  const names = namesOf(t, { hostsFile: join(folder, 'hosts') });
  for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'a.b.localhost', 'a.localhost.']) {
    t.deepEqual(names.lookup(name), [v4('127.0.0.1'), v6('::1')], name);
  }
});

test('the hosts file comes before the server, and is read once', async (t) => {
  const folder = await temporaryFolder(t, { hosts: '192.0.2.1 a.test short' });
  const zone: Zone = { 'b.test': { a: ['192.0.2.2'] } };
  const { names, server } = await over(t, zone, { hostsFile: join(folder, 'hosts') });
  for (const name of ['a.test', 'A.TEST', 'a.test.', 'short']) {
    t.deepEqual(names.lookup(name), [v4('192.0.2.1')], name);
  }
  t.deepEqual(await names.lookup('b.test'), [v4('192.0.2.2')]);
  t.is(server.asked(), 1);
});

test('a name of one label is asked for when servers are given', async (t) => {
  const { names } = await over(t, { intranet: { a: ['192.0.2.1'] }, 'a.local': { a: ['192.0.2.2'] } });
  t.deepEqual(await names.lookup('intranet'), [v4('192.0.2.1')]);
  t.deepEqual(await names.lookup('a.local'), [v4('192.0.2.2')]);
});

test.serial('names that only the system knows are its to look up', async (t) => {
  const { lookup } = dns;
  t.teardown(() => {
    dns.lookup = lookup;
  });
  const asked: string[] = [];
  dns.lookup = ((
    name: string,
    _: dns.LookupAllOptions,
    callback: (error: NodeJS.ErrnoException | null, addresses?: readonly Address[]) => void,
  ) => {
    asked.push(name);
    if (name === 'none') setImmediate(callback, null, []);
    else if (name === 'nowhere')
      setImmediate(callback, Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    else if (name === 'later') setImmediate(callback, Object.assign(new Error('no'), { code: 'EAI_AGAIN' }));
    else if (name !== 'silent') setImmediate(callback, null, Array(9).fill(v6('2001:db8::1')));
  }) as typeof lookup;
  let now = 0;
  const names = namesOf(t, { timeout: 60_000, now: () => now });
  for (const name of ['intranet', 'printer.local', 'printer.local.']) {
    t.deepEqual(await names.lookup(name), Array(6).fill(v6('2001:db8::1')), name);
  }
  t.deepEqual(await trouble(names, 'none'), { failure: 'dns-not-found', message: 'none has no address' });
  t.is((await trouble(names, 'nowhere')).failure, 'dns-not-found');
  t.is((await trouble(names, 'later')).failure, 'dns-failure');
  t.is((await trouble(namesOf(t, { timeout: 50 }), 'silent')).failure, 'dns-timeout');
  t.deepEqual(asked, ['intranet', 'printer.local', 'printer.local.', 'none', 'nowhere', 'later', 'silent']);
  t.truthy(names.lookup('intranet'));
  now = 60_000;
  await names.lookup('intranet');
  t.is(asked.length, 8);
});

/** System-wide name lookup with a server for this zone and these lines in resolv.conf. */
async function ofSystem(
  t: ExecutionContext,
  zone: Zone,
  lines: string,
  options: Partial<NamesOptions> = {},
): Promise<{ readonly server: NameServer; readonly names: Names; readonly resolvConf: string }> {
  const server = await nameServer(t, zone);
  const folder = await temporaryFolder(t, {
    'resolv.conf': `nameserver ${server.address}\n${lines}\n`,
  });
  const resolvConf = join(folder, 'resolv.conf');
  return { server, resolvConf, names: namesOf(t, { resolvConf, ...options }) };
}

test('a name that is waited for when the lookups end is asked of nobody', async (t) => {
  const { names, server } = await ofSystem(t, { 'b.test': { a: ['192.0.2.1'] } }, '');
  // The file with the name servers is still being read.
  const ended = trouble(names, 'a.test');
  names.close();
  t.is((await ended).message, 'a.test: the lookup was stopped');
  t.deepEqual(await names.lookup('b.test'), [v4('192.0.2.1')]);
  t.is(server.asked('a.test'), 0);
});

const cluster = 'search ns.svc.cluster.test svc.cluster.test\noptions ndots:5';

test('a name with fewer dots than ndots is searched for first', async (t) => {
  const zone = {
    'web.ns.svc.cluster.test': { a: ['192.0.2.1'] },
    'web.ns': { a: ['192.0.2.2'] },
    'public.test': { a: ['192.0.2.3'] },
  };
  const { names, server } = await ofSystem(t, zone, cluster);
  t.deepEqual(await names.lookup('web.ns'), [v4('192.0.2.1')]);
  t.is(server.asked('web.ns'), 0);
  t.deepEqual(await names.lookup('public.test'), [v4('192.0.2.3')]);
  // The result is cached, even if it was found by searching.
  const before = server.asked();
  t.deepEqual(names.lookup('web.ns'), [v4('192.0.2.1')]);
  t.is(server.asked(), before);
});

test('a name with enough dots is searched for when it does not exist', async (t) => {
  const zone = {
    'a.test': { a: ['192.0.2.1'] },
    'a.test.corp.test': { a: ['192.0.2.2'] },
    'b.test.corp.test': { a: ['192.0.2.3'] },
    'c.test': { code: 'servfail' },
    'c.test.corp.test': { a: ['192.0.2.4'] },
  } as const;
  const { names, server } = await ofSystem(t, zone, 'search corp.test');
  t.deepEqual(await names.lookup('a.test'), [v4('192.0.2.1')]);
  t.deepEqual(await names.lookup('b.test'), [v4('192.0.2.3')]);
  // The name may exist, so no other one is tried instead.
  t.is((await trouble(names, 'c.test')).failure, 'dns-failure');
  t.is(server.asked(), 4);
});

test('a name that is nowhere is dns-not-found, by its own name, and remembered', async (t) => {
  const { names, server } = await ofSystem(t, {}, 'search corp.test lab.test');
  const expected = { failure: 'dns-not-found', message: 'a.test does not exist' } as const;
  t.deepEqual(await trouble(names, 'a.test'), expected);
  t.is(server.asked(), 3);
  t.deepEqual(await trouble(names, 'a.test'), expected);
  t.is(server.asked(), 3);
});

test('a name is not said not to exist while a domain that comes first cannot be asked', async (t) => {
  const zone = { 'web.ns.svc.cluster.test': { code: 'servfail' } } as const;
  const { names } = await ofSystem(t, zone, cluster);
  t.deepEqual(await trouble(names, 'web.ns'), {
    failure: 'dns-failure',
    message: 'web.ns.svc.cluster.test: the name server failed (SERVFAIL)',
  });
});

const silentDomain: Zone = (name) => {
  if (name.endsWith('corp.test')) return { silent: true };
  return name === 'a.test' ? { code: 'nxdomain' } : { a: ['192.0.2.1'] };
};

test('a search domain that is silent does not take all the time', async (t) => {
  const late = await ofSystem(t, silentDomain, 'search corp.test');
  t.is((await trouble(late.names, 'a.test')).failure, 'dns-not-found');
  const early = await ofSystem(t, silentDomain, 'search corp.test\noptions ndots:3');
  t.deepEqual(await early.names.lookup('b.test'), [v4('192.0.2.1')]);
});

test('a name that ends with a dot is never searched for', async (t) => {
  const { names, server } = await ofSystem(t, { 'web.ns.svc.cluster.test': { a: ['192.0.2.1'] } }, cluster);
  t.is((await trouble(names, 'web.ns.')).failure, 'dns-not-found');
  t.is(server.asked(), 1);
});

test('with servers that are given there is no search', async (t) => {
  const { server, resolvConf } = await ofSystem(
    t,
    { 'web.ns.corp.test': { a: ['192.0.2.1'] } },
    'search corp.test',
  );
  const names = namesOf(t, { servers: [server.address], resolvConf });
  t.is((await trouble(names, 'web.ns')).failure, 'dns-not-found');
  t.is(server.asked(), 1);
});

test('where nothing can be searched a name is asked for once', async (t) => {
  const { names, server } = await ofSystem(t, {}, 'search .');
  t.is((await trouble(names, 'a.test')).failure, 'dns-not-found');
  t.is(server.asked(), 1);
});

test('RES_OPTIONS and LOCALDOMAIN come before the file', async (t) => {
  const zone = { 'a.b': { a: ['192.0.2.1'] }, 'c.d.lab.test': { a: ['192.0.2.2'] } };
  const environment = { RES_OPTIONS: 'ndots:1', LOCALDOMAIN: 'lab.test' };
  const { names, server } = await ofSystem(t, zone, cluster, { environment });
  t.deepEqual(await names.lookup('a.b'), [v4('192.0.2.1')]);
  t.deepEqual(await names.lookup('c.d'), [v4('192.0.2.2')]);
  t.is(server.asked(), 3);
});

test('the servers of the system are asked in their order', async (t) => {
  const second = await nameServer(t, () => ({ a: ['192.0.2.2'] }));
  const { names } = await ofSystem(t, () => ({ a: ['192.0.2.1'] }), `nameserver ${second.address}`);
  for (const name of ['a.test', 'b.test', 'c.test']) t.deepEqual(await names.lookup(name), [v4('192.0.2.1')]);
  t.is(second.asked(), 0);
});

/**
 * A link-local address of this machine with its scope; if there is none, that of the loopback with the scope
 * 1.
 */
function scopedAddress(): string {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const own = addresses.find(({ address }) => address.startsWith('fe80:'));
    if (own !== undefined) return `${own.address}%${name}`;
  }
  return '::1%1';
}

test('an IPv6 server keeps its scope', async (t) => {
  const server = await nameServer(t, () => ({ a: ['192.0.2.1'] }), scopedAddress());
  const port = server.address.split(':').at(-1);
  const folder = await temporaryFolder(t, {
    good: `nameserver ${server.address}\n`,
    bad: `nameserver [fe80::1%none]:${port}\n`,
  });
  t.deepEqual(await namesOf(t, { resolvConf: join(folder, 'good') }).lookup('a.test'), [v4('192.0.2.1')]);
  t.is((await trouble(namesOf(t, { resolvConf: join(folder, 'bad') }), 'a.test')).failure, 'dns-failure');
});

test('the servers are read again when none answers, every few seconds at most', async (t) => {
  let now = 0;
  const server = await nameServer(t, () => ({ a: ['192.0.2.1'] }));
  const folder = await temporaryFolder(t, { 'resolv.conf': `nameserver 127.0.0.1:${await closedPort()}\n` });
  const resolvConf = join(folder, 'resolv.conf');
  const names = namesOf(t, { resolvConf, now: () => now });
  t.is((await trouble(names, 'a.test')).failure, 'dns-failure');
  await writeFile(resolvConf, `nameserver ${server.address}\n`);
  for (let i = 0; i < 20; i++) t.is((await trouble(names, `a${i}.test`)).failure, 'dns-failure');
  t.is(server.asked(), 0);
  now = 5000;
  let found: unknown = null;
  while (found === null) found = await Promise.resolve(names.lookup('a.test')).catch(() => null);
  t.deepEqual(found, [v4('192.0.2.1')]);
});

test('what a silent server was asked is asked of the one that takes its place', async (t) => {
  let now = 0;
  const server = await nameServer(t, () => ({ a: ['192.0.2.1'] }));
  const {
    names,
    resolvConf,
    server: silent,
  } = await ofSystem(t, () => ({ silent: true }), '', { now: () => now });
  const first = names.lookup('a.test');
  while (silent.asked() === 0) await new Promise(setImmediate);
  now = 5000;
  await writeFile(resolvConf, `nameserver ${server.address}\n`);
  t.deepEqual(await first, [v4('192.0.2.1')]);
});
