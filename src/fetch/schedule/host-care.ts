import type { EngineReply } from '../messages.ts';
import type { HostState } from './host-state.ts';
import { backOff } from './retry.ts';
import { asksPatience } from '../../shared/statuses.ts';
import { retryAfter } from './retry-after.ts';

/** A host is down after this many failures in a row, and is tried again after this many milliseconds. */
const mostFailures = 5;
const downTime = 30_000;

/**
 * A host that is waited for is tried after this many milliseconds at the latest, and at least this many times
 * within `maxWait`.
 */
const longestPause = 10_000;
const fewestAttempts = 12;

/** The host has answered at this origin, with a page or with an error. */
export function hasAnswered(host: HostState, origin: string): void {
  host.proven = true;
  // A pause that the host asked for stays, and so does a circuit that is open for another port of it.
  if (host.downFor?.has(origin) === true) host.downUntil = 0;
  host.failing = null;
  host.failures = 0;
  host.firstToFail = null;
  host.othersFail = false;
}

/**
 * The host could not be reached. It is left alone for a while, and given up after five failures. A host that has
 * worked in this run is given up only when it has been away for `maxWait`.
 *
 * @param origin the one that could not be reached
 * @param startedAt when the attempt began, on the clock of `performance.now()`
 * @returns whether the circuit is open now
 */
export function hasFailed(
  host: HostState,
  origin: string,
  startedAt: number,
  now: number,
  { error, detail }: EngineReply,
  maxWait: number,
  hasWorked = false,
): boolean {
  host.proven = false;
  if (host.failures >= mostFailures && host.downFor?.has(origin) === false) {
    // The failures until now were those of another port: counting begins anew for this one.
    host.failures = 0;
    host.failing = null;
  }
  host.failing ??= new Set();
  host.failing.add(origin);
  // Requests that ran at the same time failed for the same reason: they count once.
  if (startedAt < host.failedAt) return false;
  if (host.failures === 0) host.awaySince = now;
  host.failures++;
  host.failedAt = now;
  if (hasWorked && isAwaited(host, origin, now, maxWait)) {
    const longest = Math.min(longestPause, maxWait / fewestAttempts);
    pause(host, Math.min(host.awaySince + maxWait, now + backOff(host.failures, longest)));
    return false;
  }
  if (host.failures < mostFailures) {
    pause(host, now + backOff(host.failures, maxWait));
    return false;
  }
  const why = `the last ${host.failures} attempts failed (${error}: ${detail})`;
  open(host, now + downTime, why, new Set(host.failing));
  return true;
}

/** Whether a host that has worked and fails now is still waited for. */
export function isAwaited(host: HostState, origin: string, now: number, maxWait: number): boolean {
  return now - host.awaySince < maxWait && !host.isDown(origin, now);
}

/**
 * Notes which item has failed at the host.
 *
 * @param item its number
 * @returns whether the host is at fault: it has failed five times since it answered, and not with this item only
 */
export function isHostsFault(host: HostState, item: number): boolean {
  host.firstToFail ??= item;
  if (host.firstToFail !== item) host.othersFail = true;
  return host.othersFail && host.failures >= mostFailures;
}

/**
 * Obeys a server that wants to be asked later or less often (RFC 9110, sections 10.2.3 and 15.6.4; RFC 6585, section 4).
 *
 * @returns the milliseconds for which it wants to be left alone; null when it did not say
 */
export function obeyServer(
  host: HostState,
  startedAt: number,
  now: number,
  reply: EngineReply,
  maxWait: number,
): number | null {
  const { status } = reply;
  if (!asksPatience(status)) {
    if (host.pace.learned && status !== null) host.pace.recover(now);
    return null;
  }
  if (status === 429) host.pace.slowDown(startedAt, now);
  const wait = retryAfter(reply, Date.now());
  if (wait === null) {
    if (status === 429) pause(host, now + backOff(1, maxWait));
    return null;
  }
  leaveAlone(host, now, wait, maxWait);
  return wait;
}

/** Starts nothing at the host for `wait` milliseconds. Its rows do not wait for it when that is longer than `maxWait`. */
export function leaveAlone(host: HostState, now: number, wait: number, maxWait: number): void {
  pause(host, now + wait);
  if (wait <= maxWait) return;
  const seconds = Math.ceil(wait / 1000);
  open(host, now + wait, `it asked to be left alone for ${seconds} s, longer than --max-wait`, null);
}

function pause(host: HostState, until: number): void {
  host.pausedUntil = Math.max(host.pausedUntil, until);
}

/** Opens the circuit for these origins, or all: nothing is tried before `until`. */
function open(host: HostState, until: number, why: string, origins: ReadonlySet<string> | null): void {
  if (until <= host.downUntil) return;
  host.downUntil = until;
  host.downFor = origins;
  host.downDetail = `${host.name} was not tried: ${why}`;
}
