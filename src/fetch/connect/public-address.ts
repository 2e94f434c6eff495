import { BlockList, isIP } from 'node:net';

/** Blocks without public servers (IANA IPv4 Special-Purpose Address Registry, with additions where noted). */
const specialIpv4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private use
  ['100.64.0.0', 10], // shared by the customers of a provider
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // not in the registry: a cloud's platform answers its virtual machines here
  ['169.254.0.0', 16], // link-local, with the metadata services of clouds
  ['172.16.0.0', 12], // private use
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112, anycast
  ['192.52.193.0', 24], // AMT relays
  ['192.88.99.0', 24], // 6to4 relays, deprecated
  ['192.168.0.0', 16], // private use
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const;

/**
 * IPv6 blocks with public servers: 2000::/3, all that has been allocated (IANA IPv6 Address Space Registry), and the two
 * prefixes outside of it that embed an IPv4 address. So loopback, unique local, link-local, multicast, discard-only and
 * segment routing addresses need no entries below.
 */
const allocated = [
  ['2000::', 3],
  ['64:ff9b::', 96], // NAT64 (RFC 6052)
  ['::ffff:0:0', 96], // mapped IPv4
] as const;

/** Blocks within 2000::/3 (IANA IPv6 Special-Purpose Address Registry). */
const specialIpv6 = [
  ['2001::', 23], // protocol assignments: Teredo, benchmarks, ORCHID, drones
  ['2001:db8::', 32], // documentation
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
] as const;

const usable = new BlockList();
usable.addSubnet('0.0.0.0', 0, 'ipv4');
for (const [net, prefix] of allocated) usable.addSubnet(net, prefix, 'ipv6');

const special = new BlockList();
for (const [net, prefix] of specialIpv6) special.addSubnet(net, prefix, 'ipv6');
for (const [net, prefix] of specialIpv4) {
  const [high, low] = halves(net);
  special.addSubnet(net, prefix, 'ipv4');
  special.addSubnet(`::ffff:${high}:${low}`, 96 + prefix, 'ipv6');
  special.addSubnet(`64:ff9b::${high}:${low}`, 96 + prefix, 'ipv6');
  special.addSubnet(`2002:${high}:${low}::`, 16 + prefix, 'ipv6'); // 6to4 (RFC 3056)
}

/**
 * Whether an address can belong to a public server: it is not private, local, reserved or for documentation. IPv6
 * addresses that embed an IPv4 address (mapped, NAT64, 6to4) are judged by that.
 *
 * @param address without brackets; any text that is not an address is not public
 */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  // A zone (`%eth0`) is not a part of the address, and BlockList refuses it.
  const [bare = ''] = address.split('%');
  const type = family === 4 ? 'ipv4' : 'ipv6';
  return usable.check(bare, type) && !special.check(bare, type);
}

/** The two groups of an IPv6 address that embed this IPv4 address. */
function halves(ipv4: string): [high: string, low: string] {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}
