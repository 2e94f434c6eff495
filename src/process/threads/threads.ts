import { availableParallelism } from 'node:os';

import { UsageError, systemReason } from '../../shared/errors.ts';
import type { Options } from '../../options/table.ts';
import { InThisThread } from '../../page/in-this-thread.ts';
import type { ResponsePage } from '../../page/page.ts';
import { blankProcessed, timedOut } from '../../page/processing.ts';
import type { Processed, Processing } from '../../page/processing.ts';
import { findNextOf, processOptionsOf, processorsOf } from '../processors.ts';
import type { ProcessOptions } from '../processors.ts';
import { ThreadHandle } from './thread-handle.ts';
import type { Errand } from './thread-handle.ts';
import { lookInterval } from './thread-messages.ts';
import { sentPage } from './sent-page.ts';

export type ThreadsOptions = ProcessOptions & Pick<Options, 'threads' | 'processTimeout'>;

export interface ThreadsSurroundings {
  /** Gets messages for the user that concern the whole run. */
  readonly notice: (text: string) => void;
  /** Gets what a module prints. */
  readonly print: (text: Uint8Array | string, stream: string) => void;
}

/** A thread gets as many pages at once as keep it busy for this many milliseconds, but within these bounds. */
const loadTime = 20;
const leastLoad = 2;
const mostLoad = 32;

/** With `auto`: milliseconds between two checks for load, and how many in a row must find it before a thread is added. */
const growthInterval = 100;
const growthLooks = 3;

/**
 * A thread is held up when one page takes this many milliseconds, or this share of the time for a page if that is less.
 * Another thread is then started in its place, at most `mostExtra` in all.
 */
const heldUpAfter = 250;
const heldUpShare = 0.5;
const mostExtra = 4;

/** The share of its time from which the main thread is too busy to process pages itself. */
const busyShare = 0.5;

/**
 * Processes pages in as many threads as the options allow. Modules, regular expressions and XPath, which may never return,
 * always run in a worker thread, as that can be ended. Everything else runs in the main thread until it is busy.
 *
 * Pages are handed out as threads become free. A thread that exceeds the time for a page is ended and replaced, and one
 * that dies is replaced; its other pages go to other threads.
 */
export class Threads implements Processing {
  /** All columns, in order. */
  readonly columns: readonly string[];
  readonly #options: ThreadsOptions;
  readonly #surroundings: ThreadsSurroundings;
  /** Null if the processors may never return. */
  readonly #inThisThread: InThisThread | null;
  readonly #threads = new Set<ThreadHandle>();
  /** How many threads there should be now, and at most. */
  #wanted: number;
  readonly #most: number;
  readonly #queue: Errand[] = [];
  #handingOut: NodeJS.Immediate | null = null;
  readonly #looking: NodeJS.Timeout;
  readonly #growing: NodeJS.Timeout | null;
  #busyLooks = 0;
  /** Milliseconds that the main thread has processed pages since the last check. */
  #mainTime = 0;
  /** Moving average of the milliseconds that a page takes in a thread. */
  #pageTime = 1;
  #nextId = 0;
  /** How many additional threads stand in for those that are held up. */
  #extra = 0;
  #failure: Error | null = null;
  #isClosed = false;
  #saidStray = false;
  #onFirst: ((first: readonly string[] | Error) => void) | null;

  /** @throws UsageError for an unknown extractor, an invalid expression, or a module that cannot be loaded */
  static async open(options: ThreadsOptions, surroundings: ThreadsSurroundings): Promise<Threads> {
    const processors = await processorsOf({ ...options, module: undefined });
    const columns = processors.flatMap((processor) => processor.columns);
    const mayHang = options.module !== undefined || options.regex.length > 0 || options.xpath.length > 0;
    const findNext = await findNextOf(options);
    const inThisThread = mayHang ? null : new InThisThread(processors, options.processTimeout, findNext);
    if (options.module === undefined) return new Threads(options, surroundings, inThisThread, columns, null);
    return new Promise((resolve, reject) => {
      const threads = new Threads(options, surroundings, inThisThread, columns, (first) => {
        if (first instanceof Error) return reject(first);
        columns.push(...first);
        return resolve(threads);
      });
    });
  }

  /** @param onFirst gets the columns of the module, or the reason why it cannot be used */
  private constructor(
    options: ThreadsOptions,
    surroundings: ThreadsSurroundings,
    inThisThread: InThisThread | null,
    columns: readonly string[],
    onFirst: ((first: readonly string[] | Error) => void) | null,
  ) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#inThisThread = inThisThread;
    this.columns = columns;
    this.#onFirst = onFirst;
    const { threads, processTimeout } = options;
    const least = inThisThread === null ? 1 : 0;
    const cores = availableParallelism();
    this.#wanted = threads === 'auto' || threads === 1 ? least : threads;
    this.#most = threads === 'auto' && cores > 1 ? cores : this.#wanted;
    // Unreferenced: pages in process keep the event loop alive through their threads.
    this.#looking = setInterval(() => this.#look(), lookInterval(processTimeout)).unref();
    this.#growing =
      this.#most > this.#wanted ? setInterval(() => this.#grow(), growthInterval).unref() : null;
    this.#startMissing();
  }

  readonly process = (page: ResponsePage): Processed | Promise<Processed> => {
    if (this.#inThisThread !== null && !this.#isAnyReady) {
      const begunAt = performance.now();
      const processed = this.#inThisThread.process(page);
      this.#mainTime += performance.now() - begunAt;
      return processed;
    }
    return new Promise((end, fail) => {
      if (this.#failure !== null) return fail(this.#failure);
      this.#queue.push({ page: sentPage(page), source: page, end, fail, isSuspect: false });
      this.#handingOut ??= setImmediate(() => this.#handOut());
      return undefined;
    });
  };

  readonly close = (): void => {
    this.#isClosed = true;
    clearInterval(this.#looking);
    if (this.#growing !== null) clearInterval(this.#growing);
    if (this.#handingOut !== null) clearImmediate(this.#handingOut);
    this.#inThisThread?.close();
    for (const thread of this.#threads) thread.end();
  };

  get #isAnyReady(): boolean {
    for (const { columns } of this.#threads) if (columns !== null) return true;
    return false;
  }

  #startMissing(): void {
    try {
      while (!this.#isClosed && this.#failure === null && this.#threads.size < this.#wanted + this.#extra)
        this.#start();
    } catch (error) {
      // The system allows no more threads: go on with those that there are.
      this.#wanted = this.#threads.size;
      this.#extra = 0;
      if (this.#wanted === 0)
        this.#fail(new UsageError(`no thread can be started to process pages: ${systemReason(error)}`));
    }
  }

  #start(): void {
    const { notice, print } = this.#surroundings;
    // No other options: a module can read what its thread was started with.
    const options = processOptionsOf(this.#options);
    const thread = new ThreadHandle(options, this.#options.processTimeout, {
      onReady: (columns) => {
        this.#tellFirst(columns);
        this.#handOut();
      },
      onRefused: (error) => this.#fail(error),
      onDone: (pages, busy) => {
        if (pages > 0) this.#pageTime += (busy / pages - this.#pageTime) / 8;
        this.#handOut();
      },
      onEnd: (reason) => this.#bury(thread, reason),
      onStray: (detail) => {
        if (!this.#saidStray) notice(`--module: an error outside of process(), which is no row's: ${detail}`);
        this.#saidStray = true;
      },
      onPrint: print,
    });
    this.#threads.add(thread);
  }

  /** Gives each thread few pages at a time: pages in the queue can still go to the thread that is free first. */
  #handOut(): void {
    if (this.#handingOut !== null) clearImmediate(this.#handingOut);
    this.#handingOut = null;
    const load = Math.min(mostLoad, Math.max(leastLoad, Math.round(loadTime / this.#pageTime)));
    const given = new Map<ThreadHandle, Errand[]>();
    const ready = [...this.#threads].filter((thread) => thread.takesPages);
    const loadOf = (thread: ThreadHandle): number => thread.load + (given.get(thread)?.length ?? 0);
    for (let errand = this.#queue[0]; errand !== undefined; errand = this.#queue[0]) {
      const [freest] = ready.toSorted((a, b) => loadOf(a) - loadOf(b));
      if (freest === undefined || loadOf(freest) >= load) break;
      if (errand.isSuspect && freest.errands.size + loadOf(freest) > 0) break;
      this.#queue.shift();
      errand.page = { ...errand.page, id: this.#nextId++ };
      given.set(freest, [...(given.get(freest) ?? []), errand]);
      if (errand.isSuspect) ready.splice(ready.indexOf(freest), 1);
    }
    for (const [thread, errands] of given) thread.give(errands);
    for (const thread of this.#threads) if (thread.isRetired && thread.errands.size === 0) thread.end();
  }

  /** Finds threads without progress: first their waiting pages go to others; at the time limit they are ended. */
  #look(): void {
    const { processTimeout } = this.#options;
    const interval = lookInterval(processTimeout);
    let heldUp = 0;
    for (const thread of this.#threads) {
      // Counts checks instead of milliseconds, as the whole process may have been suspended for an hour.
      const still = thread.look() * interval;
      if (still < Math.min(heldUpAfter, processTimeout * heldUpShare)) continue;
      heldUp++;
      this.#queue.unshift(...thread.takeBack());
      if (still >= processTimeout) thread.kill();
    }
    this.#extra = Math.min(heldUp, mostExtra);
    if (heldUp === 0) return;
    this.#startMissing();
    this.#handOut();
  }

  /** Decides what becomes of the pages of a thread that has ended, and replaces it. */
  #bury(thread: ThreadHandle, reason: string): void {
    this.#threads.delete(thread);
    if (this.#isClosed) return;
    if (thread.columns === null) {
      this.#fail(new UsageError(`--module: its thread ended before it was ready: ${reason}`));
      return;
    }
    const { isKilled, blamed } = thread.verdict();
    const again = [...thread.errands.values()].filter((errand) => !blamed.includes(errand));
    for (const errand of blamed) {
      if (isKilled && blamed.length === 1) errand.end(timedOut(this.#options.processTimeout));
      else if (errand.isSuspect) errand.end(diedOf(reason));
      else again.push({ ...errand, isSuspect: true });
    }
    for (const { source } of again) source.abandonFetches();
    this.#queue.unshift(...again.toSorted((a, b) => a.page.id - b.page.id));
    this.#startMissing();
    this.#handOut();
  }

  /** Ends the run. */
  #fail(error: Error): void {
    this.#failure ??= error;
    this.#tellFirst(error);
    for (const { fail } of this.#queue.splice(0)) fail(error);
    for (const { errands } of this.#threads) for (const { fail } of errands.values()) fail(error);
  }

  #tellFirst(first: readonly string[] | Error): void {
    this.#onFirst?.(first);
    this.#onFirst = null;
    if (first instanceof Error) this.close();
  }

  /** Adds a thread when the main thread, or all others, have been busy for some time. */
  #grow(): void {
    const isBusy =
      this.#threads.size === 0
        ? this.#mainTime >= growthInterval * busyShare
        : this.#queue.length > 0 && this.#isAnyReady;
    this.#mainTime = 0;
    this.#busyLooks = isBusy ? this.#busyLooks + 1 : 0;
    if (this.#busyLooks < growthLooks || this.#wanted >= this.#most) return;
    this.#busyLooks = 0;
    // The first thread takes over all processing, so that the main thread only fetches.
    this.#wanted++;
    this.#startMissing();
  }
}

function diedOf(reason: string): Processed {
  return {
    ...blankProcessed,
    error: 'process-failed',
    detail: `the thread that processed it ended: ${reason}`,
  };
}
