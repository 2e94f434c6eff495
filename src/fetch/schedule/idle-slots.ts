/**
 * After this many milliseconds with free slots, doubtful hosts get more of them, and rows in memory that must
 * wait go to disk so that others can be read.
 */
const patience = 100;

/** Measures for how long slots have been free with nothing to fill them, and says so when it is too long. */
export class IdleSlots {
  readonly #onLong: () => void;
  /** When slots became free, on the clock of `performance.now()`; 0: they are not. */
  #since = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param onLong called once they have been free for long */
  constructor(onLong: () => void) {
    this.#onLong = onLong;
  }

  note(areFree: boolean): void {
    if (!areFree) this.#since = 0;
    else if (this.#since === 0) {
      this.#since = performance.now();
      this.#wait(patience);
    }
  }

  isLong(now: number): boolean {
    return this.#since > 0 && now - this.#since >= patience;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#since = 0;
  }

  /** Keeps a timer that runs already: slots may become free and full with each reply. */
  #wait(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#since === 0) return;
      const left = this.#since + patience - performance.now();
      if (left > 0) this.#wait(Math.ceil(left));
      else this.#onLong();
    }, milliseconds);
  }
}
