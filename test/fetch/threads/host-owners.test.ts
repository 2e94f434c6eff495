import test from 'ava';

import { HostOwners, Place, hostOf } from '../../../src/fetch/threads/host-owners.ts';

test('the host of an origin has no port', (t) => {
  const origins = [
    'http://a.test',
    'https://a.test:8443',
    'http://[::1]',
    'http://[::1]:80',
    'http://1.2.3.4:5',
  ];
  t.deepEqual(origins.map(hostOf), ['a.test', 'a.test', '[::1]', '[::1]', '1.2.3.4']);
});

test('a host stays where it is while it has requests, and while its connections may be kept', (t) => {
  const owners = new HostOwners<string>(2);
  const place = new Place('a');
  const hosts = ['h1', 'h2', 'h3', 'h4'].map((host) => owners.give(host, place));
  for (const host of hosts) owners.begin(host);
  for (const host of hosts.slice(1)) owners.end(host);
  t.is(place.active, 1);
  // h2 has been idle longest; h1 is in use.
  t.deepEqual(
    hosts.map(({ host }) => owners.find(host) !== undefined),
    [true, false, true, true],
  );
});

test('one that is asked for again is not the oldest any more', (t) => {
  const owners = new HostOwners<string>(2);
  const place = new Place('a');
  for (const host of ['h1', 'h2', 'h1', 'h3']) {
    const owned = owners.find(host) ?? owners.give(host, place);
    owners.begin(owned);
    owners.end(owned);
  }
  t.deepEqual(
    ['h1', 'h2', 'h3'].map((host) => owners.find(host) !== undefined),
    [true, false, true],
  );
});

test('what one engine keeps says nothing of another one', (t) => {
  const owners = new HostOwners<string>(1);
  for (const [host, engine] of [
    ['h1', new Place('a')],
    ['h2', new Place('b')],
  ] as const) {
    const owned = owners.give(host, engine);
    owners.begin(owned);
    owners.end(owned);
  }
  t.is(owners.find('h1')?.place.engine, 'a');
  t.is(owners.find('h2')?.place.engine, 'b');
});

test('the hosts of an engine that is no more go to others, and its late ends change nothing', (t) => {
  const owners = new HostOwners<string>(5);
  const [dead, other] = [new Place('a'), new Place('b')];
  const lost = owners.give('h', dead);
  owners.begin(lost);
  owners.forget(dead);
  t.is(owners.find('h'), undefined);
  const owned = owners.give('h', other);
  owners.begin(owned);
  owners.end(lost);
  t.is(owners.find('h'), owned);
  t.is(owned.active, 1);
  t.deepEqual([other.idle.size, dead.idle.size], [0, 0]);
});
