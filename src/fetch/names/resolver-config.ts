import { Resolver } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { hostname, platform } from 'node:os';

import { checkNameServer } from '../../options/checks.ts';

/** What resolv.conf(5) holds. */
export interface ResolverConfig {
  /** As `--dns-server` has them; the scope of an IPv6 address is kept. */
  readonly servers: readonly string[];
  /** Domains that a name may be in, without dots at their ends; the root is empty. */
  readonly search: readonly string[];
  /** A name with fewer dots is searched for before it is asked for as it is. */
  readonly ndots: number;
}

export const systemResolvConf = '/etc/resolv.conf';

/** There the servers are elsewhere; c-ares finds them, but tells neither scopes nor search domains. */
const hasOtherServers = platform() === 'win32' || platform() === 'darwin';

/** Milliseconds between two readings. */
const pause = 5000;

/** What has effect besides the file. */
export interface ResolverSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
}

/** RFC 1035, section 2.3.4, and nothing that could be more than a name. */
const domain = /^[\x21-\x2d\x2f-\x7e]{1,63}(?:\.[\x21-\x2d\x2f-\x7e]{1,63})*$/;

/**
 * Reads it as glibc does: the last of several `search` and `domain` lines counts, LOCALDOMAIN and RES_OPTIONS come
 * before the file, and without a line the machine is in the domain of its own name. What is not understood is passed over.
 */
export function parseResolvConf(
  text: string,
  { environment, hostname: host }: ResolverSurroundings,
): ResolverConfig {
  const servers: string[] = [];
  let search = [host.replace(/^[^.]*\.?/, '')];
  let options = '';
  for (const line of text.split('\n')) {
    const [key = '', ...values] = line
      .replace(/^\s*[#;].*/, '')
      .trim()
      .split(/\s+/);
    const [first = ''] = values;
    if (key === 'nameserver' && isNameServer(first)) servers.push(first);
    else if (key === 'search') search = values;
    else if (key === 'domain') search = [first];
    else if (key === 'options') options += ` ${values.join(' ')}`;
  }
  const local = environment['LOCALDOMAIN'];
  if (local !== undefined) search = local.split(/\s+/);
  const ndots = Array.from(
    `${options} ${environment['RES_OPTIONS'] ?? ''}`.matchAll(/(?<!\S)ndots:(\d+)/g),
  ).at(-1);
  return {
    servers,
    search: search
      .filter((name) => name !== '')
      .map((name) => name.replace(/\.$/, '').toLowerCase())
      .filter((name) => name === '' || domain.test(name)),
    ndots: Math.min(Number(ndots?.[1] ?? 1), 15),
  };
}

function isNameServer(text: string): boolean {
  try {
    checkNameServer(text);
    return true;
  } catch {
    return false;
  }
}

async function readResolverConfig({ path, environment }: SystemConfigOptions): Promise<ResolverConfig> {
  // Without the file all is as by default.
  const text = await readFile(path, 'utf8').catch(() => '');
  const config = parseResolvConf(text, { environment, hostname: hostname() });
  if (path !== systemResolvConf || !hasOtherServers) return config;
  return { ...config, servers: new Resolver().getServers().filter(isNameServer) };
}

export interface SystemConfigOptions {
  /** Of resolv.conf. */
  readonly path: string;
  readonly environment: ResolverSurroundings['environment'];
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly onRead: (config: ResolverConfig) => void;
}

/** The system's configuration, which changes when the machine gets into another network. */
export class SystemConfig {
  readonly #options: SystemConfigOptions;
  #servers: readonly string[] = ['127.0.0.1'];
  #readAt = -Infinity;
  /** How often it was read. */
  readings = 0;

  constructor(options: SystemConfigOptions) {
    this.#options = options;
  }

  /** Reads it again, every few seconds at most. */
  refresh(): void {
    const now = this.#options.now();
    if (now - this.#readAt < pause) return;
    this.#readAt = now;
    this.readings++;
    void this.#read();
  }

  async #read(): Promise<void> {
    const config = await readResolverConfig(this.#options);
    // A file that is just being written may be empty.
    if (config.servers.length > 0) this.#servers = config.servers;
    this.#options.onRead({ ...config, servers: this.#servers });
  }
}
