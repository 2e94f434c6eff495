import type { Ask, Asked, OnAnswer, Unanswered } from '../shared/asked.ts';
import { withoutUserInfo } from '../shared/credentials.ts';
import type { FailureCode } from '../shared/failures.ts';
import type { PageRequest } from '../shared/records.ts';

/** The rejection of `page.fetch()`. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly code: FailureCode;

  /** @param at made where `page.fetch()` was called, as the stack of a later error does not lead to the user's code */
  constructor(url: string, { error, detail }: Unanswered, at: Error) {
    // The message may become the `error_detail` of the row.
    super(`page.fetch(${withoutUserInfo(url)}): ${error}${detail === '' ? '' : `: ${detail}`}`);
    this.code = error;
    this.stack = `${this.name}: ${this.message}${(at.stack ?? '').slice(String(at).length)}`;
  }
}

/** A call of `page.fetch()` that asks for nothing. */
export type WrongCall = Unanswered & { readonly url: string };

/**
 * What a call of `page.fetch()` asks for. Headers may be any iterable or object; they are copied to a plain list or object,
 * which can be sent to other threads.
 *
 * @param url may, like `request`, be any value: callers in JavaScript are not held to the types
 */
export function askedOf(url: unknown, request: unknown): Asked | WrongCall {
  if (typeof url !== 'string' && !(url instanceof URL)) {
    const kind = kindOf(url);
    return {
      url: kind,
      error: 'invalid-url',
      detail: `the URL is to be a text or a URL object, not ${kind}`,
    };
  }
  const wrong = (detail: string): WrongCall => ({ url: String(url), error: 'bad-row', detail });
  if (!isObject(request) || Array.isArray(request))
    return wrong(
      `what follows the URL is to be an object with method, headers and body, not ${kindOf(request)}`,
    );
  const { method, headers, body } = request as PageRequest;
  const asked = {
    url: String(url),
    ...(method !== undefined && { method }),
    ...(body !== undefined && { body }),
  };
  if (headers === undefined) return asked;
  if (!isObject(headers))
    return wrong(`headers is to be an object, or a list of names and values, not ${kindOf(headers)}`);
  try {
    return { ...asked, headers: Symbol.iterator in headers ? [...headers] : { ...headers } };
  } catch {
    // An iterator or getter of the user's has thrown.
    return wrong('headers cannot be read');
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The pending requests of one page, and how long it has waited for requests so far. */
export class PageFetches<Response extends object> {
  readonly #ask: Ask<Response>;
  readonly #pending = new Set<{ abandon: () => void }>();
  #since = 0;
  #waited = 0;

  constructor(ask: Ask<Response>) {
    this.#ask = ask;
  }

  /** Milliseconds during which at least one request was pending. */
  get waited(): number {
    return this.#waited + (this.#pending.size === 0 ? 0 : performance.now() - this.#since);
  }

  /** @throws an error when the request cannot be passed on */
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

  async fetch(asked: Asked | WrongCall, at: Error): Promise<Response> {
    if ('error' in asked) throw new FetchError(asked.url, asked, at);
    return new Promise((resolve, reject) => {
      this.ask(asked, (response) => {
        if ('error' in response) reject(new FetchError(asked.url, response, at));
        else resolve(response);
      });
    });
  }

  /** Drops all pending requests: their answers are never reported. */
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
