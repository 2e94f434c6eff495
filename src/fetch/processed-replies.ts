import { removeLarge } from '../page/large-body.ts';
import { blankProcessed } from '../page/processing.ts';
import type { Processed, Processing } from '../page/processing.ts';
import type { PageAsk, ResponsePage } from '../page/page.ts';
import type { FailureCode } from '../shared/failures.ts';
import type { Exchanged } from '../shared/records.ts';
import type { EngineReply } from './messages.ts';

export interface ProcessedRepliesOptions {
  /** What takes values out of whole responses; null: nothing does. */
  readonly processing: Processing | null;
  /**
   * What led to a whole response; null when another attempt follows it, so that nothing is to be taken out of it.
   */
  readonly ledBy: (reply: EngineReply) => readonly Exchanged[] | null;
  /** @param hop what a redirect was on the wire, where that is kept */
  readonly onReply: (reply: EngineReply, hop: Exchanged | null) => void;
  /** Whether the page is for somebody who has asked for it, and not to be processed. */
  readonly takesPage: (id: number, page: ResponsePage) => boolean;
  /** Makes a request for a page, by the id of its own one. */
  readonly ask: PageAsk;
  /** Ends the run. */
  readonly onFail: (error: Error) => void;
}

/** Completes the replies of engines by what is taken out of their pages. */
export class ProcessedReplies {
  readonly #options: ProcessedRepliesOptions;
  /** Replies whose pages are being processed, and these, by request id. */
  readonly #waiting = new Map<number, { readonly reply: EngineReply; readonly page: ResponsePage }>();
  /** Rows whose redirects are being kept. */
  #keeping = 0;

  constructor(options: ProcessedRepliesOptions) {
    this.#options = options;
  }

  /** Whether rows that have ended wait for their redirects to be kept. */
  get isKeeping(): boolean {
    return this.#keeping > 0;
  }

  take(reply: EngineReply, page: ResponsePage | null): void {
    const { processing, takesPage, ask, ledBy, onReply, onFail } = this.#options;
    if (page === null || processing === null) return onReply(reply, null);
    if (reply.location !== null) return onReply(reply, page.exchanged);
    const hops = takesPage(reply.id, page) ? null : ledBy(reply);
    if (hops === null) {
      if (page.large !== null) removeLarge(page.large);
      return onReply(reply, null);
    }
    Object.assign(page, { hops, ask, id: reply.id, isPublic: reply.isPublic });
    const processed = attempt(() => processing.process(page));
    if (processed instanceof Error) return onFail(processed);
    if (!(processed instanceof Promise)) {
      page.end();
      return onReply({ ...reply, ...processed }, null);
    }
    this.#waiting.set(reply.id, { reply, page });
    processed.then((all) => this.#settle(reply, all)).catch(onFail);
    return undefined;
  }

  /** Keeps the redirects of a row that has ended without a page, then calls `onDone`. */
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

  /** Ends the waiting for all pages; each gives a reply with this code. Nothing can stop their processing. */
  stop(error: FailureCode, detail: string): void {
    for (const { reply } of this.#waiting.values())
      this.#settle(reply, { ...blankProcessed, bytes: null, error, detail });
  }

  close(): void {
    this.#waiting.clear();
    this.#options.processing?.close();
  }

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
