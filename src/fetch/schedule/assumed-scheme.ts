import type { FailureCode } from '../../shared/failures.ts';
import { isUnsent } from '../../shared/failures.ts';
import { isIdempotent } from '../request/method.ts';
import { parseTarget } from '../request/target.ts';
import type { Target } from '../request/target.ts';
import { RecentNames } from './recent-names.ts';
import type { Task } from './task.ts';

/** How many origins that speak http only are remembered, at least. */
const mostPlain = 10_000;

/** How an attempt by https ends at a host that speaks http only: there is no connection, or no TLS on it. */
const noHttps: ReadonlySet<FailureCode | null> = new Set([
  'connect-refused',
  'connect-timeout',
  'connect-unreachable',
  'connect-reset',
  'tls-handshake',
]);

/**
 * Rows whose cells have no scheme, with `--default-scheme https,http`: https is tried, and http where no connection
 * can be made. Both are one attempt. An invalid certificate does not lead to http: it is what the list's owner wants
 * to know.
 *
 * Over http, headers that may be secret are kept back as from any other origin than the row's own: else whoever
 * blocks the port of https on the way could have them sent in the clear.
 */
export class AssumedScheme {
  /** Origins, with https, that have answered over http after https had failed. */
  readonly #plain = new RecentNames(mostPlain);

  /** An attempt begins: over http if the origin is known to speak nothing else. */
  begin(task: Task): void {
    if (isByHttps(task) && this.#plain.has(task.home.origin)) askByHttp(task);
  }

  /** A task has had an answer. */
  answered(task: Task): void {
    if (isByHttp(task)) this.#plain.add(task.home.origin);
  }
}

/** Whether a failure may be that of a host which speaks http only. */
export function isLackOfHttps(error: FailureCode | null): boolean {
  return noHttps.has(error);
}

/** Whether a task asks by https, and may ask by http instead. */
export function isByHttps({ orHttp, target, home }: Task): boolean {
  return orHttp && target === home;
}

/** Whether the request that a task has made, and that failed, may be made by http. */
export function mayAskByHttp(task: Task, error: FailureCode | null): boolean {
  return isByHttps(task) && isLackOfHttps(error) && (isUnsent(error) || isIdempotent(task.method));
}

/** Makes the request of a task one by http. */
export function askByHttp(task: Task): void {
  task.target = parseTarget(task.home.href.replace(/^https:/, 'http:')) as Target;
  task.away = true;
}

/** Undoes `askByHttp`: the attempt begins anew. */
export function askByHttpsAgain(task: Task): void {
  if (!isByHttp(task)) return;
  task.target = task.home;
  task.away = false;
  task.spent = 0;
}

function isByHttp({ orHttp, target, home, redirects }: Task): boolean {
  return orHttp && target !== home && redirects.length === 0;
}
