import type { FailureCode } from '../../shared/failures.ts';
import { classify, timeoutIn, unknownWords } from './classify.ts';
import { ProxyLoginError } from '../connect/shape.ts';
import type { Connect, ConnectOptions } from '../connect/shape.ts';
import { Connections } from './connections.ts';
import { decode } from '../../page/content-coding.ts';
import type { Decoded } from '../../page/content-coding.ts';
import type { Dial } from '../connect/dial.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeOwner } from './exchange.ts';
import { headerValues } from '../../page/headers.ts';
import type { Lease } from '../../shared/lease.ts';
import type { Engine, EngineEvents, EngineRequest } from '../messages.ts';
import { removeLarge } from '../../page/large-body.ts';
import type { LargeBodies, LargeBody, LargeBodyFile } from '../../page/large-body.ts';
import { bytesIn } from '../../page/spool.ts';
import type { Bytes, Spool } from '../../page/spool.ts';
import { Unpacking } from '../../page/unpack-large.ts';
import type { ResponsePage } from '../../page/page.ts';
import { refreshOf } from '../../page/refresh.ts';
import { exchangedOf, hopOf, isNotModified, pageOf, replyOf, wireOf } from './told.ts';
import { isIdempotent } from '../request/method.ts';
import { isNetworkFailure } from '../../shared/failures.ts';
import { isSuccess } from '../../shared/statuses.ts';
import { nothingRead, readOf } from './read.ts';

export interface EngineOptions extends EngineEvents {
  /** Whether replies come with the page of a whole response. */
  readonly pages: boolean;
  readonly connect: Connect;
  /** The proxy that forwards requests to a target; null: none. */
  readonly proxyFor: ConnectOptions['proxyFor'];
  /** Whether replies have a trace: address, times, certificate and the like. */
  readonly traces: boolean;
  /** Whether pages hold the request and response as they went over the wire (`exchanged`). */
  readonly exchanges: boolean;
  /** Whether replies name the encoding of their text. */
  readonly charsets: boolean;
  /** Whether replies have the hash of their body. */
  readonly digests: boolean;
  /** Whether requests may ask for the likeness of a page. */
  readonly likenesses: boolean;
  /** Which bodies are not kept in memory; null: all are. */
  readonly largeBodies: LargeBodies | null;
  /** Whether replies that break HTTP/1.1 are refused though browsers read them. */
  readonly strict: boolean;
  /** Until when requests may be sent. Default: for ever. */
  readonly lease?: Lease | null;
  /** How many idle connections are kept for later requests. */
  readonly idleConnections: number;
  /** Closes what its connections need: name lookups, downloads of certificates. */
  readonly close?: () => void;
}

/**
 * The engine of this thread: connections, one HTTP exchange each, decoding. It knows nothing of rows that wait, limits,
 * retries or files, and keeps no request waiting.
 */
export class HttpEngine implements Engine, ExchangeOwner {
  readonly keepBody: boolean;
  readonly largeBodies: LargeBodies | null;
  readonly traces: boolean;
  readonly lease: Lease | null;
  readonly #options: EngineOptions;
  readonly #connections: Connections;
  readonly #unpacking: Unpacking;
  /** Connections that `reach` is opening, to see whether it can. */
  readonly #looks = new Set<Dial>();
  /** By request id. Undefined: the request with that id went to another engine. */
  readonly #running: (Exchange | null | undefined)[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.keepBody = options.pages || options.charsets || options.digests || options.likenesses;
    this.largeBodies = options.largeBodies;
    this.#unpacking = new Unpacking(options.largeBodies, this.keepBody);
    this.traces = options.traces || options.exchanges;
    this.lease = options.lease ?? null;
    const { proxyFor, idleConnections, strict } = options;
    this.#connections = new Connections(this.#connect, proxyFor, idleConnections, strict);
  }

  start(request: EngineRequest): void {
    const { origin, headers, method } = request;
    const connection = this.#connections.take(origin, headers, isIdempotent(method));
    const exchange = new Exchange(request, connection, this);
    // Not unref'd: while a request runs, this may be all that keeps the process alive.
    exchange.timer = setTimeout(onDeadline, request.timeout, exchange);
    this.#running[request.id] = exchange;
    if (connection.allow(request.denyPrivate)) exchange.dispatch();
    else exchange.stop('address-denied', `${connection.connected?.address} is not a public address`);
  }

  async reach(origin: string): Promise<boolean> {
    const { protocol, hostname, port } = new URL(origin);
    return new Promise((resolve) => {
      const look = this.#connect({ protocol, hostname, port }, false, (error, connected) => {
        this.#looks.delete(look);
        connected?.socket.on('error', ignore).destroy();
        resolve(error === null || !isNetworkFailure(classify(error, 'connect')));
      });
      this.#looks.add(look);
    });
  }

  readonly closeIdle = (): void => this.#connections.close();

  stop(error: FailureCode, detail: string): void {
    for (const exchange of this.#running) {
      if (exchange === null || exchange === undefined) continue;
      exchange.stop(error, detail);
      // An exchange whose response has come ignores `stop`: its body is being decoded, which cannot be stopped.
      this.#fail(exchange, error, detail);
    }
  }

  destroy(): void {
    for (const exchange of this.#running.splice(0)) {
      if (exchange === null || exchange === undefined) continue;
      if (exchange.timer !== null) clearTimeout(exchange.timer);
      exchange.abandonBody();
      exchange.connection.destroy();
    }
    for (const look of this.#looks) look.destroy();
    this.#looks.clear();
    this.#connections.close();
    this.#options.close?.();
  }

  readonly onStale = (exchange: Exchange): void => {
    if (!this.#isRunning(exchange)) return;
    this.#connections.drop(exchange.connection);
    const { origin, headers, denyPrivate } = exchange.request;
    exchange.connection = this.#connections.open(origin, headers);
    exchange.connection.allow(denyPrivate);
    exchange.dispatch();
  };

  readonly onEnd = (exchange: Exchange): void => {
    if (!this.#isRunning(exchange)) return;
    if (exchange.timer !== null) clearTimeout(exchange.timer);
    exchange.timer = null;
    exchange.endedAt = performance.now();
    if (exchange.reusable) this.#connections.giveBack(exchange.connection, exchange.request.hasMore);
    else this.#connections.drop(exchange.connection);
    this.#finish(exchange);
  };

  readonly onUnknown = (exchange: Exchange, error: Error): void => {
    if (this.#isRunning(exchange)) this.#options.onUnknown(unknownWords(error, exchange.request.origin));
  };

  readonly onBug = (error: Error): void => this.#options.onBug(error);

  /** Connects. An error that our own code throws is reported as a bug, not as a failed connection. */
  readonly #connect: Connect = (target, denyPrivate, callback) => {
    try {
      return this.#options.connect(target, denyPrivate, (error, connected) => {
        if (error instanceof ProxyLoginError) this.#options.onLogin(error.message);
        callback(error, connected);
      });
    } catch (error) {
      this.#options.onBug(error as Error);
      return { destroy: ignore };
    }
  };

  #isRunning(exchange: Exchange): boolean {
    return this.#running[exchange.request.id] === exchange;
  }

  #finish(exchange: Exchange): void {
    const { error, detail, location, codings, wireBytes } = exchange;
    if (exchange.starved) this.closeIdle();
    if (error !== null) return this.#fail(exchange, error, detail);
    if (location !== null) return this.#leadOn(exchange);
    // A 304 has nothing to decode or process: the values taken from the page earlier are still right.
    if (isNotModified(exchange)) return this.#reply(exchange, null);
    const { wantsBody, followMeta } = exchange.request;
    if (!this.keepBody && !wantsBody && !followMeta && codings.length === 0)
      return this.#reply(exchange, wireBytes);
    if (exchange.large !== null) return this.#endLarge(exchange, exchange.large);
    if (exchange.spool !== null) return this.#unpackLarge(exchange, exchange.spool);
    const [first = noBody, ...more] = exchange.chunks;
    const body = more.length === 0 ? first : Buffer.concat(exchange.chunks);
    exchange.chunks = this.#options.exchanges ? [body] : [];
    const decoded = decode(body, codings, this.#mostDecoded(exchange));
    if (!(decoded instanceof Promise)) return this.#process(exchange, decoded, body);
    decoded.then((data) => this.#process(exchange, data, body)).catch(this.#options.onBug);
    return undefined;
  }

  /** Bytes that a body may have in memory once it is decoded. */
  #mostDecoded({ request: { maxBody, wantsBody, followMeta }, codings }: Exchange): number {
    const { decoded, spools } = this.largeBodies ?? {};
    const isWhole = !spools || wantsBody || followMeta || codings.length === 0;
    return isWhole ? maxBody : Math.min(maxBody, decoded ?? maxBody);
  }

  #process(exchange: Exchange, decoded: Decoded, received: Buffer): void {
    const { pages, exchanges } = this.#options;
    if (!this.#isRunning(exchange)) return undefined;
    const isLarge =
      'error' in decoded ? decoded.error === 'body-too-large' : decoded.length > this.#mostDecoded(exchange);
    if (isLarge && this.#mostDecoded(exchange) < exchange.request.maxBody)
      return this.#unpackLarge(exchange, bytesIn(received));
    if ('error' in decoded) return this.#fail(exchange, decoded.error, decoded.detail);
    const bytes = decoded.length;
    if (bytes > exchange.request.maxBody) {
      return this.#fail(exchange, 'body-too-large', 'larger than --max-body decoded');
    }
    if (exchange.request.wantsBody) return this.#reply(exchange, bytes, null, decoded);
    if (!this.keepBody && !exchange.request.followMeta) return this.#reply(exchange, bytes);
    const { request, status, rawHeaders } = exchange;
    const page = pageOf(exchange, decoded, exchanges ? exchangedOf(request, wireOf(exchange)) : null);
    exchange.location = request.followMeta && isSuccess(status) ? refreshOf(page) : null;
    if (exchange.location !== null) {
      exchange.setCookies = headerValues(rawHeaders, 'set-cookie');
      return this.#leadOn(exchange);
    }
    exchange.chunks = [];
    exchange.read = readOf(page, decoded, request, this.#options);
    return this.#reply(exchange, bytes, pages ? page : null);
  }

  #endLarge(exchange: Exchange, file: LargeBodyFile): void {
    let large: LargeBody;
    try {
      large = file.end();
    } catch (error) {
      return this.#options.onBug(error as Error);
    }
    // The file belongs to whoever gets the page from now on, so `abandonBody` must not remove it.
    exchange.large = null;
    return this.#processLarge(exchange, large);
  }

  /** Takes off the codings of a body that is too large for memory. */
  #unpackLarge(exchange: Exchange, packed: Spool | Bytes): void {
    // `unpack` closes the spool when it has been read, so `abandonBody` must not.
    exchange.spool = null;
    exchange.chunks = [];
    this.#unpacking
      .unpack(packed, exchange.codings, exchange.request.maxBody, () => this.#isRunning(exchange))
      .then((unpacked) => {
        if ('path' in unpacked) return this.#processLarge(exchange, unpacked);
        return this.#fail(exchange, unpacked.error, unpacked.detail);
      })
      .catch(this.#options.onBug);
  }

  #processLarge(exchange: Exchange, large: LargeBody): void {
    const { pages, exchanges, digests } = this.#options;
    if (!this.#isRunning(exchange)) return removeLarge(large);
    if (digests) exchange.read = { ...nothingRead, sha256: large.sha256 };
    if (!pages) {
      removeLarge(large);
      return this.#reply(exchange, large.size);
    }
    const exchanged = exchanges ? exchangedOf(exchange.request, wireOf(exchange)) : null;
    return this.#reply(exchange, large.size, pageOf(exchange, noBody, exchanged, large));
  }

  /** Gives the reply for a redirect that is followed. */
  #leadOn(exchange: Exchange): void {
    this.#reply(exchange, null, exchange.request.wantsHop ? hopOf(exchange) : null);
  }

  /** Gives the reply for a response without a good body. */
  #fail(exchange: Exchange, error: FailureCode | null, detail: string): void {
    exchange.error = error;
    exchange.detail = detail;
    this.#reply(exchange, null);
  }

  /** Gives the reply, once. */
  #reply(
    exchange: Exchange,
    bytes: number | null,
    page: ResponsePage | null = null,
    body: Buffer | null = null,
  ): void {
    if (!this.#isRunning(exchange)) return;
    this.#running[exchange.request.id] = null;
    exchange.abandonBody();
    if (exchange.timer !== null) clearTimeout(exchange.timer);
    this.#options.onReply(replyOf(exchange, bytes, body, this.traces), page);
  }
}

const noBody = Buffer.alloc(0);
const ignore = (): void => {};

function onDeadline(exchange: Exchange): void {
  exchange.stop(timeoutIn[exchange.phase], `not done within ${exchange.request.timeout} ms`);
}
