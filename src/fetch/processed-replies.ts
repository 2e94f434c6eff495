import { blankProcessed } from '../page/processing.ts';
import type { Processed, Processing } from '../page/processing.ts';
import type { PageAsk, ResponsePage } from '../page/page.ts';
import type { FailureCode } from '../shared/failures.ts';
import type { EngineReply } from './messages.ts';

export interface ProcessedRepliesOptions {
  /** What takes values out of whole responses; null: nothing does. */
  readonly processing: Processing | null;
  readonly onReply: (reply: EngineReply) => void;
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

  constructor(options: ProcessedRepliesOptions) {
    this.#options = options;
  }

  take(reply: EngineReply, page: ResponsePage | null): void {
    const { processing, takesPage, ask, onReply, onFail } = this.#options;
    if (page === null || processing === null || takesPage(reply.id, page)) return onReply(reply);
    page.id = reply.id;
    page.isPublic = reply.isPublic;
    page.ask = ask;
    const processed = attempt(() => processing.process(page));
    if (processed instanceof Error) return onFail(processed);
    if (!(processed instanceof Promise)) {
      page.end();
      return onReply({ ...reply, ...processed });
    }
    this.#waiting.set(reply.id, { reply, page });
    processed.then((all) => this.#settle(reply, all)).catch(onFail);
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
    this.#options.onReply({ ...reply, ...outcome });
  }
}

function attempt(process: () => Processed | Promise<Processed>): Processed | Promise<Processed> | Error {
  try {
    return process();
  } catch (error) {
    return error as Error;
  }
}
