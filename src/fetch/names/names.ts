import dns from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

import { readHostsFile, systemHostsFile } from './hosts-file.ts';
import { NameCache } from './cache.ts';
import { NameError, nameTrouble } from './error.ts';
import type { NameTrouble } from './error.ts';
import { mostAddresses } from './outcome.ts';
import type { Address, Answer } from './outcome.ts';
import { candidates, isPossible, searchName } from './search.ts';
import type { Search } from './search.ts';
import { NameServers } from './servers.ts';
import { SystemConfig, systemResolvConf } from './resolver-config.ts';
import type { ResolverConfig } from './resolver-config.ts';

export interface NamesOptions {
  /** Name servers, `1.2.3.4`, `1.2.3.4:5353` or `[::1]:53`, used in turn. Empty: those of the system. */
  readonly servers: readonly string[];
  /** Milliseconds for one lookup in all. */
  readonly timeout: number;
  /** Whether to ask for IPv6 addresses. Default: whether this machine has an IPv6 address that is not link-local. */
  readonly ipv6?: boolean;
  /** Path of the hosts file. Default: the system's. */
  readonly hostsFile?: string;
  /** Path of resolv.conf, which is read if `servers` is empty. Default: the system's. */
  readonly resolvConf?: string;
  /** Its LOCALDOMAIN and RES_OPTIONS override resolv.conf. Default: empty. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How many names are cached. Default: 10,000. */
  readonly cacheSize?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/** A lookup in progress, shared by all who ask for that name. */
interface Pending {
  readonly promise: Promise<readonly Address[]>;
  readonly settle: (outcome: Answer | NameTrouble) => void;
  deadline: NodeJS.Timeout | undefined;
}

/** The addresses of localhost, which is never looked up elsewhere (RFC 6761, section 6.3). */
const loopback: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Seconds for answers of the system's resolver, which gives no TTL. */
const systemTtl = 60;

/**
 * Resolves host names, thousands per second. `dns.lookup` runs only two lookups at a time, so it is used only for names that
 * the system may know by other means than DNS. A lookup keeps the process alive, an idle object does not.
 */
export class Names {
  readonly #servers: NameServers;
  readonly #system: SystemConfig | null;
  /** Null until the system's configuration is read. */
  #config: Pick<ResolverConfig, 'search' | 'ndots'> | null;
  /** Lookups that wait for the configuration. */
  #waiting: (() => void)[] = [];
  readonly #timeout: number;
  readonly #hostsFile: string;
  #hosts: ReadonlyMap<string, readonly Address[]> | null = null;
  readonly #cache: NameCache;
  readonly #pending = new Map<string, Pending>();

  constructor({
    servers,
    timeout,
    ipv6 = hasGlobalIPv6(),
    hostsFile = systemHostsFile,
    resolvConf = systemResolvConf,
    environment = {},
    cacheSize = 10_000,
    now = () => performance.now(),
  }: NamesOptions) {
    const isExplicit = servers.length > 0;
    this.#system = isExplicit
      ? null
      : new SystemConfig({ path: resolvConf, environment, now, onRead: (config) => this.#useConfig(config) });
    this.#config = isExplicit ? { search: [], ndots: 1 } : null;
    this.#servers = new NameServers(servers, {
      timeout,
      families: ipv6 ? [6, 4] : [4],
      rotate: isExplicit,
      onSilence: () => this.#system?.refresh(),
    });
    this.#timeout = timeout;
    this.#hostsFile = hostsFile;
    this.#cache = new NameCache(cacheSize, now);
  }

  /**
   * Looks a name up. The answer has 1 to 6 addresses, or all that the hosts file lists, in the order in which
   * they should be tried. It comes at once if it is cached, in the hosts file, or the name is an IP address;
   * else as a promise, which concurrent lookups share.
   *
   * @throws NameError when it is cached that there is no address; else the promise rejects with it
   */
  lookup(name: string): readonly Address[] | Promise<readonly Address[]> {
    const key = name.toLowerCase();
    const known = this.#cache.get(key);
    if (known !== undefined) return addressesOf(known);
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending.promise;
    const absolute = key.endsWith('.') ? key.slice(0, -1) : key;
    const local = this.#localAddresses(absolute);
    if (local !== undefined) return local;
    if (!isPossible(absolute)) throw new NameError(nameTrouble(name, 'EBADNAME'));
    const started = this.#start(key);
    if (this.#isForSystem(key)) this.#askSystem(key, started);
    else this.#askServers(key, started);
    return started.promise;
  }

  /** Fails all lookups in progress with `dns-failure`, and clears the cache. */
  close(): void {
    for (const [name, { settle }] of this.#pending) settle(nameTrouble(name, 'ECANCELLED'));
    this.#waiting = [];
    this.#servers.close();
    this.#cache.clear();
  }

  /** The addresses of a name that needs no lookup. */
  #localAddresses(name: string): readonly Address[] | undefined {
    const family = isIP(name);
    if (family === 4 || family === 6) return [{ address: name, family }];
    if (name === 'localhost' || name.endsWith('.localhost')) return loopback;
    this.#hosts ??= readHostsFile(this.#hostsFile);
    return this.#hosts.get(name);
  }

  /** Whether the system may know the name by other means than DNS: one of a single label, or of multicast DNS (RFC 6762). */
  #isForSystem(name: string): boolean {
    return this.#system !== null && (!name.includes('.') || /\.local\.?$/.test(name));
  }

  #start(name: string): Pending {
    let settle!: Pending['settle'];
    const promise = new Promise<readonly Address[]>((resolve, reject) => {
      settle = (outcome) => {
        const late = this.#pending.get(name) !== pending;
        // A late answer is cached; a late failure is dropped, as another lookup may have an answer.
        if (late && 'failure' in outcome) return;
        this.#cache.set(name, outcome);
        if (late) return;
        clearTimeout(pending.deadline);
        this.#pending.delete(name);
        if ('failure' in outcome) reject(new NameError(outcome));
        else resolve(outcome.addresses);
      };
    });
    // Without this, a failure that nobody waits for any more would be an unhandled rejection.
    promise.catch(() => {});
    const pending: Pending = { promise, settle, deadline: undefined };
    this.#pending.set(name, pending);
    return pending;
  }

  #useConfig(config: ResolverConfig): void {
    this.#config = config;
    this.#servers.use(config.servers);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const ask of waiting) ask();
  }

  #askServers(name: string, pending: Pending): void {
    if (this.#config === null) {
      this.#waiting.push(() => this.#askServers(name, pending));
      this.#system?.refresh();
      return;
    }
    const names = candidates(name, this.#config);
    // A shortcut for the usual case, which saves time.
    if (names.length === 1) {
      this.#servers.ask(names[0] as string, pending.settle);
      return;
    }
    const ask: Search['ask'] = (candidate, callback, time) => {
      // Unless `close()` was called meanwhile.
      if (this.#pending.get(name) === pending) this.#servers.ask(candidate, callback, time);
    };
    searchName({ name, names, timeout: this.#timeout, ask }, pending.settle);
  }

  #askSystem(name: string, pending: Pending): void {
    // dns.lookup() has no timeout and cannot be cancelled.
    pending.deadline = setTimeout(() => pending.settle(nameTrouble(name, 'ETIMEOUT')), this.#timeout);
    dns.lookup(name, { all: true }, (error, found) => {
      const addresses = (error === null ? found : [])
        .slice(0, mostAddresses)
        .map(({ address, family }): Address => ({ address, family: family === 6 ? 6 : 4 }));
      if (addresses.length > 0) pending.settle({ addresses, ttl: systemTtl });
      else pending.settle(nameTrouble(name, error?.code ?? 'ENODATA'));
    });
  }
}

function addressesOf(known: Answer | NameTrouble): readonly Address[] {
  if ('failure' in known) throw new NameError(known);
  return known.addresses;
}

function hasGlobalIPv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(
      ({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe[89ab]/i.test(address),
    ),
  );
}
