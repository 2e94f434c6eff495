import type { NetworkInterfaceInfo } from 'node:os';

import test from 'ava';

import { isStarved } from '../../../src/fetch/http/classify.ts';

function failure(code: string, address: string): Error {
  return Object.assign(new Error(`connect ${code} ${address}:80`), { code, address });
}

const loopback: NetworkInterfaceInfo = {
  address: '127.0.0.1',
  netmask: '255.0.0.0',
  mac: '00:00:00:00:00:00',
  internal: true,
  cidr: '127.0.0.1/8',
  family: 'IPv4',
};
const without = () => ({ lo: [loopback] });
const withIPv6 = () => ({
  lo: [loopback, { ...loopback, address: '::1', family: 'IPv6' as const, scopeid: 0 }],
});

test('no files, ports or buffers left is the system, not the host', (t) => {
  for (const code of ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']) {
    t.true(isStarved(failure(code, '192.0.2.1'), 'connect', without), code);
    t.false(isStarved(failure(code, '192.0.2.1'), 'headers', without), code);
  }
  t.false(isStarved(failure('ECONNREFUSED', '192.0.2.1'), 'connect', without));
});

test('an IPv6 address on a machine without IPv6 is not waited for', (t) => {
  t.false(isStarved(failure('EADDRNOTAVAIL', '::1'), 'connect', without));
  t.true(isStarved(failure('EADDRNOTAVAIL', '::1'), 'connect', withIPv6));
  t.true(isStarved(failure('EMFILE', '::1'), 'connect', without));
});
