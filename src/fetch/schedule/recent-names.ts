/**
 * The names that were added last: at least `most` of them, at most twice as many. Names may be long, so only 32 bits of
 * each are kept; with `most` of 10,000, one in 200,000 other names is wrongly taken for one of them.
 *
 * Two sets take turns: taking the oldest name out of a single set would cost more with each name taken before.
 */
export class RecentNames {
  readonly #most: number;
  #recent = new Set<number>();
  #older = new Set<number>();

  constructor(most: number) {
    this.#most = most;
  }

  has(name: string): boolean {
    const hash = hashOf(name);
    return this.#recent.has(hash) || this.#older.has(hash);
  }

  add(name: string): void {
    this.#recent.add(hashOf(name));
    if (this.#recent.size < this.#most) return;
    this.#older = this.#recent;
    this.#recent = new Set();
  }
}

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}
