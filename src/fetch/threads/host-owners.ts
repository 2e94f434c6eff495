/** An engine, and what it has to do. */
export class Place<T> {
  readonly engine: T;
  /** Requests under way. */
  active = 0;
  /** Hosts without a request under way, the longest unused first. */
  readonly idle = new Set<OwnedHost<T>>();

  constructor(engine: T) {
    this.engine = engine;
  }
}

/** A host that belongs to one engine. */
export interface OwnedHost<T> {
  readonly host: string;
  readonly place: Place<T>;
  /** Requests under way. */
  active: number;
}

/**
 * Which engine has which host: the one that got its first request, as long as requests to it are under way or connections to
 * it may be kept. An engine closes its oldest idle connection when it keeps more than `mostKept`, so it has about
 * as many idle hosts at most.
 */
export class HostOwners<T> {
  readonly #hosts = new Map<string, OwnedHost<T>>();
  readonly #mostKept: number;

  constructor(mostKept: number) {
    this.#mostKept = mostKept;
  }

  find(host: string): OwnedHost<T> | undefined {
    return this.#hosts.get(host);
  }

  give(host: string, place: Place<T>): OwnedHost<T> {
    const owned = { host, place, active: 0 };
    this.#hosts.set(host, owned);
    return owned;
  }

  /** A request to the host begins. */
  begin(owned: OwnedHost<T>): void {
    const { place } = owned;
    if (owned.active === 0) place.idle.delete(owned);
    owned.active++;
    place.active++;
  }

  /** A request to the host has ended. */
  end(owned: OwnedHost<T>): void {
    const { place } = owned;
    owned.active--;
    place.active--;
    if (owned.active > 0 || this.#hosts.get(owned.host) !== owned) return;
    place.idle.add(owned);
    if (place.idle.size <= this.#mostKept) return;
    const [oldest = owned] = place.idle;
    place.idle.delete(oldest);
    this.#hosts.delete(oldest.host);
  }

  /** This engine is no more: its hosts go to others when their next requests come. */
  forget(place: Place<T>): void {
    for (const owned of this.#hosts.values()) if (owned.place === place) this.#hosts.delete(owned.host);
  }
}

/** The host of an origin, without its port. */
export function hostOf(origin: string): string {
  const start = origin.indexOf('//') + 2;
  const colon = origin.lastIndexOf(':');
  const hasPort = colon > start && !origin.endsWith(']');
  return origin.slice(start, hasPort ? colon : undefined);
}
