import type { NameTrouble } from './error.ts';
import type { Answer } from './outcome.ts';

interface Entry {
  readonly outcome: Answer | NameTrouble;
  /** On the cache's clock. */
  readonly expires: number;
}

/** A cache of lookups, failed ones too. When it is full, the least recently used name is dropped. */
export class NameCache {
  readonly #size: number;
  readonly #now: () => number;
  /** The most recently used entry comes last. */
  readonly #entries = new Map<string, Entry>();

  /** @param now milliseconds on a clock that never goes back */
  constructor(size: number, now: () => number) {
    this.#size = size;
    this.#now = now;
  }

  get(name: string): Answer | NameTrouble | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    if (entry.expires <= this.#now()) return undefined;
    this.#entries.set(name, entry);
    return entry.outcome;
  }

  set(name: string, outcome: Answer | NameTrouble): void {
    this.#entries.delete(name);
    this.#entries.set(name, { outcome, expires: this.#now() + lifetime(outcome) });
    if (this.#entries.size <= this.#size) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Seconds for an outcome without a TTL: that of a name that does not exist, for one, if no SOA record came. */
const defaultTtl = 60;

/** Milliseconds for which an outcome is cached. */
function lifetime(outcome: Answer | NameTrouble): number {
  if ('failure' in outcome && outcome.failure !== 'dns-not-found') {
    // Temporary: a retry must ask again.
    return 0;
  }
  const { ttl = defaultTtl } = outcome;
  // At least 10 s, so that a TTL of 0 does not cause a lookup per row; at most an hour, as records may change earlier.
  return Math.min(Math.max(Number.isFinite(ttl) ? ttl : defaultTtl, 10), 3600) * 1000;
}
