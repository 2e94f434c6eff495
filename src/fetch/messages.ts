import type { ResponsePage } from '../page/page.ts';
import type { FailureCode } from '../shared/failures.ts';
import type { Likeness } from '../shared/likeness.ts';
import type { Row, Trace, Values } from '../shared/records.ts';
import type { SecretParams } from './request/secret-params.ts';

export type { ResponsePage };

/** Turns requests into replies, in this thread or in another one. Who calls `start` has decided that it runs now. */
export interface Engine {
  readonly start: (request: EngineRequest) => void;
  /** Whether a connection to this origin can be opened now. */
  readonly reach: (origin: string) => Promise<boolean>;
  /** Closes connections without a request, as the system has no more sockets. */
  readonly closeIdle: () => void;
  /** Ends all that runs; each gives a reply with this code. */
  readonly stop: (error: FailureCode, detail: string) => void;
  /** Ends all that runs without replies, and closes the connections: at the latest when the promise is kept. */
  readonly destroy: () => void | Promise<void>;
}

/** What an engine tells. */
export interface EngineEvents {
  /**
   * @param page the whole response, of which values are to be taken before the reply is complete; null: none are. With a
   * redirect that is followed it only tells what went over the wire
   */
  readonly onReply: (reply: EngineReply, page: ResponsePage | null) => void;
  /** Called with what is to be said of an error of the network that is not known. */
  readonly onUnknown: (words: string) => void;
  /** Says to people what concerns the whole run. */
  readonly notice: (text: string) => void;
  /** Called with what a proxy says that wants a login, or another one. */
  readonly onLogin: (words: string) => void;
  /** Called with an error of urlmill's own code, which ends the run. */
  readonly onBug: (error: Error) => void;
}

/** A request from the scheduler to the engine. Plain data, so that it can be sent to another thread. */
export interface EngineRequest {
  /** Identifies the request among those in flight. */
  readonly id: number;
  /** `https://example.org:8443` */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** The whole URL without credentials and secret parameters, for the processors. */
  readonly url: string;
  /** What must not be kept of it; null: nothing. */
  readonly secrets: SecretParams | null;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | null;
  /** Milliseconds until its deadline. */
  readonly timeout: number;
  /** Maximum size of the decoded body in bytes. */
  readonly maxBody: number;
  /** Whether a redirect will be followed, so that its body is not needed. */
  readonly follow: boolean;
  /** Whether a page that leads on by itself is a redirect. */
  readonly followMeta: boolean;
  /** Whether more requests to the host wait, so that the connection should be kept. */
  readonly hasMore: boolean;
  /** Whether it may only go to a public address, or to one that the user has chosen. */
  readonly denyPrivate: boolean;
  /** Whether a redirect's page is to come with its reply, for who keeps what went over the wire. */
  readonly wantsHop: boolean;
  /** Whether the reply is to carry the body, instead of it being processed. */
  readonly wantsBody: boolean;
  /** The URL that the page is known by when the reply is to carry its likeness; empty: only that it has one; null: neither. */
  readonly compared: string | null;
  /** Whether the headers say which representation is known already, so that 304 is a good reply without a page. */
  readonly conditional: boolean;
  readonly row: Row;
}

/** For a request that no row has asked for, or whose row is in another thread. */
export const noRow: Row = {
  number: 0,
  cells: [],
  table: { names: [], header: false },
  url: '',
  error: null,
  detail: '',
  json: null,
};

/** The engine's reply to a request. Plain data too. */
export interface EngineReply {
  readonly id: number;
  readonly status: number | null;
  readonly error: FailureCode | null;
  readonly detail: string;
  /** Value of Location if the reply is a redirect to follow. */
  readonly location: string | null;
  readonly type: string;
  /** Name of the encoding of its text, if the engine was asked for it; else empty. */
  readonly charset: string;
  /** What that is known from. */
  readonly charsetFrom: string;
  /** Decoded size of the body in bytes; null when it is incomplete. */
  readonly bytes: number | null;
  readonly wireBytes: number | null;
  /** SHA-256 of the decoded body in hexadecimal, if the engine was asked for it; else empty. */
  readonly sha256: string;
  /** For the page of a good status, if the request asked for it and it is text; else null. */
  readonly likeness: Likeness | null;
  /** Whether the request was conditional, and what is known already is still right. */
  readonly notModified: boolean;
  /** Milliseconds until the end of the response, without the time for processing it. */
  readonly ms: number;
  /** The decoded body, if the request asked for it. */
  readonly body: Buffer | null;
  /** Values of the Set-Cookie headers, if the reply is a redirect to follow. */
  readonly setCookies: readonly string[];
  /** Values of Retry-After and RateLimit-Reset, for a status that asks the client to wait. */
  readonly retryAfter: string | null;
  readonly rateLimitReset: string | null;
  /** Whether it came from a public address, or from one that the user has chosen. */
  readonly isPublic: boolean;
  /** Whether it failed because this system has no more sockets. */
  readonly starved: boolean;
  /** Whether its engine has ended without it, so that nobody knows what became of the request. */
  readonly lost: boolean;
  readonly trace: Trace;
  readonly values: Values;
  readonly rows: readonly Values[] | null;
  /** URL of the next page as its page names it; null when there is none, or nobody asks. */
  readonly next: string | null;
}

const noTrace: Trace = {
  remoteIp: '',
  httpVersion: '',
  etag: '',
  lastModified: '',
  server: '',
  dnsMs: null,
  connectMs: null,
  tlsMs: null,
  firstByteMs: null,
  certificate: null,
};

/** The reply for a request that was never made. */
export const blankReply: EngineReply = {
  id: -1,
  status: null,
  error: null,
  detail: '',
  location: null,
  type: '',
  charset: '',
  charsetFrom: '',
  bytes: null,
  wireBytes: null,
  sha256: '',
  likeness: null,
  notModified: false,
  ms: 0,
  body: null,
  setCookies: [],
  retryAfter: null,
  rateLimitReset: null,
  isPublic: false,
  starved: false,
  lost: false,
  trace: noTrace,
  values: {},
  rows: null,
  next: null,
};
