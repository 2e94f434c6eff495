import type { Socket } from 'node:net';

import symbols from 'undici/lib/core/symbols.js';

import type { FailureCode } from '../../shared/failures.ts';
import { takeReads } from '../connect/reads.ts';
import { ConnectError } from '../connect/shape.ts';
import { Chunks } from './chunks.ts';
import { Reading } from './reading.ts';
import { headLength, isChunked, readHead } from './reply-head.ts';

const { kParser } = symbols;

/** The functions of llhttp that are used here. */
interface Llhttp {
  readonly llhttp_execute: (ptr: number, at: number, length: number) => number;
  readonly llhttp_reset: (ptr: number) => void;
  readonly llhttp_set_lenient_headers: (ptr: number, on: number) => void;
  readonly llhttp_get_http_major: (ptr: number) => number;
  readonly llhttp_get_http_minor: (ptr: number) => number;
}

/** undici's parser of one connection, as far as it is of use here. */
interface Parser {
  execute: (chunk: Buffer) => void;
  finish: () => Error | null;
  createError: (code: number, data: Buffer) => Error;
  onHeadersComplete: (status: number, upgrade: boolean, keepAlive: boolean) => number;
  onBody: (data: Buffer) => number;
  onMessageComplete: () => number;
  readonly ptr: number;
  readonly socket: Socket;
  llhttp: Llhttp;
  /** Of the final reply, from the end of its head to the end of its body; else 0. */
  readonly statusCode: number;
  headers: Buffer[];
  headersSize: number;
  statusText: string;
  keepAlive: string;
  connection: string;
  contentLength: string;
  shouldKeepAlive: boolean;
  /** Ours. */
  reading: Reading;
}

/**
 * Makes a connection's parser ready for its next reply.
 *
 * @param isStrict whether replies that break HTTP/1.1 are refused though browsers read them
 */
export function prepareParser(socket: Socket | undefined, isStrict: boolean): void {
  const parser = parserOf(socket);
  if (parser === null || socket === undefined) return;
  if (parser.reading === undefined) {
    Object.assign(parser, { reading: new Reading(isStrict), onHeadersComplete, createError });
    if (!isStrict) {
      parser.llhttp = tolerant(parser.llhttp);
      Object.assign(parser, { execute, finish, onBody });
    }
    takeReads(socket, (piece) => feed(parser, piece));
  }
  parser.reading.begin();
}

/** HTTP version of the response whose headers were read last; empty before. */
export function versionRead(socket: Socket | undefined): string {
  const parser = parserOf(socket);
  if (parser === null) return '';
  const { ptr, llhttp } = parser;
  return `${llhttp.llhttp_get_http_major(ptr)}.${llhttp.llhttp_get_http_minor(ptr)}`;
}

function parserOf(socket: Socket | undefined): Parser | null {
  return (socket as (Socket & { [kParser]?: Parser | null }) | undefined)?.[kParser] ?? null;
}

/**
 * Headers and trailers are kept as views of what they came in, and so is what may be read again. Of a body with a length
 * nothing is kept but what its handler copies.
 */
function feed(parser: Parser, piece: Buffer): void {
  const isBody = parser.reading.hasHead && parser.contentLength !== '';
  parser.execute(isBody ? piece : Buffer.from(piece));
}

function undicis(parser: Parser): Parser {
  return Object.getPrototypeOf(parser) as Parser;
}

/** llhttp's codes for what is no error. */
const ok = 0;
const paused = new Set([21, 22, 23]);

/** The parser that reads now. */
let current: Parser | null = null;
let wrapped: Llhttp | null = null;

/** llhttp, one for all parsers: what it refuses and can be read again it seems to have read. */
function tolerant(llhttp: Llhttp): Llhttp {
  wrapped ??= {
    ...llhttp,
    llhttp_execute: (ptr, at, length) => {
      const code = llhttp.llhttp_execute(ptr, at, length);
      if (code === ok || current === null || paused.has(code) || !isReadAgain(current)) return code;
      current.reading.refused = true;
      return ok;
    },
  };
  return wrapped;
}

function isReadAgain({ reading, socket, statusCode }: Parser): boolean {
  if (reading.held === null || socket.destroyed) return false;
  // What llhttp refuses in a body is how it is divided into chunks.
  return reading.hasHead ? statusCode >= 200 : !reading.isMended;
}

function execute(this: Parser, piece: Buffer): void {
  const { reading } = this;
  if (reading.chunks !== null) return readChunks(this, reading.chunks, piece);
  if (!reading.refused) {
    reading.hold(piece);
    run(this, piece);
    if (!reading.refused) {
      if (reading.dataEnd >= 0) reading.holdRest(piece);
      return undefined;
    }
    if (reading.hasHead) return readChunksAgain(this, piece);
  } else reading.hold(piece);
  return readHeadAgain(this);
}

function run(parser: Parser, piece: Buffer): void {
  const { reading } = parser;
  current = parser;
  reading.pieceStart = piece.byteOffset;
  reading.dataEnd = -1;
  undicis(parser).execute.call(parser, piece);
  current = null;
}

function readHeadAgain(parser: Parser): void {
  const { reading, llhttp, ptr } = parser;
  const received = reading.held === null ? null : Buffer.concat(reading.held);
  if (received === null) return end(parser, 'headers-too-large', 'the head is too large');
  reading.held = [received];
  const read = readHead(received);
  if (read === null) return undefined;
  if ('fault' in read) return end(parser, 'http-malformed', read.fault);
  reading.begin();
  reading.refused = false;
  reading.isMended = true;
  llhttp.llhttp_reset(ptr);
  // Control characters in a value stay what they are.
  llhttp.llhttp_set_lenient_headers(ptr, 1);
  const blank = { headers: [], headersSize: 0, statusText: '', keepAlive: '', connection: '' };
  Object.assign(parser, blank, { contentLength: '' });
  return execute.call(parser, Buffer.concat([read.head, received.subarray(read.length)]));
}

/** @param piece the last one that llhttp was given */
function readChunksAgain(parser: Parser, piece: Buffer): void {
  const { reading } = parser;
  const { held, dataEnd, hasData } = reading;
  const received = dataEnd >= 0 ? piece.subarray(dataEnd) : Buffer.concat(held ?? []);
  // Until data has come, the head is held with what follows it.
  const start = hasData ? 0 : headLength(received);
  reading.chunks = new Chunks(hasData);
  reading.held = null;
  // There may be half a trailer in them.
  parser.headers = [];
  parser.shouldKeepAlive = false;
  readChunks(parser, reading.chunks, received.subarray(start));
}

function readChunks(parser: Parser, chunks: Chunks, piece: Buffer): void {
  const { onBody: take, onMessageComplete } = undicis(parser);
  if (chunks.isOver) return;
  const fault = chunks.read(piece, (data) => take.call(parser, data));
  if (fault !== null) end(parser, 'http-malformed', fault);
  else if (chunks.isOver) onMessageComplete.call(parser);
}

function end({ socket }: Parser, failure: FailureCode, words: string): void {
  socket.destroy(new ConnectError(failure, words));
}

/** The connection has ended, and with it what has no other end. */
function finish(this: Parser): Error | null {
  const { chunks } = this.reading;
  if (chunks === null) return undicis(this).finish.call(this);
  return chunks.isOver
    ? null
    : new ConnectError('http-truncated', 'the connection was closed within a chunked body');
}

function onBody(this: Parser, data: Buffer): number {
  const { reading } = this;
  reading.hasData = true;
  reading.dataEnd = data.byteOffset - reading.pieceStart + data.length;
  return undicis(this).onBody.call(this, data);
}

/**
 * undici ends a connection on which a server says "100 Continue" without being asked; a client should read over it
 * (RFC 9110, section 15.2), as undici does with nearly all other statuses below 200. It fails on an assertion of its
 * own where a status is below 100, or 101 without an Upgrade header, which no server is to bring about.
 */
function onHeadersComplete(this: Parser, status: number, upgrade: boolean, keepAlive: boolean): number {
  if (status < 100 || status === 101) {
    const words =
      status === 101 ? 'the server switched protocols without being asked' : `${status} is no status`;
    end(this, 'http-malformed', words);
    return -1;
  }
  const { reading } = this;
  if (status >= 200) {
    // llhttp leaves the rest to `readHeadAgain`.
    if (!keepAlive && !reading.isStrict && !reading.isMended && hidesChunks(this.headers)) return -1;
    reading.hasHead = true;
  }
  // RFC 9110, section 8.6: it is that of the body that 304 spares, and undici would miss that body.
  if (status === 304) this.contentLength = '';
  return undicis(this).onHeadersComplete.call(
    this,
    status === 100 ? 102 : status,
    upgrade,
    keepAlive && !reading.isMended,
  );
}

/**
 * `chunked, identity`: for llhttp the body lasts until the connection ends, as RFC 9112 (section 6.3) has it; servers that
 * say so send chunks, and browsers and curl read them.
 */
function hidesChunks(headers: readonly Buffer[]): boolean {
  const codings = headers
    .filter((_, index) => index % 2 === 1 && isTransferEncoding(headers[index - 1]))
    .flatMap((value) => value.toString('latin1').split(','));
  return codings.some(isChunked) && !isChunked(codings.at(-1) ?? '');
}

function isTransferEncoding(name: Buffer | undefined): boolean {
  return name?.length === 17 && name.toString('latin1').toLowerCase() === 'transfer-encoding';
}

/** Within the head undici takes every fault for a body of the wrong length. */
function createError(this: Parser, code: number, data: Buffer): Error {
  const { statusCode, contentLength } = this;
  if (statusCode < 200) this.contentLength = '';
  const error = undicis(this).createError.call(this, code, data);
  this.contentLength = contentLength;
  return error;
}
