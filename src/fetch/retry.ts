import { failures } from '../failures.ts';
import type { FailureCode } from '../failures.ts';
import { mayPassSoon } from '../statuses.ts';

/** RFC 9110, section 9.2.2 */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether sending the request twice does no more than sending it once. */
export function isIdempotent(method: string): boolean {
  return idempotent.has(method);
}

/** Failures after which it is certain that the server has seen nothing of the request. */
const unsent = new Set<FailureCode>([
  'dns-failure',
  'dns-timeout',
  'connect-refused',
  'connect-timeout',
  'connect-unreachable',
]);

/** Whether it is certain that the server has seen nothing of the request. */
export function isUnsent(error: FailureCode | null): boolean {
  return error !== null && unsent.has(error);
}

/** Whether the same request may give something better later. */
export function mayPass(status: number | null, error: FailureCode | null, method: string): boolean {
  if (isUnsent(error)) return true;
  // Whatever is wrong with the body of a 503, the page that is wanted may have none of it.
  const passes = (status !== null && mayPassSoon(status)) || (error !== null && failures[error].retry);
  return passes && isIdempotent(method);
}

/** Failures that say nothing of the one request, but that the host, or the way to it, does not work. */
const unreachable = new Set<FailureCode>([...unsent, 'connect-reset', 'headers-timeout']);

export function isUnreachable(error: FailureCode | null): boolean {
  return error !== null && unreachable.has(error);
}

/** Failures that the loss of the network brings about. */
export function isNetworkFailure(error: FailureCode | null): boolean {
  return isUnsent(error) || error === 'connect-reset';
}

/** Failures that are known without asking the host. */
const local = new Set<FailureCode>(['dns-not-found', 'address-denied', 'cancelled']);

/** Whether the host itself has said something, be it that something is wrong. */
export function isAnswer(error: FailureCode | null): boolean {
  return error === null || !(unreachable.has(error) || local.has(error));
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
