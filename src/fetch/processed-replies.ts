import { removeLarge } from '../page/large-body.ts';
import { blankProcessed } from '../page/processing.ts';
import type { Processed, Processing } from '../page/processing.ts';
import type { PageAsk, ResponsePage } from '../page/page.ts';
import type { FailureCode } from '../shared/failures.ts';
import type { Exchanged } from '../shared/records.ts';
import type { EngineReply } from './messages.ts';

export interface ProcessedRepliesOptions {
  /** Extracts values from complete responses, or saves these; null: neither is asked for. */
  readonly processing: Processing | null;
  /**
   * The redirects that led to a complete response; null when another attempt follows, so that
   * nothing is extracted.
   */
  readonly ledBy: (reply: EngineReply) => readonly Exchanged[] | null;
  /** @param hop a redirect as it was on the wire, if redirects are kept */
  readonly onReply: (reply: EngineReply, hop: Exchanged | null) => void;
  /**
   * Takes the page of a request that another page or the scheduler made.
   *
   * @returns false for the page of a row, which must be processed
   */
  readonly takesPage: (id: number, page: ResponsePage) => boolean;
  /** Makes a request for a page (`page.fetch`). */
  readonly ask: PageAsk;
  /** Frees the slots of this request while its page is processed: its response is complete. */
  readonly lend: (id: number) => void;
  /** Ends the run. */
  readonly onFail: (error: Error) => void;
}

/** Completes the replies of engines with the values extracted from their pages. */
export class ProcessedReplies {
  readonly #options: ProcessedRepliesOptions;
  /** Replies whose pages are being processed, with their pages, by request id. */
  readonly #waiting = new Map<number, { readonly reply: EngineReply; readonly page: ResponsePage }>();
  /** Number of ended rows whose redirects are still being saved. */
  #keeping = 0;
  /**
   * Whether any page has called `page.fetch()`. From then on no page holds its slots while it is processed: else
   * pages that wait for a thread could hold all slots, while the page in that thread needs one for its request.
   */
  #lends = false;

  constructor(options: ProcessedRepliesOptions) {
    this.#options = options;
  }

  /** Whether rows that have ended wait for their redirects to be saved. */
  get isKeeping(): boolean {
    return this.#keeping > 0;
  }

  take(reply: EngineReply, page: ResponsePage | null): void {
    const { processing, takesPage, lend, ledBy, onReply, onFail } = this.#options;
    if (page === null || processing === null) return onReply(reply, null);
    if (reply.location !== null) return onReply(reply, page.exchanged);
    const hops = takesPage(reply.id, page) ? null : ledBy(reply);
    if (hops === null) {
      if (page.large !== null) removeLarge(page.large);
      return onReply(reply, null);
    }
    Object.assign(page, { hops, ask: this.#ask, id: reply.id, isPublic: reply.isPublic });
    const processed = attempt(() => processing.process(page));
    if (processed instanceof Error) return onFail(processed);
    if (!(processed instanceof Promise)) {
      page.end();
      return onReply({ ...reply, ...processed }, null);
    }
    this.#waiting.set(reply.id, { reply, page });
    if (this.#lends) lend(reply.id);
    processed.then((all) => this.#settle(reply, all)).catch(onFail);
    return undefined;
  }

  /** Saves the redirects of a row that has ended without a page, then calls `onDone`. */
  keep(hops: readonly Exchanged[], onDone: () => void): void {
    const { processing, onFail } = this.#options;
    if (processing?.processHops === undefined) return onDone();
    this.#keeping++;
    const kept = async (): Promise<void> => {
      await processing.processHops?.(hops);
      this.#keeping--;
      onDone();
    };
    kept().catch(onFail);
    return undefined;
  }

  /** Stops waiting for all pages, with a reply with this code for each. Their processing itself cannot be stopped. */
  stop(error: FailureCode, detail: string): void {
    for (const { reply } of this.#waiting.values())
      this.#settle(reply, { ...blankProcessed, bytes: null, error, detail });
  }

  close(): void {
    this.#waiting.clear();
    this.#options.processing?.close();
  }

  readonly #ask: PageAsk = (...asked) => {
    const { ask, lend } = this.#options;
    if (!this.#lends) for (const id of this.#waiting.keys()) lend(id);
    this.#lends = true;
    return ask(...asked);
  };

  #settle(reply: EngineReply, outcome: Partial<EngineReply>): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting?.reply !== reply) return;
    this.#waiting.delete(reply.id);
    waiting.page.end();
    this.#options.onReply({ ...reply, ...outcome }, null);
  }
}

function attempt(process: () => Processed | Promise<Processed>): Processed | Promise<Processed> | Error {
  try {
    return process();
  } catch (error) {
    return error as Error;
  }
}
