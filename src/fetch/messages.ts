import type { ResponsePage } from '../page/page.ts';
import type { FailureCode } from '../shared/failures.ts';
import type { Likeness } from '../shared/likeness.ts';
import type { Row, Trace, Values } from '../shared/records.ts';
import type { SecretParams } from './request/secret-params.ts';

export type { ResponsePage };

/** Turns requests into replies, in this thread or in another one. It queues nothing: each request runs at once. */
export interface Engine {
  readonly start: (request: EngineRequest) => void;
  /** Whether a connection to this origin can be opened now. */
  readonly reach: (origin: string) => Promise<boolean>;
  /** Closes connections without a request, as the system has no more sockets. */
  readonly closeIdle: () => void;
  /** Ends all running requests, with a reply with this code for each. */
  readonly stop: (error: FailureCode, detail: string) => void;
  /** Drops all running requests without a reply, and closes the connections; a promise settles once they are closed. */
  readonly destroy: () => void | Promise<void>;
}

/** Events of an engine. */
export interface EngineEvents {
  /**
   * @param page the complete response, from which values must be extracted to complete the reply; null: nothing is
   * extracted. For a redirect that is followed, it only serves to keep what went over the wire (`exchanged`)
   */
  readonly onReply: (reply: EngineReply, page: ResponsePage | null) => void;
  /** Called with a message for the user about a network error that urlmill does not know. */
  readonly onUnknown: (words: string) => void;
  /** Called with a message for the user that concerns the whole run. */
  readonly notice: (text: string) => void;
  /** Called with the message of the failure when a proxy demands a login, or refuses the one that it got. */
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
  /** Secret query parameters, to be removed from the exchange where that is kept; null: none. */
  readonly secrets: SecretParams | null;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | null;
  /** Milliseconds until its deadline. */
  readonly timeout: number;
  /** Maximum size of the decoded body in bytes. */
  readonly maxBody: number;
  /** Whether a redirect would be followed, so that its body is not needed. */
  readonly follow: boolean;
  /** Whether a page that redirects by itself (header Refresh or its `meta` element) counts as a redirect. */
  readonly followMeta: boolean;
  /** Whether more requests to the host wait, so that the connection should be kept. */
  readonly hasMore: boolean;
  /** Whether the request may only go to a public address, or to one that the user has chosen. */
  readonly denyPrivate: boolean;
  /** Whether the reply of a redirect must come with its page, as what went over the wire is kept (WARC). */
  readonly wantsHop: boolean;
  /** Whether the reply must carry the body, which is then not processed. */
  readonly wantsBody: boolean;
  /**
   * Null: the reply carries no likeness. Empty: one that only tells that the page is text. Else the URL of the page,
   * which the likeness leaves out.
   */
  readonly compared: string | null;
  /** Whether the request has If-None-Match or If-Modified-Since, so that a 304 is a good reply without a page. */
  readonly conditional: boolean;
  readonly row: Row;
}

/** Stands in for the row of a request that no row has asked for, or whose row is in another thread. */
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
  /** What decided about the charset. */
  readonly charsetFrom: string;
  /** Decoded size of the body in bytes; null when it is incomplete. */
  readonly bytes: number | null;
  readonly wireBytes: number | null;
  /** SHA-256 of the decoded body in hexadecimal, if the engine was asked for it; else empty. */
  readonly sha256: string;
  /** Likeness of a text page with a good status, if the request asked for it; else null. */
  readonly likeness: Likeness | null;
  /** Whether the request was conditional and the server answered 304: what is known already is still right. */
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
  /** Whether the reply came from a public address, or from one that the user has chosen. */
  readonly isPublic: boolean;
  /** Whether the request failed because this system has no more sockets. */
  readonly starved: boolean;
  /** Whether the engine ended before it replied, so that nobody knows what became of the request. */
  readonly lost: boolean;
  readonly trace: Trace;
  readonly values: Values;
  readonly rows: readonly Values[] | null;
  /** URL of the next page as written on this page; null when there is none, or without `--next`. */
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

/** The reply to a request that was never made. */
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
