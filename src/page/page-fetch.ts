import type { Ask, Asked, OnAnswer, Unanswered } from '../shared/asked.ts';
import type { FailureCode } from '../shared/failures.ts';

/** The rejection of `page.fetch()`. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly code: FailureCode;

  /** @param at made where `page.fetch()` was called: what comes later is in no code of the user's */
  constructor(url: string, { error, detail }: Unanswered, at: Error) {
    super(`page.fetch(${url}): ${error}${detail === '' ? '' : `: ${detail}`}`);
    this.code = error;
    this.stack = `${this.name}: ${this.message}${(at.stack ?? '').slice(String(at).length)}`;
  }
}

/** The requests of one page that are on their way, and how long it has waited for such. */
export class PageFetches<Response extends object> {
  readonly #ask: Ask<Response>;
  readonly #pending = new Set<{ abandon: () => void }>();
  #since = 0;
  #waited = 0;

  constructor(ask: Ask<Response>) {
    this.#ask = ask;
  }

  /** Milliseconds during which something was on its way. */
  get waited(): number {
    return this.#waited + (this.#pending.size === 0 ? 0 : performance.now() - this.#since);
  }

  /** @throws an error where the request cannot be sent on */
  ask(asked: Asked, onAnswer: OnAnswer<Response>): void {
    const pending = { abandon: ignore };
    if (this.#pending.size === 0) this.#since = performance.now();
    this.#pending.add(pending);
    try {
      pending.abandon = this.#ask(asked, (response) => {
        if (this.#end(pending)) onAnswer(response);
      });
    } catch (error) {
      this.#end(pending);
      throw error;
    }
  }

  async fetch(asked: Asked, at: Error): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.ask(asked, (response) => {
        if ('error' in response) reject(new FetchError(asked.url, response, at));
        else resolve(response);
      });
    });
  }

  /** Nobody waits for what is on its way: it never comes. */
  abandon(): void {
    for (const pending of this.#pending) {
      this.#end(pending);
      pending.abandon();
    }
  }

  #end(pending: { abandon: () => void }): boolean {
    if (!this.#pending.delete(pending)) return false;
    if (this.#pending.size === 0) this.#waited += performance.now() - this.#since;
    return true;
  }
}

function ignore(): void {}
