import { join } from 'node:path';

import test from 'ava';

import { SystemConfig, parseResolvConf } from '../../../src/fetch/names/resolver-config.ts';
import type { ResolverConfig } from '../../../src/fetch/names/resolver-config.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const parse = (text: string, environment: Record<string, string> = {}, hostname = 'box'): ResolverConfig =>
  parseResolvConf(text, { environment, hostname });

test('servers come in their order, with scopes; what is no address is passed over', (t) => {
  const text =
    'nameserver 192.0.2.1 # first\r\nnameserver fe80::1%eth0\n nameserver\t::1\nnameserver dns.test\nnameserver\n';
  t.deepEqual(parse(text).servers, ['192.0.2.1', 'fe80::1%eth0', '::1']);
});

test('comments hold nothing', (t) => {
  t.deepEqual(parse('#nameserver 192.0.2.1\n; search a.test\n'), { servers: [], search: [], ndots: 1 });
});

test('the last of several search and domain lines counts', (t) => {
  t.deepEqual(parse('search a.test b.test\ndomain c.test').search, ['c.test']);
  t.deepEqual(parse('domain c.test\nsearch A.test. b.test').search, ['a.test', 'b.test']);
});

test('a domain that can be none is passed over', (t) => {
  t.deepEqual(parse(`search a..b \u001b[31m.test ${'a'.repeat(64)}.test b.test`).search, ['b.test']);
});

test('without a line the machine is in the domain of its name', (t) => {
  t.deepEqual(parse('', {}, 'box.corp.test').search, ['corp.test']);
  t.deepEqual(parse('', {}, 'box').search, []);
  t.deepEqual(parse('search .', {}, 'box.corp.test').search, ['']);
});

test('ndots is among the options, 15 at most', (t) => {
  t.is(parse('').ndots, 1);
  t.is(parse('options timeout:1 ndots:5\noptions rotate').ndots, 5);
  t.is(parse('options ndots:99').ndots, 15);
  t.is(parse('options ndots:0').ndots, 0);
  t.is(parse('options ndots:x').ndots, 1);
});

test('the environment comes before the file', (t) => {
  const env = { LOCALDOMAIN: 'x.test y.test', RES_OPTIONS: 'ndots:1' };
  const { search, ndots } = parse('search a.test\noptions ndots:5', env);
  t.deepEqual(search, ['x.test', 'y.test']);
  t.is(ndots, 1);
});

test('it is read again every five seconds at most', async (t) => {
  const folder = await temporaryFolder(t, { 'resolv.conf': 'nameserver 192.0.2.1' });
  let now = 0;
  const config = new SystemConfig({
    path: join(folder, 'resolv.conf'),
    environment: {},
    now: () => now,
    onRead: () => {},
  });
  for (now = 0; now < 12_000; now += 100) config.refresh();
  t.is(config.readings, 3);
});

test('a file without a server leaves those that were there, at first this machine', async (t) => {
  const folder = await temporaryFolder(t, { 'resolv.conf': 'search a.test' });
  const read = await new Promise<ResolverConfig>((resolve) => {
    new SystemConfig({
      path: join(folder, 'resolv.conf'),
      environment: {},
      now: () => 0,
      onRead: resolve,
    }).refresh();
  });
  t.deepEqual(read, { servers: ['127.0.0.1'], search: ['a.test'], ndots: 1 });
});
