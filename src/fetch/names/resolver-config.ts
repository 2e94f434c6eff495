import { Resolver } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { hostname, platform } from 'node:os';

import { checkNameServer } from '../../options/checks.ts';

/** The settings of resolv.conf(5). */
export interface ResolverConfig {
  /** In the form of `--dns-server`, with the scope of an IPv6 address. */
  readonly servers: readonly string[];
  /** Search domains without dots at their ends; the root is an empty text. */
  readonly search: readonly string[];
  /** For a name with fewer dots, the search domains are tried before the name itself. */
  readonly ndots: number;
}

export const systemResolvConf = '/etc/resolv.conf';

/** These systems keep the servers elsewhere. c-ares finds them, but without scopes and search domains. */
const hasOtherServers = platform() === 'win32' || platform() === 'darwin';

/** Milliseconds between two readings at least. */
const pause = 5000;

/** What the settings depend on besides the file. */
export interface ResolverSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
}

/** A name by RFC 1035, section 2.3.4, of visible ASCII characters. */
const domain = /^[\x21-\x2d\x2f-\x7e]{1,63}(?:\.[\x21-\x2d\x2f-\x7e]{1,63})*$/;

/**
 * Parses resolv.conf as glibc does. The last `search` or `domain` line counts; without one, the domain of the machine's host
 * name. LOCALDOMAIN and RES_OPTIONS override the file. Unknown lines are ignored.
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
  // A missing file means the defaults.
  const text = await readFile(path, 'utf8').catch(() => '');
  const config = parseResolvConf(text, { environment, hostname: hostname() });
  if (path !== systemResolvConf || !hasOtherServers) return config;
  return { ...config, servers: new Resolver().getServers().filter(isNameServer) };
}

export interface SystemConfigOptions {
  /** Path of resolv.conf. */
  readonly path: string;
  readonly environment: ResolverSurroundings['environment'];
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly onRead: (config: ResolverConfig) => void;
}

/** The system's configuration. It is read again during a run, as it changes when the machine changes networks. */
export class SystemConfig {
  readonly #options: SystemConfigOptions;
  #servers: readonly string[] = ['127.0.0.1'];
  #readAt = -Infinity;
  /** How often the file was read. */
  readings = 0;

  constructor(options: SystemConfigOptions) {
    this.#options = options;
  }

  /** Reads the file again, unless that was done within the last five seconds. */
  refresh(): void {
    const now = this.#options.now();
    if (now - this.#readAt < pause) return;
    this.#readAt = now;
    this.readings++;
    void this.#read();
  }

  async #read(): Promise<void> {
    const config = await readResolverConfig(this.#options);
    // Keeps the old servers if there are none: the file may be empty while it is rewritten.
    if (config.servers.length > 0) this.#servers = config.servers;
    this.#options.onRead({ ...config, servers: this.#servers });
  }
}
