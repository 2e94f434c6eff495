/**
 * The network is suspected when this many hosts in a row have failed that had not failed before. The number
 * doubles when the suspicion proves wrong, as in a list of dead hosts, and falls by one with each answer.
 */
const doubtfulHosts = 5;

/** The network counts as down when nothing was reached for this many milliseconds. */
const patience = 1000;

/**
 * Milliseconds between two checks whether the network is back: they double from `firstLook` to `lastLook`.
 */
const firstLook = 1000;
const lastLook = 15_000;

/** How many of the origins that answered last are asked whether they can still be reached. */
const mostKnown = 3;

export interface OutageOptions {
  /** Milliseconds of the longest wait while fewer than three origins have answered in this run. */
  readonly maxWait: number;
  /** Milliseconds of the longest wait in all other cases. */
  readonly networkWait: number;
  /** Checks whether a connection to this origin can be opened. */
  readonly reach: (origin: string) => Promise<boolean>;
  /** Starts the waiting requests of `count` hosts, one each, to see whether a host answers. */
  readonly probe: (count: number) => void;
  /** Called when the run may go on. */
  readonly onEnd: () => void;
  /** Called when the outage has lasted for `networkWait`. The run is to be stopped; nothing is started until then. */
  readonly onLost: () => void;
  /** Called with a message for the user. */
  readonly notice: (text: string) => void;
}

/**
 * Notices when the network is down, not only some hosts. The run waits then, instead of writing a failure for every row.
 *
 * Hosts fail all the time, and the last ones of a run are often all dead. So only hosts that fail for the first time
 * count, and origins that have answered in this run are asked again before anything is said.
 */
export class Outage {
  /** When the last outage ended, on the clock of `performance.now()`. */
  endedAt = 0;
  readonly #options: OutageOptions;
  /** Hosts that have failed since a connection was last made. */
  readonly #failed = new Set<string>();
  /** Origins that answered lately, in the order in which they came in; the first is dropped for a new one. */
  readonly #known: string[] = [];
  #doubtful = doubtfulHosts;
  #since = 0;
  #detail = '';
  #holding = false;
  #said = false;
  #givenUp = false;
  #closed = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** Whether no request may be started but those that `probe` asks for. */
  get holding(): boolean {
    return this.#holding;
  }

  /** A connection was made. */
  reached(origin: string): void {
    const last = this.#known.at(-1);
    if (last !== origin && !this.#known.includes(origin)) {
      this.#known.push(origin);
      if (this.#known.length > mostKnown) this.#known.shift();
    }
    if (this.#doubtful > doubtfulHosts) this.#doubtful--;
    if (this.#failed.size > 0 || this.#holding || this.#givenUp) this.#end('');
  }

  /**
   * A host that was not known as bad could not be reached.
   *
   * @param detail why, in words
   * @param hosts how many hosts have something to do: if they are few, it is enough that all of them fail
   */
  failed(host: string, detail: string, hosts = Infinity): void {
    if (this.#holding || this.#givenUp || this.#closed) return;
    this.#detail = detail;
    if (this.#failed.size === 0) this.#since = performance.now();
    this.#failed.add(host);
    // A few hosts are enough only when there are origins that can be asked.
    const few = this.#known.length < mostKnown ? Infinity : Math.max(mostKnown, hosts);
    if (this.#failed.size < Math.min(this.#doubtful, few)) return;
    this.#holding = true;
    void this.#look(firstLook);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#holding = false;
    // Failures of the last requests count no longer.
    this.#closed = true;
  }

  async #look(next: number): Promise<void> {
    const { reach, probe, maxWait, networkWait, notice, onLost } = this.#options;
    const since = this.#since;
    const reached = await Promise.all(this.#known.map(reach));
    // This outage has ended meanwhile; another one may have begun.
    if (!this.#holding || since !== this.#since) return;
    if (reached.includes(true)) {
      this.#doubtful *= 2;
      return this.#end('');
    }
    const waited = performance.now() - since;
    if (waited < patience) return this.#lookIn(patience - waited, next);
    if (!this.#said) {
      this.#said = true;
      notice(
        `no host can be reached (${this.#failed.size} tried, the last one: ${this.#detail}); waiting for the network`,
      );
    }
    if (this.#known.length < mostKnown && waited > maxWait) {
      this.#givenUp = true;
      return this.#end('still no host can be reached; going on without waiting any longer');
    }
    const left = this.#known.length < mostKnown ? Infinity : networkWait - waited;
    if (left <= 0) return onLost();
    probe(mostKnown);
    return this.#lookIn(Math.min(next, left), Math.min(2 * next, lastLook));
  }

  #lookIn(milliseconds: number, next: number): void {
    this.#timer = setTimeout(() => void this.#look(next), Math.ceil(milliseconds));
  }

  #end(words: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#failed.clear();
    if (words === '') this.#givenUp = false;
    if (!this.#holding) return;
    this.#holding = false;
    this.endedAt = performance.now();
    if (this.#said) this.#options.notice(words || 'the network is back; going on');
    this.#said = false;
    this.#options.onEnd();
  }
}
