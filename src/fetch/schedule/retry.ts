import { failures, isUnsent } from '../../shared/failures.ts';
import { asksPatience } from '../../shared/statuses.ts';
import type { MayPass } from '../../shared/statuses.ts';
import type { EngineReply } from '../messages.ts';
import { isIdempotent } from '../request/method.ts';
import { retryAfter } from './retry-after.ts';
import { mayRepeat } from './task.ts';
import type { Task } from './task.ts';

/**
 * Whether repeating the request later may give something better.
 *
 * @param statuses which statuses may pass
 */
export function mayPass(
  { status, error, retryAfter: said }: Pick<EngineReply, 'status' | 'error' | 'retryAfter'>,
  method: string,
  statuses: MayPass,
): boolean {
  if (isUnsent(error)) return true;
  // A temporary status counts whatever is wrong with its body: a 503's is not that of the page wanted.
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
  // A probe gets one retry at most: the status of a made-up URL seldom improves.
  const most = task.inquiry?.isProbe === true ? Math.min(1, retries) : retries;
  const isOver = task.attempts > most || (wait ?? 0) > maxWait || !mayRepeat(task);
  return !isOver && mayPass(reply, task.method, statuses);
}

/** Whether another request follows a complete response, provided that the run is not stopped. */
export function isFollowed(task: Task, reply: EngineReply, limits: RetryLimits): boolean {
  if (limits.getAfterHead && task.method === 'HEAD' && refusesHead(reply)) return true;
  const wait = asksPatience(reply.status) ? retryAfter(reply, Date.now()) : null;
  return attemptFollows(task, reply, wait, limits);
}

/** Statuses of servers that do not know HEAD, or know the page by GET only. */
const headRefusals: ReadonlySet<number | null> = new Set([403, 404, 405, 501]);

/** Whether a reply to HEAD says nothing about the page, so that GET must be tried: a refusal or a failure. */
export function refusesHead({ status, error }: EngineReply): boolean {
  if (error === null) return headRefusals.has(status);
  return error === 'connect-reset' || failures[error].group === 'HTTP';
}

/**
 * How many engines may die with a row's request; at one more, the row fails. A row that kills engines gets
 * there; one that was only beside it seldom does, as each waits for a random time before its next attempt.
 */
export const mostLosses = 2;

/** Upper limit of the first back-off in milliseconds; it doubles with each further one. */
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
