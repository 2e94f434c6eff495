import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { platform } from 'node:os';

import type { Address } from './outcome.ts';

/** Path of this system's hosts file. */
export const systemHostsFile =
  platform() === 'win32' ? String.raw`C:\Windows\System32\drivers\etc\hosts` : '/etc/hosts';

/**
 * Reads a hosts file: addresses by name in lower case, in the order of the file. It is read synchronously, as it is small and
 * every lookup needs it. A file that cannot be read counts as empty, as it does to the system's resolver.
 */
export function readHostsFile(path: string): ReadonlyMap<string, readonly Address[]> {
  const hosts = new Map<string, Address[]>();
  for (const line of textOf(path).split(/\r?\n/)) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family !== 4 && family !== 6) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const addresses = hosts.get(key);
      if (addresses === undefined) hosts.set(key, [{ address, family }]);
      else addresses.push({ address, family });
    }
  }
  return hosts;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch {
    return '';
  }
}
