import type { ExecutionContext } from 'ava';

import { NameError } from '../../src/fetch/names/error.ts';
import type { Address } from '../../src/fetch/names/outcome.ts';
import { Names } from '../../src/fetch/names/names.ts';
import type { NamesOptions } from '../../src/fetch/names/names.ts';
import { nameServer } from './name-server.ts';
import type { NameServer, Zone } from './name-server.ts';

export const v4 = (address: string): Address => ({ address, family: 4 });
export const v6 = (address: string): Address => ({ address, family: 6 });

/**
 * Names without a hosts file and IPv4 only, by default. The long timeout is for all tests but those of the
 * timeout.
 */
export function namesOf(t: ExecutionContext, options: Partial<NamesOptions>): Names {
  const names = new Names({ servers: [], timeout: 60_000, ipv6: false, hostsFile: '', ...options });
  t.teardown(() => names.close());
  return names;
}

/** Names that ask a server with this zone. */
export async function over(
  t: ExecutionContext,
  zone: Zone,
  options: Partial<NamesOptions> = {},
): Promise<{ readonly server: NameServer; readonly names: Names }> {
  const server = await nameServer(t, zone);
  return { server, names: namesOf(t, { servers: [server.address], ...options }) };
}

/** The error of a lookup that must fail. */
export async function trouble(names: Names, name: string): Promise<Pick<NameError, 'failure' | 'message'>> {
  try {
    const addresses = await names.lookup(name);
    throw new Error(`${name} has ${addresses.length} addresses`);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    return { failure: error.failure, message: error.message };
  }
}
