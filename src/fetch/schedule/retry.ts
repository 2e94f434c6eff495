import { failures, isUnsent } from '../../shared/failures.ts';
import { asksPatience } from '../../shared/statuses.ts';
import type { MayPass } from '../../shared/statuses.ts';
import type { EngineReply } from '../messages.ts';
import { isIdempotent } from '../request/method.ts';
import { retryAfter } from './retry-after.ts';
import { mayRepeat } from './task.ts';
import type { Task } from './task.ts';

/**
 * Whether the same request may give something better later.
 *
 * @param statuses which statuses may pass
 */
export function mayPass(
  { status, error, retryAfter: said }: Pick<EngineReply, 'status' | 'error' | 'retryAfter'>,
  method: string,
  statuses: MayPass,
): boolean {
  if (isUnsent(error)) return true;
  // Whatever is wrong with the body of a 503, the page that is wanted may have none of it.
  const passes =
    (status !== null && statuses(status, said !== null)) || (error !== null && failures[error].retry);
  return passes && isIdempotent(method);
}

export interface RetryLimits {
  readonly retries: number;
  readonly maxWait: number;
  readonly statuses: MayPass;
  readonly getAfterHead: boolean;
}

/**
 * Whether another attempt follows a reply.
 *
 * @param wait milliseconds for which the server wants to be left alone; null: it did not say
 */
export function attemptFollows(
  task: Task,
  reply: EngineReply,
  wait: number | null,
  { retries, maxWait, statuses }: RetryLimits,
): boolean {
  // The status of a URL that does not exist is seldom a better one later.
  const most = task.inquiry?.isProbe === true ? Math.min(1, retries) : retries;
  const isOver = task.attempts > most || (wait ?? 0) > maxWait || !mayRepeat(task);
  return !isOver && mayPass(reply, task.method, statuses);
}

/** Whether a whole response is not the row's last one, unless the run is stopped. */
export function isFollowed(task: Task, reply: EngineReply, limits: RetryLimits): boolean {
  if (limits.getAfterHead && task.method === 'HEAD' && refusesHead(reply)) return true;
  const wait = asksPatience(reply.status) ? retryAfter(reply, Date.now()) : null;
  return attemptFollows(task, reply, wait, limits);
}

/** Statuses of servers that do not know HEAD, or know the page by GET only. */
const headRefusals: ReadonlySet<number | null> = new Set([403, 404, 405, 501]);

/** Whether a reply to HEAD says nothing of the page, so that GET has to be tried: a refusal, or no answer to it. */
export function refusesHead({ status, error }: EngineReply): boolean {
  if (error === null) return headRefusals.has(status);
  return error === 'connect-reset' || failures[error].group === 'HTTP';
}

/**
 * How many engines a row may outlive: what ends them fails then, while rows that were only beside it seldom come together
 * with it so often, as each waits for a time of its own.
 */
export const mostLosses = 2;

/** Milliseconds of the first back-off at most; it doubles with each further one. */
const firstBackOff = 1000;

/**
 * How long to wait before the next attempt, in milliseconds: exponential with full jitter, so that what failed
 * together does not come back together.
 *
 * @param failed how many attempts have failed, from 1
 */
export function backOff(failed: number, maxWait: number): number {
  return Math.random() * Math.min(maxWait, firstBackOff * 2 ** (failed - 1));
}
