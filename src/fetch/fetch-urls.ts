import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

import { parseConnectTo } from '../options/checks.ts';
import { readSaid } from '../options/resolve.ts';
import { outputOptions, requestOptions } from '../options/table.ts';
import type { SaidOf, ValuesOf } from '../options/table.ts';
import type { Processor, Result, Row, Table } from '../records.ts';
import { connector } from './connect.ts';
import { Engine } from './engine.ts';
import { InOrder } from './in-order.ts';
import { requestMaker } from './request.ts';
import type { RequestSettings } from './request.ts';
import { Scheduler } from './scheduler.ts';
import { optionCertificates, requestSettings } from './settings.ts';

const fetchOptions = { ...requestOptions, ordered: outputOptions.ordered };

/** The Request options of the command (and `ordered`), camelCase, and what to take out of the responses. */
export interface FetchUrlsOptions extends SaidOf<typeof fetchOptions> {
  /** Each sees every whole response; what it gives becomes `values` of the result. Default: none. */
  readonly processors?: readonly Processor[];
}

/**
 * A Transform from rows (those of `readUrls()`, or URLs as strings) to one {@link Result} each, in the order in which
 * they are done. It fetches up to `concurrency` at once; while nobody takes its results it starts no more, and it
 * never holds more than `lookAhead` rows.
 *
 * What goes wrong with a row is in its result. The stream fails with a UsageError when a header or the data names a
 * column that the rows do not have.
 *
 * @throws UsageError when an option is wrong or a file that one names cannot be read
 */
export function fetchUrls(options: FetchUrlsOptions = {}): FetchUrls {
  const { processors = [], ...said } = options;
  return new FetchUrls(readSaid(fetchOptions, said), processors);
}

export class FetchUrls extends Transform {
  readonly #scheduler: Scheduler;
  readonly #engine: Engine;
  readonly #settings: RequestSettings;
  readonly #lookAhead: number;
  readonly #concurrency: number;
  readonly #inOrder: InOrder<Result> | null;
  #table: Table | null = null;
  #requestOf: ReturnType<typeof requestMaker> | null = null;
  /** Results that the reading side has no room for. */
  readonly #done: Result[] = [];
  #taken = true;
  #pushing: NodeJS.Immediate | null = null;
  /** Rows taken whose results have not been given on. */
  #held = 0;
  #count = 0;
  #onRoom: (() => void) | null = null;
  #onEmpty: (() => void) | null = null;
  #grace: NodeJS.Timeout | null = null;

  /** @internal use `fetchUrls()` */
  constructor(options: ValuesOf<typeof fetchOptions>, processors: readonly Processor[]) {
    super({ objectMode: true });
    const { concurrency, perHost, timeout, maxRedirects, maxBody, connectTimeout, insecure, cacert } =
      options;
    this.#settings = requestSettings(options);
    this.#lookAhead = options.lookAhead;
    this.#concurrency = concurrency;
    this.#inOrder = options.ordered ? new InOrder((result) => this.#give(result)) : null;
    this.#engine = new Engine({
      maxBody,
      processors,
      processTimeout: timeout,
      connect: connector({
        connectTimeout,
        insecure,
        ca: cacert === undefined ? null : optionCertificates('--cacert', cacert),
        rules: options.connectTo.map(parseConnectTo),
      }),
      idleConnections: concurrency,
      onReply: (reply) => {
        this.#scheduler.reply(reply);
        this.#checkRoom();
      },
      onBug: (error) => this.destroy(error),
    });
    this.#scheduler = new Scheduler({
      concurrency,
      perHost,
      timeout,
      maxRedirects,
      method: this.#settings.method,
      requestOf: (row) => this.#requestFor(row),
      start: (request) => this.#engine.start(request),
      onResult: (result, sequence) => {
        if (this.#inOrder === null) this.#give(result);
        else this.#inOrder.put(result, sequence);
      },
    });
  }

  /**
   * Ends early: rows that have not begun are dropped, those in flight get `grace` milliseconds to end and are
   * `cancelled` then. The stream ends when its input does.
   */
  stop(grace: number): void {
    if (this.#grace !== null || this.destroyed) return;
    this.#held -= this.#scheduler.stop();
    this.#grace = setTimeout(() => {
      this.#scheduler.cancel();
      this.#engine.stop('cancelled', 'the run was stopped');
      this.#checkRoom();
    }, grace);
    this.#checkRoom();
  }

  override _transform(item: unknown, _encoding: string, callback: TransformCallback): void {
    try {
      const row = toRow(item, ++this.#count);
      this.#held++;
      if (!this.#scheduler.add(row)) this.#held--;
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
    this.#engine.destroy();
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
    // The results of one turn of the event loop are pushed together: a push of its own costs each a tick.
    this.#pushing ??= setImmediate(() => this.#pushDone());
    // Whoever takes the results is slower than the network.
    if (!this.#taken && this.#done.length >= this.#concurrency) this.#scheduler.pause();
  }

  #pushDone(): void {
    if (this.#pushing !== null) clearImmediate(this.#pushing);
    this.#pushing = null;
    // Taken out before it is pushed: whoever gets it may ask for more at once.
    while (this.#taken && this.#done.length > 0) {
      this.#held--;
      this.#taken = this.push(this.#done.shift());
    }
    if (this.#done.length < this.#concurrency) this.#scheduler.resume();
    this.#checkRoom();
  }

  #hasRoom(): boolean {
    return this.#held < this.#lookAhead && this.#done.length < this.#concurrency && this.#scheduler.wantsMore;
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
    // After `stop`, rows that were dropped leave gaps in the order: what is left has nothing to wait for.
    if (this.#grace !== null && this.#inOrder !== null && this.#inOrder.size === this.#held)
      this.#inOrder.end();
    if (this.#held > 0) return;
    this.#onEmpty = null;
    if (this.#grace !== null) clearTimeout(this.#grace);
    callback();
  }
}

/** The table of rows that were given as URLs alone. */
const urlTable: Table = { names: ['url'], header: true };

function toRow(item: unknown, number: number): Row {
  if (typeof item === 'string') {
    const url = item.trim();
    const error = url === '' ? 'no-url' : null;
    return { number, cells: [item], table: urlTable, url, error, detail: '', json: null };
  }
  if (typeof item === 'object' && item !== null && 'cells' in item && 'table' in item) return item as Row;
  throw new TypeError('fetchUrls() takes URLs as strings, or the rows of readUrls()');
}
