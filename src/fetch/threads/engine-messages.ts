import type { FailureCode } from '../../shared/failures.ts';
import { packHeaders, unpackHeaders } from '../../page/headers.ts';
import type { LargeBody } from '../../page/large-body.ts';
import { ResponsePage, sharedCopy } from '../../page/page.ts';
import { exchangedOf } from '../http/told.ts';
import type { Wire } from '../http/told.ts';
import { noRow } from '../messages.ts';
import type { EngineReply, EngineRequest } from '../messages.ts';
import type { EngineSetup } from './own-engine.ts';

/** A request as it is sent to a thread: without its row, which stays in the main thread. */
export type SentRequest = Omit<EngineRequest, 'row' | 'body'> & {
  readonly row: null;
  readonly body: Uint8Array | null;
};

/** A page as it is sent to the main thread, which takes the rest from its request. */
export interface SentPage {
  readonly headers: string;
  readonly contentType: string;
  /** Shared memory, so that it can go on to the thread that processes it. */
  readonly body: SharedArrayBuffer;
  readonly large: LargeBody | null;
  /** The response as it came over the wire, if that is kept; its body is in one piece. */
  readonly wire: (Omit<Wire, 'status' | 'rawHeaders' | 'body'> & { body: SharedArrayBuffer }) | null;
}

export interface SentReply {
  /** Without its body. */
  readonly reply: EngineReply;
  readonly body: Uint8Array | null;
  readonly page: SentPage | null;
}

/** The `workerData` of an engine's thread. */
export interface ThreadData {
  readonly setup: EngineSetup;
  /** Shared memory: how many requests the thread has taken. When it ends, later ones cannot have been sent. */
  readonly taken: Int32Array;
}

/** The messages to an engine's thread. */
export type ToEngine =
  | { readonly kind: 'start'; readonly requests: readonly SentRequest[] }
  | { readonly kind: 'close-idle' }
  | { readonly kind: 'stop'; readonly error: FailureCode; readonly detail: string };

/** The messages of an engine's thread. */
export type FromEngine =
  /** It can take requests. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'replies'; readonly replies: readonly SentReply[] }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'unknown'; readonly words: string }
  | { readonly kind: 'login'; readonly words: string }
  | { readonly kind: 'bug'; readonly error: Error }
  /** Its name and text, as the class of an error is lost between threads. */
  | { readonly kind: 'run-error'; readonly name: string; readonly message: string };

export function sentRequest(request: EngineRequest): SentRequest {
  return { ...request, row: null, body: ownBytes(request.body) };
}

/** Without a row, as an engine would only pass it on. */
export function receivedRequest(sent: SentRequest): EngineRequest {
  return { ...sent, row: noRow, body: asBuffer(sent.body) };
}

export function sentReply(reply: EngineReply, page: ResponsePage | null): SentReply {
  return {
    reply: { ...reply, body: null },
    body: ownBytes(reply.body),
    page: page === null ? null : sentPage(page),
  };
}

export function receivedReply({ reply, body }: SentReply): EngineReply {
  return { ...reply, body: asBuffer(body) };
}

function sentPage({ rawHeaders, contentType, sharedBody, body, exchanged, large }: ResponsePage): SentPage {
  const page = { headers: packHeaders(rawHeaders), contentType, body: sharedBody, large };
  if (exchanged === null) return { ...page, wire: null };
  const { reason, httpVersion, at, remoteIp, truncated } = exchanged;
  const isDecoded = exchanged.body.length !== 1 || exchanged.body[0] !== body;
  const received = isDecoded ? sharedCopy(Buffer.concat(exchanged.body)) : sharedBody;
  return { ...page, wire: { reason, httpVersion, at, remoteIp, truncated, body: received } };
}

export function receivedPage(request: EngineRequest, { status }: EngineReply, sent: SentPage): ResponsePage {
  const { headers, contentType, body, wire, large } = sent;
  const { row, url } = request;
  const rawHeaders = unpackHeaders(headers);
  const known = { status: status ?? 0, rawHeaders };
  const exchanged =
    wire === null ? null : exchangedOf(request, { ...wire, ...known, body: [Buffer.from(wire.body)] });
  return new ResponsePage(row, url, status ?? 0, rawHeaders, contentType, body, exchanged, large);
}

/** A copy without the rest of the memory that a Buffer may be a part of, which would be sent with it. */
function ownBytes(bytes: Buffer | null): Uint8Array | null {
  return bytes === null ? null : new Uint8Array(bytes);
}

function asBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
