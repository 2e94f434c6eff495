import { failures, isUnsent } from '../../shared/failures.ts';
import type { FailureCode } from '../../shared/failures.ts';
import { mayPassSoon } from '../../shared/statuses.ts';
import { isIdempotent } from '../request/method.ts';

/** Whether the same request may give something better later. */
export function mayPass(status: number | null, error: FailureCode | null, method: string): boolean {
  if (isUnsent(error)) return true;
  // Whatever is wrong with the body of a 503, the page that is wanted may have none of it.
  const passes = (status !== null && mayPassSoon(status)) || (error !== null && failures[error].retry);
  return passes && isIdempotent(method);
}

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
