import test from 'ava';

import { isPublic } from '../../../src/fetch/connect/public-address.ts';

const block = test.macro({
  exec: (t, first: string, last: string, before: string | null, after: string | null) => {
    t.false(isPublic(first), first);
    t.false(isPublic(last), last);
    for (const outside of [before, after]) if (outside !== null) t.true(isPublic(outside), outside);
  },
  title: (_, first: string, last: string) => `not public: ${first} to ${last}, but what is around it`,
});

// First and last address of a block, and their neighbours, which are public; null for one that is not public
// either.
test(block, '0.0.0.0', '0.255.255.255', null, '1.0.0.0');
test(block, '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0');
test(block, '100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0');
test(block, '127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0');
test(block, '168.63.129.16', '168.63.129.16', '168.63.129.15', '168.63.129.17');
test(block, '169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0');
test(block, '172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0');
test(block, '192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0');
test(block, '192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0');
test(block, '192.31.196.0', '192.31.196.255', '192.31.195.255', '192.31.197.0');
test(block, '192.52.193.0', '192.52.193.255', '192.52.192.255', '192.52.194.0');
test(block, '192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0');
test(block, '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0');
test(block, '192.175.48.0', '192.175.48.255', '192.175.47.255', '192.175.49.0');
test(block, '198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0');
test(block, '198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0');
test(block, '203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0');
test(block, '224.0.0.0', '239.255.255.255', '223.255.255.255', null);
test(block, '240.0.0.0', '255.255.255.255', null, null);

test(block, '::', '::', null, null);
test(block, '::1', '::1', null, null);
test(block, '::', '::ffff:ffff', null, null);
test(block, '::8.8.8.8', '::127.0.0.1', null, null);
test(block, '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, '100::', '100::ffff:ffff:ffff:ffff', null, null);
test(block, '100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff', null, null);
test(block, '::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, '2000::');
test(block, '2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff:ffff::', '2001:200::');
test(block, '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, '2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, '2001:10::', '2001:3f:ffff:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff::', '2001:db9::');
test(block, '2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff', '2620:4f:7fff::', '2620:4f:8001::');
test(block, '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3ffe:ffff::', '3fff:1000::');
test(block, '4000::', '5fff:ffff::', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null);
test(block, '5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null);
test(block, 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null);

// IPv4 addresses within IPv6 ones.
test(block, '::ffff:10.0.0.0', '::ffff:10.255.255.255', '::ffff:9.255.255.255', '::ffff:11.0.0.0');
test(block, '::ffff:ac10:0', '::ffff:ac1f:ffff', '::ffff:ac0f:ffff', '::ffff:ac20:0');
test(block, '::ffff:0.0.0.0', '::ffff:0.255.255.255', null, '::ffff:1.0.0.0');
test(block, '::ffff:224.0.0.0', '::ffff:255.255.255.255', '::ffff:223.255.255.255', '64:ff9b::8.8.8.8');
test(block, '64:ff9b::10.0.0.0', '64:ff9b::10.255.255.255', '64:ff9b::9.255.255.255', '64:ff9b::11.0.0.0');
test(block, '64:ff9b::a9fe:0', '64:ff9b::a9fe:ffff', '64:ff9b::a9fd:ffff', '64:ff9b::a9ff:0');
test(block, '64:ff9b::1:0:0', '64:ff9b::1:808:808', null, null);
test(block, '2002:7f00::', '2002:7fff:ffff:ffff:ffff:ffff:ffff:ffff', '2002:7eff:ffff::', '2002:8000::');
test(block, '2002:a83f:8110::', '2002:a83f:8110:ffff::', '2002:a83f:810f::', '2002:a83f:8111::');
test(block, '2002:e000::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2002:dfff:ffff::', '2003::');
test(block, '::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8', null, null);

const address = test.macro({
  exec: (t, text: string, expected: boolean) => t.is(isPublic(text), expected),
  title: (_, text: string, expected: boolean) => `${expected ? 'public' : 'not public'}: "${text}"`,
});

test(address, '8.8.8.8', true);
test(address, '93.184.215.14', true);
test(address, '2606:4700:4700::1111', true);
test(address, '2A00:1450:4001:80B::200E', true);
test(address, '2001:4860:4860:0:0:0:0:8888', true);
test(address, 'fe80::1%eth0', false);
test(address, '::1%lo', false);
test(address, '2001:4860::1%eth0', true);
test(address, '::ffff:10.0.0.1%eth0', false);
test(address, 'FD00:EC2::254', false);
test(address, '0000:0000:0000:0000:0000:0000:0000:0001', false);
test(address, '0:0:0:0:0:FFFF:7F00:0001', false);
// Not addresses.
test(address, '', false);
test(address, 'example.org', false);
test(address, '[2606:4700:4700::1111]', false);
test(address, '8.8.8', false);
test(address, '8.8.8.8%eth0', false);
test(address, '010.8.8.8', false);
test(address, '8.8.8.8 ', false);

/** An address in a URL is judged by its form after the URL was parsed, however it was written. */
const literal = test.macro({
  exec: (t, host: string, expected: boolean) => {
    const { hostname } = new URL(`http://${host}/`);
    t.is(isPublic(hostname.replace(/^\[|\]$/g, '')), expected, hostname);
  },
  title: (_, host: string, expected: boolean) => `http://${host}/ is ${expected ? '' : 'not '}public`,
});

for (const host of [
  '127.0.0.1',
  '2130706433',
  '017700000001',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '127.1',
  '127.0.1',
  '127.0.0.1.',
  '%31%32%37.1',
  '127。0。0。1',
  '１２７.0.0.1',
  '0',
  '0.0.0.0',
  '10.1',
  '0xa9fea9fe',
  '169.254.43518',
  '3232235521',
  '[::1]',
  '[::]',
  '[0:0::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::169.254.169.254]',
  '[2002:a9fe:a9fe::]',
  '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  '[fd00:ec2::254]',
]) {
  test(literal, host, false);
}
for (const host of [
  '134744072',
  '010.8.8.8',
  '8.8.2056',
  '0x08080808',
  '[::ffff:8.8.8.8]',
  '[2606:4700::1111]',
]) {
  test(literal, host, true);
}
