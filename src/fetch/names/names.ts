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
  /** `1.2.3.4`, `1.2.3.4:5353`, `[::1]:53`; they take turns. Empty: those of the system. */
  readonly servers: readonly string[];
  /** Milliseconds for one lookup in all. */
  readonly timeout: number;
  /** Whether IPv6 addresses are asked for; by default when this machine has one that reaches beyond its own link. */
  readonly ipv6?: boolean;
  /** Path of the hosts file; the system's by default. */
  readonly hostsFile?: string;
  /** Path of resolv.conf, where no servers are given; the system's by default. */
  readonly resolvConf?: string;
  /** LOCALDOMAIN and RES_OPTIONS in it come before that file; empty by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How many names are remembered; 10,000 by default. */
  readonly cacheSize?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/** A lookup under way, for all who want that name. */
interface Pending {
  readonly promise: Promise<readonly Address[]>;
  readonly settle: (outcome: Answer | NameTrouble) => void;
  deadline: NodeJS.Timeout | undefined;
}

/** RFC 6761, section 6.3: such names never leave this machine. */
const loopback: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The system tells no TTL. */
const systemTtl = 60;

/**
 * The addresses of host names, thousands of them a second: `dns.lookup` runs two at a time, so it is left with the
 * names that only the system knows. An idle one keeps no process alive; a lookup does.
 */
export class Names {
  readonly #servers: NameServers;
  readonly #system: SystemConfig | null;
  /** Null until the system's is read. */
  #config: Pick<ResolverConfig, 'search' | 'ndots'> | null;
  /** Who waits for that. */
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
   * At most 6 addresses in the order in which they should be tried, never none: at once when they are known, else a
   * promise, one for all who ask meanwhile. An address is its own answer.
   *
   * @throws NameError when it is known that there are none; else the promise rejects with it
   */
  lookup(name: string): readonly Address[] | Promise<readonly Address[]> {
    const key = name.toLowerCase();
    const known = this.#cache.get(key);
    if (known !== undefined) return addressesOf(known);
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending.promise;
    const absolute = key.endsWith('.') ? key.slice(0, -1) : key;
    const own = this.#own(absolute);
    if (own !== undefined) return own;
    if (!isPossible(absolute)) throw new NameError(nameTrouble(name, 'EBADNAME'));
    const started = this.#start(key);
    if (this.#isForSystem(key)) this.#askSystem(key, started);
    else this.#askServers(key, started);
    return started.promise;
  }

  /** Ends the lookups under way, as `dns-failure`, and forgets all names. */
  close(): void {
    for (const [name, { settle }] of this.#pending) settle(nameTrouble(name, 'ECANCELLED'));
    this.#servers.close();
    this.#cache.clear();
  }

  /** What needs no question. */
  #own(name: string): readonly Address[] | undefined {
    const family = isIP(name);
    if (family === 4 || family === 6) return [{ address: name, family }];
    if (name === 'localhost' || name.endsWith('.localhost')) return loopback;
    this.#hosts ??= readHostsFile(this.#hostsFile);
    return this.#hosts.get(name);
  }

  /** It may know names of one label by other means than DNS, and names of multicast DNS (RFC 6762). */
  #isForSystem(name: string): boolean {
    return this.#system !== null && (!name.includes('.') || /\.local\.?$/.test(name));
  }

  #start(name: string): Pending {
    let settle!: Pending['settle'];
    const promise = new Promise<readonly Address[]>((resolve, reject) => {
      settle = (outcome) => {
        const late = this.#pending.get(name) !== pending;
        // A late answer is welcome; a late failure is not, as another lookup may know better.
        if (late && 'failure' in outcome) return;
        this.#cache.set(name, outcome);
        if (late) return;
        clearTimeout(pending.deadline);
        this.#pending.delete(name);
        if ('failure' in outcome) reject(new NameError(outcome));
        else resolve(outcome.addresses);
      };
    });
    // Those who asked may have given up meanwhile.
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
    // An answer that passes through fewer functions costs less.
    if (names.length === 1) {
      this.#servers.ask(names[0] as string, pending.settle);
      return;
    }
    const ask: Search['ask'] = (candidate, callback, time) => {
      // Closed meanwhile.
      if (this.#pending.get(name) === pending) this.#servers.ask(candidate, callback, time);
    };
    searchName({ name, names, timeout: this.#timeout, ask }, pending.settle);
  }

  #askSystem(name: string, pending: Pending): void {
    // The call itself cannot be ended.
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
