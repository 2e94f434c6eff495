import test from 'ava';

import { Hosts, mostHosts } from '../../../src/report/count/hosts.ts';

const good = { failed: false, error: null, status: 200, ms: 20 };
const gone = { failed: true, error: null, status: 404, ms: 5 };
const expired = { failed: true, error: 'tls-expired', status: null, ms: null };

test('hosts are shown by their failed rows, with all rows and the reasons', (t) => {
  const hosts = new Hosts();
  for (const outcome of [good, gone, gone, expired]) hosts.add('a.example', outcome);
  for (const outcome of [good, expired]) hosts.add('b.example', outcome);
  hosts.add('c.example', good);
  const expectedOfA = [
    { code: '404', count: 2 },
    { code: 'tls-expired', count: 1 },
  ];
  t.deepEqual(hosts.worst(5), [
    { host: 'a.example', failed: 3, rows: 4, reasons: expectedOfA },
    { host: 'b.example', failed: 1, rows: 2, reasons: [{ code: 'tls-expired', count: 1 }] },
  ]);
  t.deepEqual(hosts.tlsFaults(5), [
    { host: 'a.example', code: 'tls-expired', count: 1 },
    { host: 'b.example', code: 'tls-expired', count: 1 },
  ]);
  t.is(hosts.count, 3);
  t.true(hosts.isExact);
});

test('a host is slow by its median, if it has rows enough that have an answer', (t) => {
  const hosts = new Hosts();
  for (const ms of [1, 900, 1000]) hosts.add('slow.example', { ...good, ms });
  for (const ms of [10, 20, 60_000]) hosts.add('fast.example', { ...good, ms });
  hosts.add('once.example', { ...good, ms: 50_000 });
  for (let row = 0; row < 3; row++) hosts.add('dead.example', expired);
  const slow = hosts.slowest(5, 3);
  t.deepEqual(
    slow.map(({ host, figures }) => [host, figures.count, figures.max]),
    [
      ['slow.example', 3, 1000],
      ['fast.example', 3, 60_000],
    ],
  );
});

test('among more hosts than are told apart, the worst one stays, and its rows are not made more', (t) => {
  const hosts = new Hosts();
  for (let row = 0; row < 3 * mostHosts; row++) {
    hosts.add(`host-${row}.example`, expired);
    if (row % 100 === 0) hosts.add('worst.example', gone);
  }
  const [worst] = hosts.worst(1);
  t.is(worst?.host, 'worst.example');
  t.true((worst?.failed ?? 0) <= (3 * mostHosts) / 100);
  t.true((worst?.failed ?? 0) > (2 * mostHosts) / 100);
  t.is(worst?.rows, null);
  t.deepEqual(
    worst?.reasons.map(({ code }) => code),
    ['404'],
  );
  t.false(hosts.isExact);
  t.false(hosts.failing.isExact);
  t.is(hosts.failing.total, 3 * mostHosts + (3 * mostHosts) / 100);
});
