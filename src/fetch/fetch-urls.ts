import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { callbackify } from 'node:util';

import { UsageError } from '../shared/errors.ts';
import { Fifo } from '../shared/fifo.ts';
import { parseConnectTo, statusesIn } from '../options/checks.ts';
import { readSaid } from '../options/resolve.ts';
import { outputOptions, processOptions, requestOptions } from '../options/table.ts';
import type { SaidOf, ValuesOf } from '../options/table.ts';
import { InThisThread } from '../page/in-this-thread.ts';
import type { Processing } from '../page/processing.ts';
import type { Processor, Result, Row, Table } from '../shared/records.ts';
import { mayPassSoon } from '../shared/statuses.ts';
import { urlOf } from '../shared/url-like.ts';
import { unknownWords } from './http/classify.ts';
import { connector } from './connect/connect.ts';
import { requestProxy } from './connect/destination.ts';
import { loadEncodings } from '../page/encodings.ts';
import { Engine } from './http/engine.ts';
import { InOrder } from './in-order.ts';
import { Names } from './names/names.ts';
import { openFilesLimit, socketShares } from './connect/open-files.ts';
import { proxyRules } from './connect/proxy.ts';
import { requestMaker, sentAgent } from './request/request.ts';
import type { RequestSettings } from './request/request.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { hostSecrets, requestSettings } from './request/settings.ts';
import { tlsClient } from './connect/tls-files.ts';

const streamOptions = { ...requestOptions, ordered: outputOptions.ordered };
const fetchOptions = { ...streamOptions, processTimeout: processOptions.processTimeout };

/** The Request options of the command, `ordered` and `processTimeout`, and what to take out of the responses. */
export interface FetchUrlsOptions extends SaidOf<typeof fetchOptions> {
  /**
   * Each sees every whole response; what it gives becomes `values` (or `rows`) of the result. They run in this thread,
   * so what one does without waiting holds up everything. Default: none.
   */
  readonly processors?: readonly Processor[];
  /** Whether `charset` and `charsetFrom` of the results are filled in; bodies are kept whole for it. Default: false. */
  readonly charset?: boolean;
}

/**
 * A Transform from rows (those of `readUrls()`, or URLs as strings, which need a scheme) to one {@link Result} each, in
 * the order in which they are done. It fetches up to `concurrency` at once; while nobody takes its results it starts no more, and it
 * never holds more than `lookAhead` rows.
 *
 * Proxies are those of the option `proxy`: unlike `run()` and the command it does not look at the environment.
 *
 * What goes wrong with a row is in its result. The stream fails with a UsageError when a header or the data names a
 * column that the rows do not have.
 *
 * @throws UsageError when an option is wrong or a file that one names cannot be read
 */
export function fetchUrls(options: FetchUrlsOptions = {}): FetchUrls {
  const { processors = [], charset = false, ...said } = options;
  const surroundings = { traces: true, exchanges: false, charsets: charset, environment: {} };
  const values = readSaid(fetchOptions, said);
  const processing = processors.length === 0 ? null : new InThisThread(processors, values.processTimeout);
  return new FetchUrls(values, processing, surroundings);
}

interface FetchSurroundings {
  /** Whether results say how their responses came about, which costs a little for each. */
  readonly traces: boolean;
  /** Whether the processing gets to see what went over the wire. */
  readonly exchanges: boolean;
  /** Whether they name the encoding of the text, for which bodies are kept. */
  readonly charsets: boolean;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders for the rows that wait on disk, as SpillFile tries them. */
  readonly directories?: readonly string[];
}

/**
 * The stream that `fetchUrls()` makes. It emits `notice` with a text for people when something concerns the whole
 * run: the network is down, the system allows fewer connections than were asked for, or a connection ended with an
 * error that urlmill does not know. The text may hold words of a server: it is to be escaped where it is shown. It emits
 * `stop` with the text `network-wait` when nothing could be reached any more for the time of the option `networkWait`;
 * then it ends early, as after `stop(0)`.
 */
export class FetchUrls extends Transform {
  readonly #scheduler: Scheduler;
  readonly #engine: Engine;
  readonly #names: Names;
  readonly #settings: RequestSettings;
  readonly #lookAhead: number;
  readonly #concurrency: number;
  readonly #inOrder: InOrder<Result> | null;
  /** Whether somebody was asked to report an error that is not known. */
  #saidUnknown = false;
  #table: Table | null = null;
  #requestOf: ReturnType<typeof requestMaker> | null = null;
  /** Results that the reading side has no room for. */
  readonly #done = new Fifo<Result>();
  #taken = true;
  #pushing: NodeJS.Immediate | null = null;
  #count = 0;
  #onRoom: (() => void) | null = null;
  #onEmpty: (() => void) | null = null;
  #grace: NodeJS.Timeout | null = null;

  /**
   * @internal use `fetchUrls()`
   */
  constructor(
    options: ValuesOf<typeof streamOptions>,
    processing: Processing | null,
    { traces, exchanges, charsets, environment, directories }: FetchSurroundings,
  ) {
    const readsText = charsets || processing !== null;
    super(readsText ? { objectMode: true, construct } : { objectMode: true });
    const { concurrency, perHost, timeout, maxBody, connectTimeout, rate, hostRate } = options;
    this.#settings = requestSettings(options);
    this.#lookAhead = options.lookAhead;
    this.#concurrency = concurrency;
    this.#inOrder = options.ordered ? new InOrder((result) => this.#give(result)) : null;
    const { slots, idleConnections } = socketShares(concurrency, openFilesLimit());
    const proxyFor = proxyRules(options.proxy, environment);
    const tls = tlsClient(options);
    this.#names = new Names({ servers: options.dnsServer, timeout: connectTimeout, environment });
    const rules = options.connectTo.map(parseConnectTo);
    this.#engine = new Engine({
      processing,
      connect: connector({ connectTimeout, names: this.#names, tls, rules, proxyFor }),
      proxyFor: requestProxy({ proxyFor, rules }),
      traces,
      exchanges,
      charsets,
      strict: options.strict,
      idleConnections,
      onReply: (reply) => {
        this.#scheduler.reply(reply);
        this.#checkRoom();
      },
      onUnknown: (error, { origin }) => {
        if (!this.#saidUnknown) this.emit('notice', unknownWords(error, origin));
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
      privateAddresses: options.denyPrivate ? 'deny' : options.allowPrivate ? 'allow' : 'direct',
      secrets: hostSecrets(options),
      onceMemory: options.once ? options.onceMemory : null,
      robots: options.robots ? sentAgent(this.#settings) : null,
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
      notice: (text) => this.emit('notice', text),
      onNetworkLost: () => {
        this.emit('stop', 'network-wait');
        // Whoever listens may have given it some grace; what is in flight reaches nothing either.
        this.stop(0);
      },
      onFail: (error) => this.destroy(error),
    });
    if (slots < concurrency) {
      const words = `the limit of open files (ulimit -n) allows ${slots} requests at once, not ${concurrency}`;
      process.nextTick(() => this.emit('notice', words));
    }
  }

  /**
   * Ends early: rows that have not begun are dropped, those in flight get `grace` milliseconds to end and are
   * `cancelled` then. The stream ends when its input does.
   */
  stop(grace: number): void {
    if (this.#grace !== null || this.destroyed) return;
    this.#scheduler.stop();
    this.#grace = setTimeout(() => {
      this.#scheduler.cancel();
      this.#engine.stop('cancelled', 'the run was stopped');
      this.#checkRoom();
    }, grace);
    this.#checkRoom();
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
    this.#names.close();
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
    if (!this.#taken && this.#done.size >= this.#concurrency) this.#scheduler.pause();
  }

  #pushDone(): void {
    if (this.#pushing !== null) clearImmediate(this.#pushing);
    this.#pushing = null;
    // Taken out before it is pushed: whoever gets it may ask for more at once.
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
    // In input order the results of all rows behind one that waits on disk would have to be kept.
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
    // After `stop`, rows that were dropped leave gaps in the order: what is left has nothing to wait for.
    if (this.#scheduler.size > 0) return;
    if (this.#grace !== null) this.#inOrder?.end();
    if (this.#done.size > 0) return;
    this.#onEmpty = null;
    if (this.#grace !== null) clearTimeout(this.#grace);
    callback();
  }
}

/** What comes before the first row: processors read text without waiting. */
const construct = callbackify(loadEncodings);

/** The table of rows that were given as URLs alone. */
const urlTable: Table = { names: ['url'], header: true };

function toRow(item: unknown, number: number): Row {
  if (typeof item === 'string') {
    const url = urlOf(item, 'none');
    const [cells, table, json] = [[item], urlTable, null];
    if (typeof url !== 'string') {
      return { number, cells, table, url: '', error: 'invalid-url', detail: url.detail, json };
    }
    return { number, cells, table, url, error: url === '' ? 'no-url' : null, detail: '', json };
  }
  if (typeof item === 'object' && item !== null && 'cells' in item && 'table' in item) return item as Row;
  throw new TypeError('fetchUrls() takes URLs as strings, or the rows of readUrls()');
}
