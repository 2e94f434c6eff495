import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { callbackify } from 'node:util';

import { UsageError } from '../shared/errors.ts';
import { Fifo } from '../shared/fifo.ts';
import type { Given } from '../shared/given.ts';
import { statusesIn } from '../options/checks.ts';
import { readSaid } from '../options/resolve.ts';
import type { ValuesOf } from '../options/table.ts';
import { InThisThread } from '../page/in-this-thread.ts';
import type { Processing } from '../page/processing.ts';
import type { Result, Row, Table } from '../shared/records.ts';
import { mayPassSoon } from '../shared/statuses.ts';
import { loadEncodings } from '../page/encodings.ts';
import { loadRefresh } from '../page/refresh.ts';
import { engineThreads } from './threads/engine-threads.ts';
import { openEngines } from './threads/open-engines.ts';
import { ProcessedReplies } from './processed-replies.ts';
import type { Engine } from './messages.ts';
import { InOrder } from './in-order.ts';
import { requestMaker, sentAgent } from './request/request.ts';
import type { RequestSettings } from './request/request.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { hostSecrets, requestSettings } from './request/settings.ts';
import { openFilesLimit } from './connect/open-files.ts';
import { fetchOptions } from './fetch-options.ts';
import type { FetchSurroundings, FetchUrlsOptions, streamOptions } from './fetch-options.ts';
import { toRow } from './to-row.ts';

/**
 * Makes an object-mode Transform that fetches URLs. It takes the rows of `readUrls()`, or URLs as strings with a scheme, and
 * gives one {@link Result} for each, in order of completion, or of input with `ordered`.
 *
 * Up to `concurrency` requests run at once, and up to `lookAhead` rows are held in memory. When nobody reads the results, no
 * more requests are started. `HTTP_PROXY`, `SSL_CERT_FILE` and the like in the environment are obeyed by `run()` only.
 *
 * A failure of a row is in its result: `error` is a failure code, and `status` any HTTP status. The stream itself fails with
 * a UsageError when `header` or `data` names a column that the rows do not have, or the proxy refuses the login; and with
 * an OutputError, or another RunError, that a processor throws. Its events are described at {@link FetchUrls}.
 *
 * @example
 * const urls = Readable.from(['https://example.org/', 'https://example.com/a']);
 * for await (const { row, status, error } of urls.pipe(fetchUrls({ concurrency: 20, timeout: '10s' }))) {
 *   console.log(row.url, error ?? status);
 * }
 *
 * @throws UsageError when an option is unknown or has a wrong value, or a file that one names cannot be read
 */
export function fetchUrls(options: FetchUrlsOptions = {}): FetchUrls {
  const { processors = [], charset = false, ...said } = options;
  const surroundings = { traces: true, exchanges: false, charsets: charset, environment: {} };
  const values = readSaid(fetchOptions, { threads: 1, ...said });
  const processing = processors.length === 0 ? null : new InThisThread(processors, values.processTimeout);
  return new FetchUrls(values, processing, surroundings);
}

/**
 * The stream that `fetchUrls()` makes. Besides the events of streams it emits:
 *
 * - `notice` with a text for people that concerns the whole run: the network is down, the system allows fewer connections
 *   than `concurrency`, or a connection failed with an unknown error. The text may come from a server, so escape it.
 * - `stop` with `'network-wait'` when no host could be reached for the time of the option `networkWait`. The stream then
 *   ends early, as after `stop(0)`.
 */
export class FetchUrls extends Transform {
  readonly #scheduler: Scheduler;
  readonly #engine: Engine;
  readonly #replies: ProcessedReplies;
  readonly #settings: RequestSettings;
  readonly #lookAhead: number;
  readonly #concurrency: number;
  readonly #inOrder: InOrder<Result> | null;
  /** Whether a notice about an unknown error was emitted. */
  #saidUnknown = false;
  #table: Table | null = null;
  #requestOf: ReturnType<typeof requestMaker> | null = null;
  /** Results that are not pushed yet. */
  readonly #done = new Fifo<Result>();
  #taken = true;
  #pushing: NodeJS.Immediate | null = null;
  #count = 0;
  #onRoom: (() => void) | null = null;
  #onEmpty: (() => void) | null = null;
  #grace: NodeJS.Timeout | null = null;

  /** @internal use `fetchUrls()` */
  constructor(
    options: ValuesOf<typeof streamOptions>,
    processing: Processing | null,
    surroundings: FetchSurroundings,
  ) {
    // Loaded before the first row, as text is read synchronously.
    const { charsets, directories } = surroundings;
    const load = options.followMeta ? loadRefresh : charsets || processing !== null ? loadEncodings : null;
    super({ objectMode: true, ...(load && { construct: callbackify(load) }) });
    const { concurrency, perHost, timeout, maxBody, rate, hostRate, threads } = options;
    this.#settings = requestSettings(options);
    this.#lookAhead = options.lookAhead;
    this.#concurrency = concurrency;
    this.#inOrder = options.ordered ? new InOrder((result) => this.#give(result)) : null;
    const engines = engineThreads(threads, concurrency, openFilesLimit());
    const { slots } = engines;
    const userAgent = sentAgent(this.#settings);
    this.#replies = new ProcessedReplies({
      processing,
      onReply: (reply) => {
        this.#scheduler.reply(reply);
        this.#checkRoom();
      },
      onFail: (error) => this.destroy(error),
    });
    const notice = (text: string): unknown => this.emit('notice', text);
    /** What several engines say is said once. */
    const said = new Set<string>();
    this.#engine = openEngines(options, {
      ...surroundings,
      ...engines,
      userAgent,
      notice: (text) => {
        if (!said.has(text)) notice(text);
        said.add(text);
      },
      pages: processing !== null,
      onReply: (reply, page) => this.#replies.take(reply, page),
      onUnknown: (words) => {
        if (!this.#saidUnknown) notice(words);
        this.#saidUnknown = true;
      },
      onLogin: (words) => this.destroy(new UsageError(words)),
      onBug: (error) => this.destroy(error),
    });
    this.#scheduler = new Scheduler({
      concurrency: slots,
      directories,
      perHost,
      interval: rate === undefined ? 0 : 1000 / rate,
      hostInterval: hostRate === undefined ? 0 : 1000 / hostRate,
      timeout,
      maxBody,
      retries: options.retries,
      statuses: options.retryStatus === undefined ? mayPassSoon : statusesIn(options.retryStatus),
      maxWait: options.maxWait,
      networkWait: options.networkWait,
      maxRedirects: options.maxRedirects,
      followMeta: options.followMeta,
      privateAddresses: options.denyPrivate ? 'deny' : options.allowPrivate ? 'allow' : 'direct',
      secrets: hostSecrets(options),
      onceMemory: options.once ? options.onceMemory : null,
      robots: options.robots ? userAgent : null,
      method: this.#settings.method,
      getAfterHead: options.head,
      requestOf: (row) => this.#requestFor(row),
      start: (request) => this.#engine.start(request),
      reach: async (origin) => this.#engine.reach(origin),
      onResult: (result, sequence) => {
        if (this.#inOrder === null) this.#give(result);
        else this.#inOrder.put(result, sequence);
      },
      onChange: () => this.#checkRoom(),
      notice,
      onNetworkLost: () => {
        this.emit('stop', 'network-wait');
        // Without grace, as requests in flight reach nothing either, unless a listener has called stop() already.
        this.stop(0);
      },
      onFail: (error) => this.destroy(error),
    });
    const words = `the limit of open files (ulimit -n) allows ${slots} requests at once, not ${concurrency}`;
    if (slots < concurrency) process.nextTick(notice, words);
  }

  /**
   * Ends the stream early. Rows that have not begun are dropped without a result. Requests in flight get `grace` milliseconds
   * to end; then their rows fail as `cancelled`. The stream ends when its input ends.
   */
  stop(grace: number): void {
    if (this.#grace !== null || this.destroyed) return;
    this.#scheduler.stop();
    this.#grace = setTimeout(() => {
      this.#scheduler.cancel();
      this.#engine.stop('cancelled', 'the run was stopped');
      this.#replies.stop('cancelled', 'the run was stopped');
      this.#checkRoom();
    }, grace);
    this.#checkRoom();
  }

  /** @internal what is going on at the hosts */
  load(): ReturnType<Scheduler['load']> {
    return this.#scheduler.load();
  }

  override [Symbol.asyncIterator](): Given<Result> {
    return super[Symbol.asyncIterator]() as Given<Result>;
  }

  override _transform(item: unknown, _encoding: string, callback: TransformCallback): void {
    try {
      this.#scheduler.add(toRow(item, ++this.#count));
    } catch (error) {
      return callback(error as Error);
    }
    if (this.#hasRoom()) return callback();
    this.#onRoom = callback;
    return undefined;
  }

  override _flush(callback: TransformCallback): void {
    this.#onEmpty = callback;
    this.#checkRoom();
  }

  override _read(size: number): void {
    this.#taken = true;
    this.#pushDone();
    super._read(size);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#grace !== null) clearTimeout(this.#grace);
    if (this.#pushing !== null) clearImmediate(this.#pushing);
    this.#scheduler.close();
    this.#engine.destroy();
    this.#replies.close();
    callback(error);
  }

  #requestFor(row: Row): ReturnType<ReturnType<typeof requestMaker>> {
    if (this.#requestOf === null || row.table !== this.#table) {
      this.#table = row.table;
      this.#requestOf = requestMaker(this.#settings, row.table);
    }
    return this.#requestOf(row);
  }

  #give(result: Result): void {
    this.#done.push(result);
    // The results of one turn of the event loop are pushed together, as each push costs a tick.
    this.#pushing ??= setImmediate(() => this.#pushDone());
    // The reader is slower than the network.
    if (!this.#taken && this.#done.size >= this.#concurrency) this.#scheduler.pause();
  }

  #pushDone(): void {
    if (this.#pushing !== null) clearImmediate(this.#pushing);
    this.#pushing = null;
    // Removed before the push, as the reader may ask for more within it.
    while (this.#taken) {
      const next = this.#done.shift();
      if (next === null) break;
      this.#taken = this.push(next);
    }
    if (this.#done.size < this.#concurrency) this.#scheduler.resume();
    this.#checkRoom();
  }

  #hasRoom(): boolean {
    if (this.#done.size >= this.#concurrency || !this.#scheduler.wantsMore) return false;
    const waiting = this.#inOrder?.size ?? 0;
    if (this.#scheduler.held + this.#done.size + waiting < this.#lookAhead) return true;
    // With `ordered` no rows wait on disk: the results of all rows behind them would have to be kept in memory.
    return this.#inOrder === null && this.#scheduler.makeRoom();
  }

  #checkRoom(): void {
    if (this.#onRoom !== null && this.#hasRoom()) {
      const callback = this.#onRoom;
      this.#onRoom = null;
      callback();
    }
    if (this.#onEmpty !== null) this.#checkEmpty(this.#onEmpty);
  }

  #checkEmpty(callback: () => void): void {
    // After `stop`, dropped rows leave gaps in the order, so the remaining results do not wait for them.
    if (this.#scheduler.size > 0) return;
    if (this.#grace !== null) this.#inOrder?.end();
    if (this.#done.size > 0) return;
    this.#onEmpty = null;
    if (this.#grace !== null) clearTimeout(this.#grace);
    callback();
  }
}
