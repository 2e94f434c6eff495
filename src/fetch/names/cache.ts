import type { NameTrouble } from './error.ts';
import type { Answer } from './outcome.ts';

interface Entry {
  readonly outcome: Answer | NameTrouble;
  /** On the cache's clock. */
  readonly expires: number;
}

/** What became of the lookups of late. The name that was asked for longest ago goes first. */
export class NameCache {
  readonly #size: number;
  readonly #now: () => number;
  /** The one used last stands last. */
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

/** Seconds for what comes without an SOA record, which would tell how long it may be believed. */
const unsaid = 60;

/** Milliseconds. */
function lifetime(outcome: Answer | NameTrouble): number {
  if ('failure' in outcome && outcome.failure !== 'dns-not-found') {
    // It may pass, and a retry must ask again.
    return 0;
  }
  const { ttl = unsaid } = outcome;
  // A server that sends TTL 0 is not asked for every row; one that sends a week may be wrong tomorrow.
  return Math.min(Math.max(Number.isFinite(ttl) ? ttl : unsaid, 10), 3600) * 1000;
}
