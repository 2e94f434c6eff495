import type { FailureCode } from '../../shared/failures.ts';
import { ConnectError } from '../connect/shape.ts';
import { beginningFault, carelessHead } from './careless-head.ts';
import { Chunks } from './chunks.ts';
import type { ReplyHead } from './reply-head.ts';
import { rightHead } from './right-head.ts';

/** Receives the parts of a reply. Data is only lent: it is overwritten after `onData` has returned. */
export interface ReplyTaker {
  readonly onHead: (head: ReplyHead) => void;
  readonly onData: (data: Buffer) => void;
  readonly onWhole: () => void;
  readonly onFault: (error: Error) => void;
}

/** Bytes of a head at most, including 1xx replies before it. The same limit as in Chromium. */
const largestHead = 256 * 1024;

/**
 * Bytes that each head counts for at least: what follows a 1xx head is read anew, so a flood of them would cost
 * a lot.
 */
const leastHead = 1024;

const headEnd = Buffer.from('\r\n\r\n');
const [lf, cr] = [0x0a, 0x0d];

/** CRs that may stand before the LF of an empty line. */
const mostCrs = 8;

/**
 * Reads the replies of one connection, one after the other, out of the pieces that come (RFC 9112). A reply that breaks HTTP/1.1
 * is read as browsers do, and is the last one of its connection: where two readers see different ends, the rest of one
 * reply must not be taken for another one.
 */
export class ReplyReader {
  /** Whether bytes of the reply have come. */
  hasBegun = false;
  /** Whether the connection may carry another request, once a reply is whole. */
  isReusable = false;
  /** Milliseconds for which the server keeps the connection then; Infinity: it has not said. */
  keptFor = Infinity;
  readonly #isStrict: boolean;
  #step: 'idle' | 'head' | 'length' | 'chunks' | 'until end' | 'over' = 'idle';
  #taker: ReplyTaker = nobody;
  #isHead = false;
  /** Bytes of the body that have not come. */
  #left = 0;
  #chunks = new Chunks();
  /** The beginning of a head whose end has not come, and its size: the memory may be larger. */
  #held = noBytes;
  #size = 0;
  /** How far it was searched for its end, and whether its status line is whole and need not be judged again. */
  #searched = 0;
  #isBegun = false;
  /** Bytes of all heads of a reply, those of 1xx included, and whether one of them breaks HTTP/1.1. */
  #before = 0;
  #isMended = false;

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  /** A request is being written, whose reply is next. */
  begin(taker: ReplyTaker, method: string): void {
    this.#taker = taker;
    this.#isHead = method === 'HEAD';
    this.#step = 'head';
    this.hasBegun = false;
    this.isReusable = false;
    this.#before = 0;
    this.#isMended = false;
  }

  /** Whatever comes now is not read. */
  stop(): void {
    this.#step = 'over';
  }

  /** @returns false for data that no request has asked for */
  read(piece: Buffer): boolean {
    switch (this.#step) {
      case 'head':
        this.#readHeads(piece);
        break;
      case 'length':
        this.#readLength(piece);
        break;
      case 'chunks':
        this.#readChunks(piece);
        break;
      case 'until end':
        this.#taker.onData(piece);
        break;
      case 'idle':
        return isBlank(piece);
      default:
    }
    return true;
  }

  /**
   * The server has ended the connection, and with it a reply that has no other end.
   *
   * @returns false when no reply was expected
   */
  end(): boolean {
    const step = this.#step;
    if (step === 'until end') this.#endReply(noBytes);
    else if (step === 'head') this.#fail('http-closed', 'the server closed the connection without a reply');
    else if (step !== 'over' && step !== 'idle')
      this.#fail('http-truncated', 'the server closed the connection within the body');
    return step !== 'idle';
  }

  /** The connection has failed. @returns false when no reply was expected */
  fail(error: Error): boolean {
    const step = this.#step;
    if (step === 'idle') return false;
    this.#step = 'over';
    if (step !== 'over') this.#taker.onFault(error);
    return true;
  }

  /** Reads the heads of 1xx replies, and that of the real reply behind them. */
  #readHeads(piece: Buffer): void {
    let rest: Buffer | null = piece;
    while (rest !== null) rest = this.#readHead(rest);
  }

  /** @returns what has come behind the head of a 1xx reply; null: there is nothing more to read here */
  #readHead(piece: Buffer): Buffer | null {
    // Empty lines before a status line are to be ignored (RFC 9112, section 2.2).
    const first = this.#size > 0 ? 0 : firstOf(piece);
    if (first === piece.length) return null;
    this.hasBegun = true;
    if (this.#size > 0) return this.#readHeld(piece);
    const end = piece.indexOf(headEnd, first);
    if (end === -1) return this.#readHeld(piece.subarray(first));
    const head = rightHead(piece.toString('latin1', first, end + headEnd.length), this.#isStrict);
    // A head that breaks the RFC may end before that position, if its lines end with LF alone.
    if (head === null) return this.#readHeld(piece.subarray(first));
    return this.#take(head, end + headEnd.length - first, piece.subarray(end + headEnd.length));
  }

  /** Appends a piece to the head that is held, and reads the head once it is whole. */
  #readHeld(piece: Buffer): Buffer | null {
    const size = this.#size + piece.length;
    if (size > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#held.length, 4096));
      this.#held.copy(larger, 0, 0, this.#size);
      this.#held = larger;
    }
    piece.copy(this.#held, this.#size);
    this.#size = size;
    const received = this.#held.subarray(0, size);
    const end = this.#endOfHead(received);
    if (end === -1) return this.#judgeBeginning(received, piece.length);
    this.#forget();
    const text = received.toString('latin1', 0, end);
    const right = rightHead(text, this.#isStrict);
    if (right === null && this.#isStrict)
      return this.#fail('http-malformed', 'the head of the reply breaks HTTP/1.1');
    const head = right ?? carelessHead(text);
    if ('fault' in head) return this.#fail('http-malformed', head.fault);
    return this.#take(head, end, received.subarray(end));
  }

  #forget(): void {
    this.#held = noBytes;
    this.#size = 0;
    this.#searched = 0;
    this.#isBegun = false;
  }

  /** The position behind the empty line that ends a head, with up to `mostCrs` CRs in it; -1: not there yet. */
  #endOfHead(received: Buffer): number {
    let at = received.indexOf(lf, this.#searched);
    while (at !== -1) {
      let next = at + 1;
      while (received[next] === cr && next <= at + mostCrs) next++;
      if (received[next] === lf) return next + 1;
      if (next === received.length) break;
      at = received.indexOf(lf, next);
    }
    this.#searched = at === -1 ? received.length : at;
    return -1;
  }

  /** @param added bytes at its end that were not judged before */
  #judgeBeginning(received: Buffer, added: number): null {
    if (this.#before + received.length > largestHead)
      return this.#fail('headers-too-large', 'the head is too large');
    if (this.#isBegun) return null;
    this.#isBegun = received.includes(lf, received.length - added);
    const shown = this.#isBegun ? received.length : Math.min(received.length, 80);
    const fault = beginningFault(received.toString('latin1', 0, shown));
    return fault && this.#fail('http-malformed', fault.fault);
  }

  /** @param size of the head in bytes @param rest what has come behind it */
  #take(head: ReplyHead, size: number, rest: Buffer): Buffer | null {
    const { status } = head;
    this.#before += Math.max(size, leastHead);
    this.#isMended ||= head.isMended;
    if (this.#before > largestHead) return this.#fail('headers-too-large', 'the head is too large');
    if (status < 100) return this.#fail('http-malformed', `${status} is no status`);
    if (status === 101)
      return this.#fail('http-malformed', 'the server switched protocols without being asked');
    if (status < 200) return rest;
    this.#readBody(head, rest);
    return null;
  }

  #readBody(head: ReplyHead, rest: Buffer): void {
    const { status, framing } = head;
    const { length, isChunked, keepsAlive, keptFor } = framing;
    // 205 has no body (RFC 9110, section 15.3.6). Some servers do not say so and keep the connection; browsers
    // do not wait for a body.
    const isOpen205 = status === 205 && length === null && !isChunked;
    // In some of these cases a server may send a body all the same, so the connection is not used again.
    const isBodyless = this.#isHead || status === 204 || status === 304 || isOpen205;
    const mayHaveMore =
      this.#isHead || (isBodyless && isChunked) || (status === 204 && (length ?? 0) > 0) || isOpen205;
    this.isReusable = keepsAlive && !this.#isMended && !mayHaveMore;
    this.keptFor = keptFor;
    if (isBodyless) this.#step = 'length';
    else if (isChunked) this.#step = 'chunks';
    else this.#step = length === null ? 'until end' : 'length';
    this.#left = isBodyless ? 0 : (length ?? 0);
    if (this.#step === 'chunks') this.#chunks = new Chunks();
    this.#taker.onHead(head);
    if (this.#step === 'length') this.#readLength(rest);
    else if (rest.length > 0) this.read(rest);
  }

  #readLength(piece: Buffer): void {
    const data = piece.length > this.#left ? piece.subarray(0, this.#left) : piece;
    this.#left -= data.length;
    if (data.length > 0) this.#taker.onData(data);
    if (this.#left === 0 && this.#step === 'length') this.#endReply(piece.subarray(data.length));
  }

  #readChunks(piece: Buffer): void {
    const chunks = this.#chunks;
    const read = chunks.read(piece, (data) => {
      if (this.#step === 'chunks') this.#taker.onData(data);
    });
    if (this.#step !== 'chunks') return;
    this.isReusable &&= chunks.isRight;
    if (this.#isStrict && !chunks.isRight)
      this.#fail('http-malformed', 'the chunks of the body break HTTP/1.1');
    else if (typeof read === 'object') this.#fail(read.failure, read.words);
    else if (chunks.isOver) this.#endReply(piece.subarray(read));
  }

  #endReply(rest: Buffer): void {
    this.isReusable &&= this.#step !== 'until end' && isBlank(rest);
    this.#step = 'idle';
    const taker = this.#taker;
    this.#taker = nobody;
    taker.onWhole();
  }

  #fail(failure: FailureCode, words: string): null {
    this.fail(new ConnectError(failure, words));
    return null;
  }
}

const noBytes = Buffer.alloc(0);

const ignore = (): void => {};
const nobody: ReplyTaker = { onHead: ignore, onData: ignore, onWhole: ignore, onFault: ignore };

/** The position of the first byte that is neither CR nor LF. */
function firstOf(piece: Buffer): number {
  let first = 0;
  while (piece[first] === cr || piece[first] === lf) first++;
  return first;
}

/** Whether there is nothing but ends of lines, which some servers send behind a body. */
function isBlank(piece: Buffer): boolean {
  return firstOf(piece) === piece.length;
}
