import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { callbackify } from 'node:util';

import { UsageError } from '../shared/errors.ts';
import { Fifo } from '../shared/fifo.ts';
import type { Given } from '../shared/given.ts';
import { statusesIn } from '../options/checks.ts';
import type { ValuesOf } from '../options/table.ts';
import type { Processing } from '../page/processing.ts';
import type { Result, Row, Table } from '../shared/records.ts';
import { mayPassSoon } from '../shared/statuses.ts';
import { loadEncodings } from '../page/encodings.ts';
import type { LargeBodies } from '../page/large-body.ts';
import { loadRefresh } from '../page/refresh.ts';
import { engineThreads } from './threads/engine-threads.ts';
import { openEngines } from './threads/open-engines.ts';
import { ProcessedReplies } from './processed-replies.ts';
import type { Engine } from './messages.ts';
import { InOrder } from './in-order.ts';
import { itemRequest } from './request/item-request.ts';
import { requestMaker, sentAgent } from './request/request.ts';
import type { RequestSettings } from './request/request.ts';
import { resultWithoutSecrets } from './request/secret-params.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { hostSecrets, requestSettings } from './request/settings.ts';
import { openFilesLimit } from './connect/open-files.ts';
import { kindOf } from './stream-options.ts';
import type { FetchSurroundings, streamOptions } from './stream-options.ts';
import { RowMaker } from './to-row.ts';

/**
 * The stream that `fetchUrls()` makes. Besides the events of streams it emits:
 *
 * - `notice` with a message for the user that concerns the whole run: the network is down, the system allows fewer
 *   connections than `concurrency`, or a connection failed with an unknown error. It may quote a server, so escape it.
 * - `stop` with `'network-wait'` when no host could be reached for the time of the option `networkWait`. The stream then
 *   ends early, as after `stop(0)`.
 *
 * `for await` gives one {@link Result} at a time. Leaving the loop early destroys the stream and its connections.
 */
export class FetchUrls extends Transform {
  readonly #scheduler: Scheduler;
  readonly #engine: Engine;
  readonly #replies: ProcessedReplies;
  /** @internal Settings that hold for every request. */
  readonly settings: RequestSettings;
  readonly #lookAhead: number;
  readonly #concurrency: number;
  readonly #inOrder: InOrder<Result> | null;
  #table: Table | null = null;
  #requestOf: ReturnType<typeof requestMaker> | null = null;
  /** Results that are not pushed yet. */
  readonly #done = new Fifo<Result>();
  /** Whether the reader takes more: false from a push() that returns false to the next _read(). */
  #taken = true;
  #pushing: NodeJS.Immediate | null = null;
  readonly #rows = new RowMaker();
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
    // Encodings are loaded before the first row, as pages are decoded synchronously.
    const { charsets, directories, limits } = surroundings;
    const load = options.followMeta ? loadRefresh : charsets || processing !== null ? loadEncodings : null;
    super({ objectMode: true, ...(load && { construct: callbackify(load) }) });
    const { concurrency, perHost, timeout, maxBody, rate, hostRate, threads, secretParam } = options;
    this.settings = requestSettings(options);
    this.#lookAhead = options.lookAhead;
    this.#concurrency = concurrency;
    this.#inOrder = options.ordered ? new InOrder((result) => this.#give(result)) : null;
    const engines = engineThreads(threads, concurrency, filesForSockets(surroundings.largeBodies));
    const { slots } = engines;
    const userAgent = sentAgent(this.settings);
    this.#replies = new ProcessedReplies({
      processing,
      ledBy: (reply) => this.#scheduler.ledBy(reply),
      onReply: (reply, hop) => {
        this.#scheduler.reply(reply, hop);
        this.#checkRoom();
      },
      takesPage: (id, page) => this.#scheduler.asks.takesPage(id, page),
      ask: ({ id, isPublic }, ...asked) => this.#scheduler.asks.ask(id, isPublic, ...asked),
      lend: (id) => this.#scheduler.asks.lend(id),
      onFail: (error) => this.destroy(error),
    });
    const notice = (text: string): unknown => this.emit('notice', text);
    /** Notices so far: one that several engines give is shown once. */
    const said = new Set<string>();
    let saidUnknown = false;
    this.#engine = openEngines(options, {
      ...surroundings,
      ...engines,
      userAgent,
      notice: (text) => {
        if (!said.has(text)) notice(text);
        said.add(text);
      },
      pages: processing !== null,
      likenesses: surroundings.soft404 !== null,
      onReply: (reply, page) => this.#replies.take(reply, page),
      onUnknown: (words) => {
        if (!saidUnknown) notice(words);
        saidUnknown = true;
      },
      onLogin: (words) => this.destroy(new UsageError(words)),
      onBug: (error) => this.destroy(error),
    });
    this.#scheduler = new Scheduler({
      limits,
      kind: limits === undefined || surroundings.soft404 === null ? '' : kindOf(options),
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
      keepsHops: surroundings.hops,
      privateAddresses: options.denyPrivate ? 'deny' : options.allowPrivate ? 'allow' : 'direct',
      secrets: hostSecrets(options),
      secretNames: secretParam,
      onceMemory: options.once ? options.onceMemory : null,
      robots: options.robots ? userAgent : null,
      maxPages: options.next === undefined ? null : options.maxPages,
      staysAtHost: surroundings.lease !== undefined,
      soft404: surroundings.soft404,
      maxAsked: surroundings.largeBodies?.from ?? Infinity,
      method: this.settings.method,
      getAfterHead: options.head,
      requestOf: (row) => this.#requestFor(row),
      start: (request) => this.#engine.start(request),
      reach: async (origin) => this.#engine.reach(origin),
      onResult: (whole, sequence, hops = []) => {
        const result = secretParam.length === 0 ? whole : resultWithoutSecrets(whole, secretParam);
        const give = (): void => {
          if (this.#inOrder === null) this.#give(result);
          else this.#inOrder.put(result, sequence);
          // Saved redirects delay a result beyond `onChange`, and a stopped run may wait for it alone.
          if (this.#grace !== null) this.#checkRoom();
        };
        if (hops.length === 0) give();
        else this.#replies.keep(hops, give);
      },
      onChange: () => this.#checkRoom(),
      notice,
      onNetworkLost: () => {
        this.emit('stop', 'network-wait');
        // No grace: requests in flight reach nothing either. If a listener has called stop() already, its grace holds.
        this.stop(0);
      },
      onFail: (error) => this.destroy(error),
    });
    const words = `the limit of open files (ulimit -n) allows ${slots} requests at once, not ${concurrency}`;
    if (slots < concurrency) process.nextTick(notice, words);
  }

  /**
   * Ends the stream early. Rows that have not begun are dropped without a result. Requests in flight get `grace` milliseconds
   * to end; then their rows fail as `cancelled`. The stream ends when its input ends. Only the first call counts.
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

  /** @internal requests in flight, and hosts that are not tried now */
  load(): ReturnType<Scheduler['load']> {
    return this.#scheduler.load();
  }

  /** @internal hosts that must not be asked for a while */
  get pauses(): Scheduler['pauses'] {
    return this.#scheduler.pauses;
  }

  override [Symbol.asyncIterator](): Given<Result> {
    return super[Symbol.asyncIterator]() as Given<Result>;
  }

  override _transform(item: unknown, _encoding: string, callback: TransformCallback): void {
    try {
      this.#scheduler.add(this.#rows.rowOf(item, ++this.#count));
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
    void this.#leave();
    this.#replies.close();
    callback(error);
  }

  /** Gives the slots of this stream back to pipelines with the same limits, once its connections are closed. */
  async #leave(): Promise<void> {
    await this.#engine.destroy();
    this.#scheduler.leave();
  }

  #requestFor(row: Row): ReturnType<ReturnType<typeof requestMaker>> {
    if (this.#requestOf === null || row.table !== this.#table) {
      this.#table = row.table;
      this.#requestOf = requestMaker(this.settings, row.table);
    }
    const request = this.#requestOf(row);
    return row.item === undefined || 'detail' in request ? request : itemRequest(row.item, request);
  }

  #give(result: Result): void {
    this.#done.push(result);
    // The results of one turn of the event loop are pushed together, as each push costs a tick.
    this.#pushing ??= setImmediate(() => this.#pushDone());
    // The reader is slower than the network: start nothing until it catches up.
    if (!this.#taken && this.#done.size >= this.#concurrency) this.#scheduler.pause();
  }

  #pushDone(): void {
    if (this.#pushing !== null) clearImmediate(this.#pushing);
    this.#pushing = null;
    // Each result is removed before its push, as the reader may ask for more within push().
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
    if (this.#scheduler.size > 0 || this.#replies.isKeeping) return;
    // After `stop`, dropped rows leave gaps in the order: the rest does not wait for them.
    if (this.#grace !== null) this.#inOrder?.end();
    if (this.#done.size > 0) return;
    this.#onEmpty = null;
    if (this.#grace !== null) clearTimeout(this.#grace);
    callback();
  }
}

/** How many open files sockets may take: half of the limit if bodies are written as they come, each to a file. */
function filesForSockets(largeBodies: LargeBodies | null): number | null {
  const limit = openFilesLimit();
  return limit === null || (largeBodies?.folder ?? null) === null ? limit : Math.ceil(limit / 2);
}
