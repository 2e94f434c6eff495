import type { FailureCode } from '../shared/failures.ts';
import type { Row, Trace, Values } from '../shared/records.ts';

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
  /** Bytes that the decoded body may have. */
  readonly maxBody: number;
  /** Whether a redirect is going to be followed, so that its body is of no use. */
  readonly follow: boolean;
  /** Whether other requests to the host wait, so that its connection will be of use. */
  readonly hasMore: boolean;
  /** Whether it may only go to a public address, or to one that the user has named. */
  readonly denyPrivate: boolean;
  /** Whether the reply carries the body itself, and no processor sees it. */
  readonly wantsBody: boolean;
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
  /** Name of the encoding of its text, where the engine was told to find it. */
  readonly charset: string;
  /** What that is known from. */
  readonly charsetFrom: string;
  /** Decoded size; null when the body is not known whole. */
  readonly bytes: number | null;
  readonly wireBytes: number | null;
  /** Until its end came; what is made of the body takes its own time. */
  readonly ms: number;
  /** The decoded body, where the request wanted it. */
  readonly body: Buffer | null;
  /** Values of Set-Cookie, one each, when the reply is a redirect to follow. */
  readonly setCookies: readonly string[];
  /** Values of Retry-After and RateLimit-Reset when the status asks for patience. */
  readonly retryAfter: string | null;
  readonly rateLimitReset: string | null;
  /** Whether it came from a public address, or from one that the user has named. */
  readonly isPublic: boolean;
  /** Whether there is no reply because this system could open no more connections. */
  readonly starved: boolean;
  readonly trace: Trace;
  readonly values: Values;
  readonly rows: readonly Values[] | null;
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
  ms: 0,
  body: null,
  setCookies: [],
  retryAfter: null,
  rateLimitReset: null,
  isPublic: false,
  starved: false,
  trace: noTrace,
  values: {},
  rows: null,
};
