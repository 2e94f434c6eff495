import { Worker } from 'node:worker_threads';

import { UsageError, runErrorOf } from '../../shared/errors.ts';
import { JsonText } from '../../shared/json-text.ts';
import type { ResponsePage } from '../../page/page.ts';
import type { Processed } from '../../page/processing.ts';
import type { Values } from '../../shared/records.ts';
import type { ProcessOptions } from '../processors.ts';
import { sign } from './thread-messages.ts';
import { sentPage } from './sent-page.ts';
import type {
  FromThread,
  SentAsk,
  SentError,
  SentOutcome,
  SentPage,
  ThreadSetup,
  ToThread,
} from './thread-messages.ts';

/** Milliseconds that a module may take to load. */
const longestStart = 60_000;

/** Megabytes of heap, so that a module that leaks does not use up the memory of the machine. */
const heapSize = 1024;

/** A page to be processed, and who gets the outcome. */
export interface Errand {
  page: SentPage;
  /** The page in the main thread, which makes its requests (`page.fetch`). */
  readonly source: ResponsePage;
  readonly end: (processed: Processed) => void;
  /** Ends the run. */
  readonly fail: (error: Error) => void;
  /** Whether it may have killed a thread: then it is processed once more, alone in a thread. */
  isSuspect: boolean;
}

export interface ThreadOwner {
  /** The thread can take pages. @param columns those of the module */
  readonly onReady: (columns: readonly string[]) => void;
  /** It cannot start, for an invalid option or module, and ends. */
  readonly onRefused: (error: Error) => void;
  /** Some pages are done. @param busy milliseconds that they took */
  readonly onDone: (pages: number, busy: number) => void;
  /** It has ended; its unfinished pages are in `errands`. */
  readonly onEnd: (reason: string) => void;
  /** The module threw an error outside of `process()`. */
  readonly onStray: (detail: string) => void;
  /**
   * The module has printed something.
   *
   * @param stream its name (`console`, `stdout` or `stderr`): a line that begins in one stream never goes on in
   * another
   */
  readonly onPrint: (text: Uint8Array | string, stream: string) => void;
}

/** The main thread's side of a thread: its pages, and whether it makes progress. */
export class ThreadHandle {
  /** Its unfinished pages by id, in the order in which it got them. */
  readonly errands = new Map<number, Errand>();
  /** The columns of the module; null until it is ready. */
  columns: readonly string[] | null = null;
  /** Whether it gets no more pages. */
  isRetired = false;
  readonly #worker: Worker;
  readonly #signs: Int32Array;
  readonly #owner: ThreadOwner;
  readonly #startTimer: NodeJS.Timeout;
  #turns = -1;
  #stillLooks = 0;
  #isKilled = false;
  #isEnding = false;
  #reason = '';

  /** @param timeout milliseconds for one page */
  constructor(options: ProcessOptions, timeout: number, owner: ThreadOwner) {
    this.#owner = owner;
    this.#signs = new Int32Array(new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT));
    this.#signs[sign.inHand] = -1;
    this.#signs[sign.takenBack] = -1;
    this.#worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: { options, timeout, signs: this.#signs } satisfies ThreadSetup,
      resourceLimits: { maxOldGenerationSizeMb: heapSize },
      stdout: true,
      stderr: true,
    });
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', (error: Error) => {
      this.#reason = error.message;
    });
    this.#worker.on('exit', (code) => this.#onExit(code));
    this.#startTimer = setTimeout(() => {
      owner.onRefused(new UsageError(`--module: it has not loaded within ${longestStart / 1000} s`));
      this.end();
    }, longestStart);
  }

  /** Whether it can be given pages: not while it has a suspect, which must be alone. */
  get takesPages(): boolean {
    if (this.columns === null || this.isRetired) return false;
    for (const { isSuspect } of this.errands.values()) if (isSuspect) return false;
    return true;
  }

  /**
   * How many of its pages have not begun or are being processed; those that wait for a promise do not count.
   */
  get load(): number {
    return this.errands.size - Atomics.load(this.#signs, sign.waiting);
  }

  give(errands: readonly Errand[]): void {
    for (const errand of errands) this.errands.set(errand.page.id, errand);
    this.#send(errands.map(({ page }) => page));
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message, []);
  }

  /** Checks its progress. @returns the number of checks in a row that found it at work and without progress */
  look(): number {
    // `verdict()` compares with the last check before the kill: a later one would hide progress made in between.
    if (this.#isKilled) return this.#stillLooks;
    const turns = Atomics.load(this.#signs, sign.turns);
    const isAtWork =
      Atomics.load(this.#signs, sign.inHand) !== -1 || Atomics.load(this.#signs, sign.waiting) > 0;
    this.#stillLooks = isAtWork && turns === this.#turns ? this.#stillLooks + 1 : 0;
    this.#turns = turns;
    return this.#stillLooks;
  }

  /** Takes back the pages that it has not begun, when it is busy with one. */
  takeBack(): Errand[] {
    const inHand = Atomics.load(this.#signs, sign.inHand);
    const last = [...this.errands.keys()].at(-1) ?? -1;
    if (inHand === -1 || last === inHand) return [];
    Atomics.store(this.#signs, sign.takenBack, last);
    const taken = [...this.errands.values()].filter(({ page }) => page.id > inHand);
    for (const { page } of taken) this.errands.delete(page.id);
    return taken;
  }

  end(): void {
    // Each call of terminate() would wait for the exit anew.
    if (!this.#isEnding) void this.#worker.terminate();
    this.#isEnding = true;
  }

  /** Ends it for lack of progress. */
  kill(): void {
    this.#isKilled = true;
    this.isRetired = true;
    this.end();
  }

  /**
   * After its end: whether `kill()` ended it, and which of its pages may be the cause. That is the page that was
   * being processed; if there was none, all pages that it held, as each was waiting for something.
   */
  verdict(): { readonly isKilled: boolean; readonly blamed: readonly Errand[] } {
    const isKilled = this.#isKilled;
    // It made progress after the last check, so no page is to blame.
    if (isKilled && Atomics.load(this.#signs, sign.turns) !== this.#turns) return { isKilled, blamed: [] };
    const inHand = this.errands.get(Atomics.load(this.#signs, sign.inHand));
    return { isKilled, blamed: inHand === undefined ? [...this.errands.values()] : [inHand] };
  }

  #hear(message: FromThread): void {
    if (message.kind === 'ready') {
      clearTimeout(this.#startTimer);
      this.columns = message.columns;
      this.#owner.onReady(message.columns);
    } else if (message.kind === 'refused') {
      this.#owner.onRefused(errorOf(message.error));
      this.end();
    } else if (message.kind === 'stray') this.#owner.onStray(message.detail);
    else if (message.kind === 'print') this.#owner.onPrint(message.text, message.stream);
    else if (message.kind === 'ask') this.#ask(message);
    else {
      if (message.isFull) this.isRetired = true;
      for (const [id, outcome] of message.outcomes) this.#settle(id, outcome);
      this.#owner.onDone(message.outcomes.length, message.busy);
    }
  }

  #ask({ page, id, asked }: SentAsk): void {
    const source = this.errands.get(page)?.source;
    source?.fetchFor(asked, (response) => {
      this.#send({ id, response: 'error' in response ? response : sentPage(response) });
    });
  }

  #settle(id: number, outcome: SentOutcome | SentError): void {
    const errand = this.errands.get(id);
    this.errands.delete(id);
    if ('message' in outcome) errand?.fail(errorOf(outcome));
    else
      errand?.end({
        ...outcome,
        values: received(outcome.values),
        rows: outcome.rows?.map(received) ?? null,
      });
  }

  #onExit(code: number): void {
    clearTimeout(this.#startTimer);
    this.#owner.onEnd(this.#reason || `exit code ${code}`);
  }
}

function received(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? new JsonText((value as { json: string }).json) : value,
    ]),
  );
}

function errorOf({ name, message }: SentError): Error {
  return runErrorOf(name, message);
}
