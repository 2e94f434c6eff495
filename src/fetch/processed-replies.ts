import { blankProcessed } from '../page/processing.ts';
import type { Processed, Processing } from '../page/processing.ts';
import type { ResponsePage } from '../page/page.ts';
import type { FailureCode } from '../shared/failures.ts';
import type { EngineReply } from './messages.ts';

export interface ProcessedRepliesOptions {
  /** What takes values out of whole responses; null: nothing does. */
  readonly processing: Processing | null;
  readonly onReply: (reply: EngineReply) => void;
  /** Ends the run. */
  readonly onFail: (error: Error) => void;
}

/** Completes the replies of engines by what is taken out of their pages. */
export class ProcessedReplies {
  readonly #options: ProcessedRepliesOptions;
  /** Replies whose pages are being processed, by request id. */
  readonly #waiting = new Map<number, EngineReply>();

  constructor(options: ProcessedRepliesOptions) {
    this.#options = options;
  }

  take(reply: EngineReply, page: ResponsePage | null): void {
    const { processing, onReply, onFail } = this.#options;
    if (page === null || processing === null) return onReply(reply);
    const processed = attempt(() => processing.process(page));
    if (processed instanceof Error) return onFail(processed);
    if (!(processed instanceof Promise)) return onReply({ ...reply, ...processed });
    this.#waiting.set(reply.id, reply);
    processed.then((all) => this.#settle(reply, all)).catch(onFail);
    return undefined;
  }

  /** Ends the waiting for all pages; each gives a reply with this code. Nothing can stop their processing. */
  stop(error: FailureCode, detail: string): void {
    for (const reply of this.#waiting.values())
      this.#settle(reply, { ...blankProcessed, bytes: null, error, detail });
  }

  close(): void {
    this.#waiting.clear();
    this.#options.processing?.close();
  }

  #settle(reply: EngineReply, outcome: Partial<EngineReply>): void {
    if (this.#waiting.get(reply.id) !== reply) return;
    this.#waiting.delete(reply.id);
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
