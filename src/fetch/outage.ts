/**
 * So many hosts in a row, none of them known as bad before, must fail before the network itself is doubted; twice as
 * many after each doubt that was without reason, as in a list of dead hosts, and one less after each answer.
 */
const doubtfulHosts = 5;

/** Milliseconds that nothing may have been reached before the network counts as down. */
const patience = 1000;

/** Milliseconds between two looks whether it is back; they double up to the last. */
const firstLook = 1000;
const lastLook = 15_000;

/** Origins that have answered of late and are asked whether they can still be reached. */
const mostKnown = 3;

export interface OutageOptions {
  /** Milliseconds that are waited at most when fewer than three origins have ever answered in this run. */
  readonly maxWait: number;
  /** Looks whether a connection to this origin can be opened. */
  readonly reach: (origin: string) => Promise<boolean>;
  /** Starts waiting requests, one for each of so many hosts, to see what becomes of them. */
  readonly probe: (count: number) => void;
  /** Called when the run may go on. */
  readonly onEnd: () => void;
  /** Says it to people. */
  readonly notice: (text: string) => void;
}

/**
 * Notices when not this host or that but the network is down: the run waits then, instead of writing a failure for
 * every row.
 *
 * Hosts fail all the time, and the last ones of a run are often all dead. So only hosts that fail for the first time
 * count, and before anything is said, origins that have answered in this run are asked again.
 */
export class Outage {
  readonly #options: OutageOptions;
  /** Hosts that have failed since anything was reached. */
  readonly #failed = new Set<string>();
  /** The last origins that answered. */
  readonly #known: string[] = [];
  #doubtful = doubtfulHosts;
  #since = 0;
  #detail = '';
  #holding = false;
  #said = false;
  #givenUp = false;
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

  /** A host that was not known as bad could not be reached; `detail` says why in words. */
  failed(host: string, detail: string): void {
    if (this.#holding || this.#givenUp) return;
    this.#detail = detail;
    if (this.#failed.size === 0) this.#since = performance.now();
    this.#failed.add(host);
    if (this.#failed.size < this.#doubtful) return;
    this.#holding = true;
    void this.#look(firstLook);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#holding = false;
    // Nothing is doubted any more, whatever becomes of the last requests.
    this.#doubtful = Infinity;
  }

  async #look(next: number): Promise<void> {
    const { reach, probe, maxWait, notice } = this.#options;
    const since = this.#since;
    const reached = await Promise.all(this.#known.map(reach));
    // It has ended meanwhile; there may even be another one.
    if (!this.#holding || since !== this.#since) return;
    if (reached.includes(true)) {
      this.#doubtful *= 2;
      return this.#end('');
    }
    const left = patience - (performance.now() - since);
    if (left > 0) {
      this.#timer = setTimeout(() => void this.#look(next), Math.ceil(left));
      return;
    }
    if (!this.#said) {
      this.#said = true;
      notice(
        `no host can be reached (${this.#failed.size} tried, the last one: ${this.#detail}); waiting for the network`,
      );
    }
    if (this.#known.length < mostKnown && performance.now() - this.#since > maxWait) {
      this.#givenUp = true;
      return this.#end('still no host can be reached; going on without waiting any longer');
    }
    probe(mostKnown);
    this.#timer = setTimeout(() => void this.#look(Math.min(2 * next, lastLook)), next);
    return undefined;
  }

  #end(words: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#failed.clear();
    if (words === '') this.#givenUp = false;
    if (!this.#holding) return;
    this.#holding = false;
    if (this.#said) this.#options.notice(words || 'the network is back; going on');
    this.#said = false;
    this.#options.onEnd();
  }
}
