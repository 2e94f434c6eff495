import { classify, isStarved, knownFailure, wordsOf } from './classify.ts';
import type { Phase } from './classify.ts';
import type { Connection } from './connections.ts';
import type { Peer } from '../connect/peer-certificate.ts';
import { HandshakeError } from '../connect/shape.ts';
import { codingsOf } from '../../page/content-coding.ts';
import type { EngineRequest } from '../messages.ts';
import { LargeBodyFile } from '../../page/large-body.ts';
import type { LargeBodies } from '../../page/large-body.ts';
import type { FailureCode } from '../../shared/failures.ts';
import { headerValues, knownHeaders, saysItsEnd } from '../../page/headers.ts';
import { isRedirect } from '../request/redirect.ts';
import { isIdempotent } from '../request/method.ts';
import { Spool } from '../../page/spool.ts';
import { nothingRead } from './read.ts';
import type { Lease } from '../../shared/lease.ts';
import type { Truncation } from '../../shared/records.ts';

/**
 * So much of a redirect's body is read, and for so many milliseconds, to keep its connection. Beyond that a new connection
 * is cheaper.
 */
const largestDrain = 16 * 1024;
const longestDrain = 500;

/** What an exchange needs from the engine. */
export interface ExchangeOwner {
  readonly keepBody: boolean;
  /** Which bodies are not kept in memory; null: all are. */
  readonly largeBodies: LargeBodies | null;
  /** Whether addresses and times of the response are recorded. */
  readonly traces: boolean;
  /** Until when requests may be sent. Default: for ever. */
  readonly lease?: Lease | null;
  readonly onEnd: (exchange: Exchange) => void;
  /** The connection was dead: give the exchange another one and dispatch it again. */
  readonly onStale: (exchange: Exchange) => void;
  /** Called before the exchange ends with an error whose code is not known. */
  readonly onUnknown: (exchange: Exchange, error: Error) => void;
  /** Called when urlmill's own code has thrown. */
  readonly onBug: (error: Error) => void;
}

/**
 * One request and its response on one connection: the handler that undici calls. It collects the body as it came
 * over the wire and never pauses, so its size is bounded by a cap instead (a paused undici client can crash when its
 * socket closes).
 *
 * It takes undici's raw handler names: headers stay bytes until somebody asks for them.
 */
export class Exchange {
  readonly request: EngineRequest;
  readonly startedAt = performance.now();
  connection: Connection;
  phase: Phase = 'connect';
  status: number | null = null;
  /** The words behind the status. */
  reason = '';
  rawHeaders: readonly Buffer[] = [];
  contentType = '';
  codings: readonly string[] = [];
  location: string | null = null;
  /** What a redirect sets. */
  setCookies: readonly string[] = [];
  /** Whether its connection was opened for it. */
  isFirst = false;
  firstByteAt = 0;
  /** When it was over, before the body was decoded; 0: not yet. */
  endedAt = 0;
  httpVersion = '';
  /** What is told of the decoded body, when it is asked for. */
  read = nothingRead;
  chunks: Buffer[] = [];
  /** Why the chunks are not all of a redirect's body. */
  truncated: Truncation | null = null;
  /** Takes the body once it is too large for memory. */
  large: LargeBodyFile | null = null;
  /** The same for one that has content codings, as it came. */
  spool: Spool | null = null;
  wireBytes = 0;
  error: FailureCode | null = null;
  detail = '';
  /** What the server has shown of itself, when the handshake failed. */
  peer: Peer | null = null;
  /** Whether this system could open no more connections. */
  starved = false;
  /** Whether the connection can carry another request. */
  reusable = false;
  /** The deadline. */
  timer: NodeJS.Timeout | null = null;
  #ended = false;
  #answered = false;
  #restarted = false;
  readonly #owner: ExchangeOwner;

  constructor(request: EngineRequest, connection: Connection, owner: ExchangeOwner) {
    this.request = request;
    this.connection = connection;
    this.#owner = owner;
  }

  /** Hands the request to undici. */
  dispatch(): void {
    const { origin, path, method, headers, body } = this.request;
    const { client, proxy } = this.connection;
    this.phase = 'connect';
    if (proxy === null) client.dispatch({ path, method, headers: headers as string[], body }, this);
    else {
      // RFC 9112, section 3.2.2: a proxy is told the whole URL.
      const toProxy =
        proxy.authorization === '' ? headers : [...headers, 'proxy-authorization', proxy.authorization];
      client.dispatch({ path: origin + path, method, headers: toProxy as string[], body }, this);
    }
  }

  /** Ends it from outside: a deadline, the end of the run. */
  stop(error: FailureCode, detail: string): void {
    this.#end(error, detail);
  }

  /** Removes what is kept of the body outside of memory. */
  abandonBody(): void {
    this.large?.abandon();
    this.spool?.close();
    this.spool = null;
  }

  /** The connection stands, and the request is about to be written to it, unless `abort` is called. */
  onConnect(abort?: () => void): void {
    if (this.#owner.lease?.isOver ?? false) {
      this.#end('cancelled', 'the time to send requests is over');
      return abort?.();
    }
    return this.#guard(() => {
      this.phase = 'headers';
      this.isFirst = this.connection.uses === 0;
      this.connection.prepare();
    });
  }

  onResponseStarted(): void {
    this.#answered = true;
  }

  onHeaders(status: number, rawHeaders: readonly Buffer[], _resume?: () => void, reason = ''): boolean {
    // 1xx: the real response is still to come.
    if (status >= 200 && !this.#ended) this.#guard(() => this.#head(status, rawHeaders, reason));
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (!this.#ended) this.#guard(() => this.#keep(chunk));
    return true;
  }

  onComplete(): void {
    this.#guard(() => this.#complete());
  }

  onError(error: Error): void {
    if (!this.#ended) this.#guard(() => this.#fail(error));
  }

  /** undici takes what its handlers throw for a failed response, and would hide a bug of ours. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#owner.onBug(error as Error);
    }
  }

  #head(status: number, rawHeaders: readonly Buffer[], reason: string): void {
    const { contentType, contentEncoding, contentLength, location } = knownHeaders(rawHeaders);
    this.phase = 'body';
    this.status = status;
    this.rawHeaders = rawHeaders;
    this.reason = reason;
    this.contentType = contentType;
    if (this.request.follow && location && isRedirect(status)) {
      this.location = location;
      this.setCookies = headerValues(rawHeaders, 'set-cookie');
      this.#drain();
    }
    if (this.#owner.traces) {
      this.firstByteAt = performance.now();
      this.httpVersion = this.connection.httpVersion;
    }
    const bodyless = status === 204 || status === 304 || this.request.method === 'HEAD';
    if (contentEncoding !== '' && this.location === null && !bodyless)
      this.codings = codingsOf(contentEncoding);
    if (this.request.method === 'HEAD') return;
    // The length in 304 is that of what is spared.
    if (status === 304) return;
    if (bodyless && contentLength > 0) {
      // There is no body, whatever the headers say of its length; undici would fail on that length.
      this.#end(null, '');
    } else if (contentLength > this.#wireLimit() && !this.#isKeptHop) this.#tooLarge();
  }

  /** Whether the body of the redirect that it is belongs to what is kept of the wire. */
  get #isKeptHop(): boolean {
    return this.location !== null && this.request.wantsHop;
  }

  #keep(chunk: Buffer): void {
    this.wireBytes += chunk.length;
    const excess = Math.max(0, this.wireBytes - this.#wireLimit());
    if (this.#isKeptHop) this.chunks.push(chunk.subarray(0, chunk.length - excess));
    if (excess > 0) return this.#tooLarge();
    const { wantsBody, followMeta } = this.request;
    const isKept = this.#owner.keepBody || wantsBody || followMeta || this.codings.length > 0;
    if (this.location !== null || !isKept) return undefined;
    const outside = this.large ?? this.spool;
    if (outside === null) this.chunks.push(chunk);
    else outside.write(chunk);
    return outside === null ? this.#leaveMemory() : undefined;
  }

  /** What may lead on is read. */
  #leaveMemory(): void {
    const { largeBodies } = this.#owner;
    const { wantsBody, followMeta } = this.request;
    if (largeBodies === null || wantsBody || followMeta || this.wireBytes <= largeBodies.from) return;
    const { folder, spools } = largeBodies;
    if (this.codings.length === 0) this.large = LargeBodyFile.open(folder);
    else this.spool = spools && Spool.open(spools);
    const outside = this.large ?? this.spool;
    if (outside === null) return;
    for (const kept of this.chunks.splice(0)) outside.write(kept);
  }

  #complete(): void {
    const { failure } = this.connection;
    // undici takes a reset for the end of a body that only the end of its connection ends.
    if (failure !== null && !saysItsEnd(this.rawHeaders)) {
      if (this.location !== null) return this.#cut('disconnect');
      return this.#end('http-truncated', wordsOf(failure));
    }
    this.reusable = failure === null;
    return this.#end(null, '');
  }

  #fail(error: Error): void {
    if (this.location !== null) return this.#cut('disconnect');
    if (this.#diedIdle()) {
      this.#restarted = true;
      return this.#owner.onStale(this);
    }
    if (error instanceof HandshakeError) this.peer = error.peer;
    this.starved = isStarved(error, this.phase);
    if (knownFailure(error, this.phase) === null) this.#owner.onUnknown(this, error);
    return this.#end(classify(error, this.phase), wordsOf(error));
  }

  /**
   * Whether a connection that had worked ended before this request reached the server. One that was not written may be
   * sent again; so may one that was, when no byte came, unless it changes something (RFC 9110, section 9.2.2).
   */
  #diedIdle(): boolean {
    if (this.#answered || this.#restarted || this.connection.uses === 0) return false;
    return this.phase === 'connect' || (this.phase === 'headers' && isIdempotent(this.request.method));
  }

  /** Bytes that may come: encoded ones are seldom more than decoded ones, and then by little. */
  #wireLimit(): number {
    const { maxBody } = this.request;
    if (this.location !== null) return largestDrain;
    return this.codings.length === 0 ? maxBody : maxBody + maxBody / 64 + 64 * 1024;
  }

  /** The deadline from here on: a redirect is known without its body. */
  #drain(): void {
    const left = this.request.timeout - (performance.now() - this.startedAt);
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#cut('time'), Math.min(longestDrain, Math.max(1, left)));
  }

  /** Ends a redirect: the answer is known, only the rest of its body is not. */
  #cut(truncated: Truncation): void {
    if (this.#ended) return;
    this.truncated = truncated;
    this.#end(null, '');
  }

  #tooLarge(): void {
    if (this.location === null) this.#end('body-too-large', 'larger than --max-body');
    else this.#cut('length');
  }

  #end(error: FailureCode | null, detail: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.error = error;
    this.detail = detail;
    this.#guard(() => this.#owner.onEnd(this));
  }
}
