import type { FailureCode } from '../../shared/failures.ts';
import type { Exchanged, Redirect, Result, Row } from '../../shared/records.ts';
import type { ChainCookies } from '../request/chain-cookies.ts';
import type { EngineReply, ResponsePage } from '../messages.ts';
import { blankReply } from '../messages.ts';
import type { Host, Waiting } from './host.ts';
import type { RequestFault, RowRequest } from '../request/request.ts';
import { isIdempotent } from '../request/method.ts';
import { parseTarget } from '../request/target.ts';
import type { Target } from '../request/target.ts';

/**
 * Where a row in memory is: about to be put somewhere, waiting at its host or for a robots.txt, in flight, resting
 * before its next attempt, done but for what a made-up URL gives, or done. docs/architecture.md says what leads from one to the
 * other.
 */
export type Place = 'new' | 'queue' | 'robots' | 'flight' | 'rest' | 'probe' | 'ended';

/** That a task fetches something that another one waits for: what its page asks for (`page.fetch`), or a probe (`Soft404`). */
export interface Inquiry {
  /** Takes how it has ended. */
  readonly onEnd: (reply: EngineReply, error: FailureCode | null, detail: string) => void;
  readonly isProbe: boolean;
  /** Whether somebody waits for that still. */
  isAwaited: boolean;
  /** The response to its last request, if that was whole. */
  page: ResponsePage | null;
}

/**
 * Where a task goes in the queue of its host: in front when it has begun, so that it ends before others begin; behind
 * all that is in memory when it comes back from the disk; behind all there is when it is new.
 */
export type Turn = 'front' | 'queue' | 'back';

/** A row on its way. */
export interface Task extends Waiting<Task> {
  place: Place;
  readonly row: Row;
  /** Its place among all rows. */
  readonly sequence: number;
  readonly request: RowRequest;
  /** The row's own URL. */
  readonly home: Target;
  /** The origin whose robots.txt it fetches; null when it fetches the row. */
  readonly robotsOf: string | null;
  /** For what another task waits; null when it fetches its row. */
  inquiry: Inquiry | null;
  homeMethod: string;
  /** Whether http may be asked where no connection by https to `home` can be made (`AssumedScheme`). */
  readonly orHttp: boolean;
  /** Whether a public address led to `home`, as it does to the robots.txt of a host that a redirect leads to. */
  readonly homeFromPublic: boolean;
  target: Target;
  method: string;
  /** Whether the body is still sent: a redirect may turn POST into GET. */
  hasBody: boolean;
  redirects: readonly Redirect[];
  /** The same as they were on the wire, where that is kept. */
  hops: readonly Exchanged[];
  /** What was asked for before them, to which none may lead back. */
  visited: readonly string[];
  /** Cookies that the redirects of this attempt have set. */
  cookies: ChainCookies | null;
  /** Whether one of them led to another origin than the row's own. */
  away: boolean;
  /** Whether one of them came from a public address. */
  fromPublic: boolean;
  /** Milliseconds that the attempt has spent in requests. Time in queues is not counted: it is not the server's. */
  spent: number;
  at: number;
  attempts: number;
  /** Whether its page, which is being processed, has asked for something, so that its slots are free. */
  isLent: boolean;
  /** Whether that page does not get it, as the run was stopped. */
  isCut: boolean;
  /** Whether that page came from a public address. */
  pageIsPublic: boolean;
  /** How many times the engine that had its request has ended. */
  losses: number;
  /** Since when it waits for a host that is away, on the clock of `performance.now()`; 0: it does not. */
  waitsSince: number;
  /** The reply that the last attempt ended with, and, when another attempt followed, how it had got there. */
  last: EngineReply;
  ended: Pick<Task, 'target' | 'redirects' | 'hops' | 'spent'> | null;
  /** The row's pages so far, where this is the next one (`--next`). */
  pagesBefore: readonly Result[];
  /** Whether its page is that of a made-up URL, as far as it is known. */
  soft404: boolean | null;
  /** Names its request among those that rows share, while it leads them (`Once`). */
  onceKey: string | null;
  /** Runs while it rests. */
  timer: NodeJS.Timeout | null;
  host: Host<Task> | null;
}

const noRedirects: readonly never[] = [];
const noPages: readonly never[] = [];

export function newTask(
  row: Row,
  sequence: number,
  request: RowRequest,
  home: Target,
  method: string,
  orHttp: boolean,
  robotsOf: string | null = null,
  homeFromPublic = false,
): Task {
  return {
    place: 'new',
    row,
    sequence,
    request,
    home,
    homeMethod: method,
    homeFromPublic,
    orHttp,
    robotsOf,
    inquiry: null,
    target: home,
    method,
    hasBody: request.body !== null,
    redirects: noRedirects,
    hops: noRedirects,
    visited: noRedirects,
    cookies: null,
    away: false,
    fromPublic: homeFromPublic,
    spent: 0,
    at: 0,
    attempts: 0,
    isLent: false,
    isCut: false,
    pageIsPublic: false,
    losses: 0,
    waitsSince: 0,
    last: blankReply,
    ended: null,
    pagesBefore: noPages,
    soft404: null,
    onceKey: null,
    timer: null,
    host: null,
    next: null,
  };
}

/** The task of a row; its result where it cannot be fetched, or need not be as an earlier run has done it. */
export function taskOf(
  row: Row,
  sequence: number,
  method: string,
  requestOf: (row: Row) => RowRequest | RequestFault,
): Task | Result {
  if (row.saved !== undefined)
    return { ...untried(row, null, null, ''), ...row.saved, host: hostOf(row.saved.url) };
  if (row.earlierStatus !== undefined) return untried(row, row.earlierStatus, null, '');
  if (row.error !== null) return untried(row, null, row.error, row.detail);
  const target = parseTarget(row.url);
  if ('error' in target) return untried(row, null, target.error, target.detail);
  const request = requestOf(row);
  if ('detail' in request) return untried(row, null, 'bad-row', request.detail);
  return newTask(row, sequence, request, target, request.method ?? method, row.orHttp === true);
}

/**
 * Whether the row may be sent once more. A redirect is an answer: the server has acted on the request, even if the next
 * request of the chain was never sent (RFC 9110, section 9.2.2).
 */
export function mayRepeat({ redirects, homeMethod }: Task): boolean {
  return redirects.length === 0 || isIdempotent(homeMethod);
}

/** Whether something of the row has been asked for, so that it stays in memory and has a result in any case. */
export function hasBegun({ attempts, pagesBefore, inquiry }: Task): boolean {
  return attempts > 0 || pagesBefore.length > 0 || inquiry !== null;
}

/** Whether a chain of redirects as a whole has used up the time, not the phase in which it ended. */
export function isLate({ redirects, spent }: Task, error: FailureCode | null, timeout: number): boolean {
  const timedOut = error === 'connect-timeout' || error === 'headers-timeout' || error === 'body-timeout';
  return timedOut && redirects.length > 0 && spent >= timeout - 1;
}

/** Another attempt begins at the row's own URL. */
export function startAgain(task: Task): void {
  const { target, redirects, hops, spent } = task;
  task.ended = { target, redirects, hops, spent };
  task.target = task.home;
  task.method = task.homeMethod;
  task.hasBody = task.request.body !== null;
  task.redirects = noRedirects;
  task.hops = noRedirects;
  task.visited = noRedirects;
  task.cookies = null;
  task.away = false;
  task.fromPublic = task.homeFromPublic;
  task.spent = 0;
}

/** The attempt begins anew, by the method that every server knows. */
export function askByGet(task: Task): void {
  task.homeMethod = 'GET';
  startAgain(task);
  task.attempts--;
}

/** What has become of a task, by the reply that it ended with. */
export function resultOf(
  { row, target, redirects, spent, attempts, at, soft404 }: Task,
  {
    status,
    type,
    charset,
    charsetFrom,
    bytes,
    wireBytes,
    sha256,
    notModified,
    trace,
    values,
    rows,
  }: EngineReply,
  error: FailureCode | null,
  detail: string,
): Result {
  return {
    row,
    status,
    error,
    detail,
    url: target.href,
    host: target.host,
    type,
    charset,
    charsetFrom,
    bytes,
    wireBytes,
    sha256,
    notModified,
    soft404,
    change: null,
    ms: attempts === 0 ? null : spent,
    attempts,
    sameAs: null,
    at: at === 0 ? Date.now() : at,
    redirects,
    trace,
    values,
    rows,
    page: 1,
    next: '',
    pagesBefore: noPages,
  };
}

/** What has become of a row that was not asked for. */
export function untried(row: Row, status: number | null, error: FailureCode | null, detail: string): Result {
  // A list may consist of such rows, and copying fields would be half of what they cost here.
  return {
    row,
    status,
    error,
    detail,
    url: '',
    host: '',
    type: '',
    charset: '',
    charsetFrom: '',
    bytes: null,
    wireBytes: null,
    sha256: '',
    notModified: false,
    soft404: null,
    change: null,
    ms: null,
    attempts: 0,
    sameAs: null,
    at: Date.now(),
    redirects: noRedirects,
    trace: blankReply.trace,
    values: blankReply.values,
    rows: null,
    page: 1,
    next: '',
    pagesBefore: noPages,
  };
}

function hostOf(url: string): string {
  const target = parseTarget(url);
  return 'error' in target ? '' : target.host;
}
