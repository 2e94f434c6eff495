import { classify, isStarved, knownFailure, wordsOf } from './classify.ts';
import type { Phase } from './classify.ts';
import type { Connection, Sender } from './connection.ts';
import type { Peer } from '../connect/peer-certificate.ts';
import { owned } from '../connect/reads.ts';
import { HandshakeError } from '../connect/shape.ts';
import { codingsOf } from '../../page/content-coding.ts';
import type { EngineRequest } from '../messages.ts';
import { LargeBodyFile } from '../../page/large-body.ts';
import type { LargeBodies } from '../../page/large-body.ts';
import type { FailureCode } from '../../shared/failures.ts';
import { headerValues, knownHeaders } from '../../page/headers.ts';
import { isRedirect } from '../request/redirect.ts';
import { isIdempotent } from '../request/method.ts';
import { Spool } from '../../page/spool.ts';
import { nothingRead } from './read.ts';
import type { ReplyHead } from './reply-head.ts';
import type { Lease } from '../../shared/lease.ts';
import type { Truncation } from '../../shared/records.ts';

/**
 * Bytes of a redirect's body that are read, and milliseconds that this may take, so that its connection can be
 * used again. Beyond that a new connection is cheaper.
 */
const largestDrain = 16 * 1024;
const longestDrain = 500;

/**
 * Pieces of a body that are joined at a time: each takes some 170 bytes besides its data, which may be a single
 * byte.
 */
const mostLoose = 1000;

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
 * One request and its response on one connection. It collects the body as it came over the wire. It never
 * pauses the connection, so the size of the body is limited instead.
 */
export class Exchange implements Sender {
  readonly request: EngineRequest;
  readonly startedAt = performance.now();
  connection: Connection;
  phase: Phase = 'connect';
  status: number | null = null;
  /** The words behind the status. */
  reason = '';
  /** Names and values in turn, a character per byte. */
  rawHeaders: readonly string[] = [];
  contentType = '';
  codings: readonly string[] = [];
  location: string | null = null;
  /** Values of Set-Cookie of a redirect that is followed. */
  setCookies: readonly string[] = [];
  /** Whether its connection was opened for it. */
  isFirst = false;
  firstByteAt = 0;
  /** When the response had ended, before its body was decoded; 0: not yet. */
  endedAt = 0;
  httpVersion = '';
  /** Describes the decoded body in the reply, as far as that is asked for. */
  read = nothingRead;
  chunks: Buffer[] = [];
  /** Why the chunks are not all of a redirect's body. */
  truncated: Truncation | null = null;
  /** Takes the body once it is too large for memory. */
  large: LargeBodyFile | null = null;
  /** The same for a body with content codings, which it keeps encoded. */
  spool: Spool | null = null;
  wireBytes = 0;
  error: FailureCode | null = null;
  detail = '';
  /** The certificate that the server has shown, when the handshake failed. */
  peer: Peer | null = null;
  /** Whether this system could open no more connections. */
  starved = false;
  /** Whether the connection can carry another request. */
  reusable = false;
  /** The deadline. */
  timer: NodeJS.Timeout | null = null;
  /** Pieces that have come since the last ones were joined. */
  #loose = 0;
  #ended = false;
  #restarted = false;
  readonly #owner: ExchangeOwner;

  constructor(request: EngineRequest, connection: Connection, owner: ExchangeOwner) {
    this.request = request;
    this.connection = connection;
    this.#owner = owner;
  }

  /** Sends the request on its connection. */
  dispatch(): void {
    this.phase = 'connect';
    this.connection.send(this);
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

  onConnect(): boolean {
    this.#guard(() => {
      if (this.#owner.lease?.isOver ?? false)
        return this.#end('cancelled', 'the time to send requests is over');
      this.phase = 'headers';
      this.isFirst = this.connection.uses === 0;
      return undefined;
    });
    return this.phase === 'headers';
  }

  onHead(head: ReplyHead): void {
    if (!this.#ended) this.#guard(() => this.#head(head));
  }

  onData(data: Buffer): void {
    if (!this.#ended) this.#guard(() => this.#keep(data));
  }

  onWhole(): void {
    this.reusable = this.connection.isReusable;
    this.#end(null, '');
  }

  onFault(error: Error): void {
    if (!this.#ended) this.#guard(() => this.#fail(error));
  }

  /** Reports what our own code throws as a bug: it must not look like an error of the connection that called it. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#owner.onBug(error as Error);
    }
  }

  #head({ status, fields, reason, version, framing }: ReplyHead): void {
    const { contentType, contentEncoding, location } = knownHeaders(fields);
    this.phase = 'body';
    this.status = status;
    this.rawHeaders = fields;
    this.reason = reason;
    this.contentType = contentType;
    if (this.request.follow && location && isRedirect(status)) {
      this.location = location;
      this.setCookies = headerValues(fields, 'set-cookie');
      this.#drain();
    }
    if (this.#owner.traces) {
      this.firstByteAt = performance.now();
      this.httpVersion = version;
    }
    // There is no body, whatever the headers say: those of a 304 describe the page that is not sent.
    if (status === 204 || status === 304 || this.request.method === 'HEAD') return;
    if (contentEncoding !== '' && this.location === null) this.codings = codingsOf(contentEncoding);
    if ((framing.length ?? 0) > this.#wireLimit() && !this.#isKeptHop) this.#tooLarge();
  }

  /** Whether this is a redirect whose body is kept, as a part of what went over the wire. */
  get #isKeptHop(): boolean {
    return this.location !== null && this.request.wantsHop;
  }

  #keep(chunk: Buffer): void {
    this.wireBytes += chunk.length;
    const excess = Math.max(0, this.wireBytes - this.#wireLimit());
    if (this.#isKeptHop) this.#add(chunk.subarray(0, chunk.length - excess));
    if (excess > 0) return this.#tooLarge();
    const { wantsBody, followMeta } = this.request;
    const isKept = this.#owner.keepBody || wantsBody || followMeta || this.codings.length > 0;
    if (this.location !== null || !isKept) return undefined;
    const outside = this.large ?? this.spool;
    if (outside !== null) return outside.write(chunk);
    this.#add(chunk);
    return this.#leaveMemory();
  }

  #add(piece: Buffer): void {
    this.chunks.push(owned(piece));
    if (++this.#loose < mostLoose) return;
    this.chunks.push(Buffer.concat(this.chunks.splice(-this.#loose)));
    this.#loose = 0;
  }

  /** Moves a large body out of memory, unless the reply carries it or it is searched for a redirect. */
  #leaveMemory(): void {
    const { largeBodies } = this.#owner;
    const { wantsBody, followMeta } = this.request;
    if (largeBodies === null || wantsBody || followMeta || this.wireBytes <= largeBodies.from) return;
    const { folder, spools } = largeBodies;
    if (this.codings.length === 0) this.large = LargeBodyFile.open(folder);
    else this.spool = spools && Spool.open(spools);
    const outside = this.large ?? this.spool;
    if (outside !== null) for (const kept of this.chunks.splice(0)) outside.write(kept);
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
    const { uses, hasAnswered } = this.connection;
    if (this.#restarted || uses === 0) return false;
    if (this.phase === 'connect') return true;
    return this.phase === 'headers' && !hasAnswered && isIdempotent(this.request.method);
  }

  /**
   * Bytes that may come over the wire. An encoded body is seldom larger than the decoded one, and then by
   * little.
   */
  #wireLimit(): number {
    const { maxBody } = this.request;
    if (this.location !== null) return largestDrain;
    return this.codings.length === 0 ? maxBody : maxBody + maxBody / 64 + 64 * 1024;
  }

  /** Shortens the deadline: a redirect needs no body, and this one is read only to keep the connection. */
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
