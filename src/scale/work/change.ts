import { setTimeout as delay } from 'node:timers/promises';

/** Lets one caller wait until something has changed since its last wait. */
export class Change {
  #hasCome = false;
  #endWait: () => void = ignore;

  /** Tells that something has changed. */
  come(): void {
    this.#hasCome = true;
    this.#endWait();
  }

  /** @param longest milliseconds after which the wait ends anyway @param signal ends it too */
  async wait(longest: number, signal: AbortSignal): Promise<void> {
    if (!this.#hasCome) {
      const woken = new AbortController();
      this.#endWait = () => woken.abort();
      await delay(longest, null, { signal: AbortSignal.any([signal, woken.signal]) }).catch(ignore);
    }
    this.#hasCome = false;
  }
}

function ignore(): void {}
