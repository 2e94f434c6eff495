import type { FailureCode } from '../failures.ts';
import type { Processor, Row, Value } from '../records.ts';
import type { Phase } from './classify.ts';
import type { Connect } from './connect.ts';
import { Connections } from './connections.ts';
import { decode } from './content-coding.ts';
import type { Decoded } from './content-coding.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeOwner } from './exchange.ts';
import { mediaType } from './headers.ts';
import { ResponsePage, processPage } from './page.ts';

/** One request as the scheduler hands it over: plain data, so that it may cross to another thread. */
export interface EngineRequest {
  /** Names the request among those in flight. */
  readonly id: number;
  /** `https://example.org:8443` */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** The whole URL without credentials, for the processors. */
  readonly url: string;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | null;
  /** Milliseconds in which it must end. */
  readonly timeout: number;
  /** Whether a redirect is going to be followed, so that its body is of no use. */
  readonly follow: boolean;
  readonly row: Row;
}

/** What became of a request: plain data as well. */
export interface EngineReply {
  readonly id: number;
  readonly status: number | null;
  readonly error: FailureCode | null;
  readonly detail: string;
  /** Value of Location when the reply is a redirect to follow. */
  readonly location: string | null;
  readonly type: string;
  /** Decoded size; null when the body is not known whole. */
  readonly bytes: number | null;
  readonly wireBytes: number | null;
  readonly ms: number;
  readonly values: Readonly<Record<string, Value>>;
}

export interface EngineOptions {
  readonly maxBody: number;
  readonly processors: readonly Processor[];
  /** Milliseconds that the processors of one page may take. */
  readonly processTimeout: number;
  readonly connect: Connect;
  /** How many idle connections are kept for later requests. */
  readonly idleConnections: number;
  readonly onReply: (reply: EngineReply) => void;
  /** Called with what is no fault of the network, of the body or of a processor. */
  readonly onBug: (error: Error) => void;
}

const noValues: Readonly<Record<string, Value>> = Object.freeze({});

/** The code of a deadline that passes in this phase. */
const timeouts: Readonly<Record<Phase, FailureCode>> = {
  connect: 'connect-timeout',
  headers: 'headers-timeout',
  body: 'body-timeout',
};

/**
 * Turns requests into replies: connections, one HTTP exchange each, decoding, processors. It knows nothing of rows
 * that wait, limits, retries or files, and keeps no request waiting: who calls `start` has decided that it runs now.
 */
export class Engine implements ExchangeOwner {
  readonly keepBody: boolean;
  readonly maxBody: number;
  readonly #options: EngineOptions;
  readonly #connections: Connections;
  /** By request id. */
  readonly #running: (Exchange | null)[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.keepBody = options.processors.length > 0;
    this.maxBody = options.maxBody;
    this.#connections = new Connections(options.connect, options.idleConnections);
  }

  start(request: EngineRequest): void {
    const exchange = new Exchange(request, this.#connections.take(request.origin), this);
    // Not unref'd: while a request runs, this may be all that keeps the process alive.
    exchange.timer = setTimeout(onDeadline, request.timeout, exchange);
    this.#running[request.id] = exchange;
    exchange.dispatch();
  }

  /** Ends all that runs; each gives a reply with this code. */
  stop(error: FailureCode, detail: string): void {
    for (const exchange of this.#running) {
      exchange?.stop(error, detail);
      // One whose response has come is being decoded or processed, which nothing can stop.
      if (exchange !== null) this.#reply(exchange, null, noValues, error, detail);
    }
  }

  /** Ends all that runs without replies, and closes the connections. */
  destroy(): void {
    for (const exchange of this.#running.splice(0)) {
      if (exchange === null) continue;
      if (exchange.timer !== null) clearTimeout(exchange.timer);
      exchange.connection.destroy(new Error('the run has ended'));
    }
    this.#connections.close();
  }

  readonly onStale = (exchange: Exchange): void => {
    if (!this.#isRunning(exchange)) return;
    this.#connections.drop(exchange.connection);
    exchange.connection = this.#connections.open(exchange.request.origin);
    exchange.dispatch();
  };

  readonly onEnd = (exchange: Exchange): void => {
    if (!this.#isRunning(exchange)) return;
    if (exchange.timer !== null) clearTimeout(exchange.timer);
    exchange.timer = null;
    if (exchange.reusable) this.#connections.giveBack(exchange.connection);
    else this.#connections.drop(exchange.connection);
    // undici takes what its handlers throw for a failed response, and would hide a bug from us.
    try {
      this.#finish(exchange);
    } catch (error) {
      this.#options.onBug(error as Error);
    }
  };

  #isRunning(exchange: Exchange): boolean {
    return this.#running[exchange.request.id] === exchange;
  }

  #finish(exchange: Exchange): void {
    const { bug, error, detail, location, codings, wireBytes } = exchange;
    if (bug !== null) return this.#options.onBug(bug);
    if (error !== null || location !== null) return this.#reply(exchange, null, noValues, error, detail);
    if (!this.keepBody && codings.length === 0) return this.#reply(exchange, wireBytes, noValues, null, '');
    const [first = noBody, ...more] = exchange.chunks;
    const body = more.length === 0 ? first : Buffer.concat(exchange.chunks);
    exchange.chunks = [];
    const decoded = decode(body, codings, this.maxBody);
    if (!(decoded instanceof Promise)) return this.#process(exchange, decoded);
    decoded.then((data) => this.#process(exchange, data)).catch(this.#options.onBug);
    return undefined;
  }

  #process(exchange: Exchange, decoded: Decoded): void {
    const { onBug, processors } = this.#options;
    if (!this.#isRunning(exchange)) return undefined;
    if ('error' in decoded) return this.#reply(exchange, null, noValues, decoded.error, decoded.detail);
    const bytes = decoded.length;
    if (bytes > this.maxBody) {
      return this.#reply(exchange, null, noValues, 'body-too-large', 'larger than --max-body decoded');
    }
    if (!this.keepBody) return this.#reply(exchange, bytes, noValues, null, '');
    const { request, status, rawHeaders, contentType } = exchange;
    const page = new ResponsePage(request.row, request.url, status ?? 0, rawHeaders, contentType, decoded);
    const failed = (error: unknown): void => {
      const detail = error instanceof Error ? error.message : String(error);
      this.#reply(exchange, bytes, noValues, 'process-failed', detail);
    };
    let values: ReturnType<typeof processPage>;
    try {
      values = processPage(processors, page);
    } catch (error) {
      return failed(error);
    }
    if (!(values instanceof Promise)) return this.#reply(exchange, bytes, values, null, '');
    const { processTimeout } = this.#options;
    // Held by the exchange, so that the end of the run takes it away as well.
    exchange.timer = setTimeout(() => {
      this.#reply(exchange, bytes, noValues, 'process-timeout', `not done within ${processTimeout} ms`);
    }, processTimeout);
    values.then((all) => this.#reply(exchange, bytes, all, null, ''), failed).catch(onBug);
    return undefined;
  }

  /** Gives the reply, once. */
  #reply(
    exchange: Exchange,
    bytes: number | null,
    values: Readonly<Record<string, Value>>,
    error: FailureCode | null,
    detail: string,
  ): void {
    if (!this.#isRunning(exchange)) return;
    const { request, status, contentType, location, wireBytes, startedAt } = exchange;
    this.#running[request.id] = null;
    if (exchange.timer !== null) clearTimeout(exchange.timer);
    this.#options.onReply({
      id: request.id,
      status,
      error,
      detail,
      location: error === null ? location : null,
      type: contentType === '' ? '' : mediaType(contentType),
      bytes,
      wireBytes: status === null ? null : wireBytes,
      ms: performance.now() - startedAt,
      values,
    });
  }
}

const noBody = Buffer.alloc(0);

function onDeadline(exchange: Exchange): void {
  exchange.stop(timeouts[exchange.phase], `not done within ${exchange.request.timeout} ms`);
}
