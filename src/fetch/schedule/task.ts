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
 * The state of a row in memory: new, waiting at its host or for a robots.txt, in flight, resting before its next
 * attempt, waiting for the probe of a made-up URL, or ended. docs/architecture.md tells what leads from one to the
 * other.
 */
export type Place = 'new' | 'queue' | 'robots' | 'flight' | 'rest' | 'probe' | 'ended';

/**
 * Set on a task that fetches for another one: a request of that one's page (`page.fetch`), or a probe (`Soft404`).
 */
export interface Inquiry {
  /** Takes the outcome. */
  readonly onEnd: (reply: EngineReply, error: FailureCode | null, detail: string) => void;
  readonly isProbe: boolean;
  /** Whether the outcome is still wanted. */
  isAwaited: boolean;
  /** The response to its last request, if that was complete; null for a probe. */
  page: ResponsePage | null;
}

/**
 * Where a task goes in the queue of its host. `front`: before all others, as it has begun and is to end before others
 * begin. `queue`: behind all in memory, as it comes back from disk. `back`: behind those on disk as well, as it is
 * new.
 */
export type Turn = 'front' | 'queue' | 'back';

/** A row on its way. */
export interface Task extends Waiting<Task> {
  place: Place;
  readonly row: Row;
  /** Its number in the order in which rows were added, from 0; -1 for a robots.txt. */
  readonly sequence: number;
  readonly request: RowRequest;
  /** The row's own URL. */
  readonly home: Target;
  /** The origin whose robots.txt it fetches; null when it fetches the row. */
  readonly robotsOf: string | null;
  /** Set when another task waits for this one; null when it fetches its row. */
  inquiry: Inquiry | null;
  homeMethod: string;
  /** Whether http may be asked where no connection by https to `home` can be made (`AssumedScheme`). */
  readonly orHttp: boolean;
  /** Whether a public server led to `home` (a next page, `page.fetch`, robots.txt after a redirect). */
  readonly homeFromPublic: boolean;
  target: Target;
  method: string;
  /** Whether the body is still sent: a redirect may turn POST into GET. */
  hasBody: boolean;
  redirects: readonly Redirect[];
  /** The redirects as they were on the wire, if they are kept for WARC. */
  hops: readonly Exchanged[];
  /** The requests of this chain so far (`requestIn`): a redirect back to one of them is a loop. */
  visited: readonly string[];
  /** Cookies that the redirects of this attempt have set. */
  cookies: ChainCookies | null;
  /** Whether a redirect has led to another origin than the row's own, or http is asked instead of https. */
  away: boolean;
  /** Whether one of the redirects came from a public address, or `homeFromPublic`. */
  fromPublic: boolean;
  /** Milliseconds that the attempt has spent in requests. Time in queues is not counted: it is not the server's. */
  spent: number;
  at: number;
  attempts: number;
  /** Whether it has given up its slots while its page is processed (`Asks.lend`). */
  isLent: boolean;
  /** Whether a request of its page was cancelled by a stop of the run: the row is then cancelled too. */
  isCut: boolean;
  /** Whether the page being processed came from a public address. */
  pageIsPublic: boolean;
  /** How many engines have died while they had its request. */
  losses: number;
  /** When it began to wait for a host that is away (`performance.now()`); 0: it does not wait. */
  waitsSince: number;
  /** Its last reply; `ended` tells where the attempt before this one had ended, if there was one. */
  last: EngineReply;
  ended: Pick<Task, 'target' | 'redirects' | 'hops' | 'spent'> | null;
  /** The row's earlier pages, when it fetches a next page (`--next`). */
  pagesBefore: readonly Result[];
  /** Whether a made-up URL gives the same page; null: not known. */
  soft404: boolean | null;
  /** Key of its request in `Once` while other rows may share its result; else null. */
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

/** The task of a row; or its result, if the row cannot be fetched or an earlier run has done that. */
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
 * Whether the row may be requested once more. A redirect is an answer: the server has acted on the request, even if
 * the next request of the chain was never sent (RFC 9110, section 9.2.2).
 */
export function mayRepeat({ redirects, homeMethod }: Task): boolean {
  return redirects.length === 0 || isIdempotent(homeMethod);
}

/** Whether the row has begun: it then stays in memory, and gets a result in any case. */
export function hasBegun({ attempts, pagesBefore, inquiry }: Task): boolean {
  return attempts > 0 || pagesBefore.length > 0 || inquiry !== null;
}

/** Whether the time of a whole chain of redirects ran out, rather than that of the phase that the error names. */
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

/** Begins the attempt anew with GET, which every server knows. The attempt by HEAD is not counted. */
export function askByGet(task: Task): void {
  task.homeMethod = 'GET';
  startAgain(task);
  task.attempts--;
}

/** The result of a task, made from its last reply. */
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

/** The result of a row for which no request was made. */
export function untried(row: Row, status: number | null, error: FailureCode | null, detail: string): Result {
  // All fields are written out: copying them would be half of the cost, and a list may consist of such rows.
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
