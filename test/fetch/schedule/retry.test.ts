import test from 'ava';

import { isIdempotent } from '../../../src/fetch/request/method.ts';
import { backOff, mayPass } from '../../../src/fetch/schedule/retry.ts';
import { failures, isAnswer, isNetworkFailure, isUnreachable } from '../../../src/shared/failures.ts';
import type { FailureCode } from '../../../src/shared/failures.ts';
import { mayPassSoon } from '../../../src/shared/statuses.ts';

const codes = Object.keys(failures) as FailureCode[];
const chosen = (holds: (code: FailureCode) => boolean): string[] => codes.filter(holds).toSorted();

const retried = [
  'body-timeout',
  'connect-refused',
  'connect-reset',
  'connect-timeout',
  'connect-unreachable',
  'dns-failure',
  'dns-timeout',
  'headers-timeout',
  'http-closed',
  'http-truncated',
  'timeout',
];

const ended = (
  status: number | null,
  error: FailureCode | null,
  retryAfter: string | null = null,
): Parameters<typeof mayPass>[0] => ({ status, error, retryAfter });

/** Failures after which the server cannot have seen the request. */
const unsent = ['connect-refused', 'connect-timeout', 'connect-unreachable', 'dns-failure', 'dns-timeout'];

test('the failures that may pass are those of the table, and these', (t) => {
  t.deepEqual(
    chosen((code) => failures[code].retry),
    retried,
  );
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
    t.true(isIdempotent(method), method);
    t.deepEqual(
      chosen((code) => mayPass(ended(null, code), method, mayPassSoon)),
      retried,
      method,
    );
  }
});

test('another method is sent again only when nothing of it was sent', (t) => {
  for (const method of ['POST', 'PATCH', 'get', 'PROPFIND']) {
    t.false(isIdempotent(method), method);
    t.deepEqual(
      chosen((code) => mayPass(ended(null, code), method, mayPassSoon)),
      unsent,
      method,
    );
  }
});

test('the statuses that may pass', (t) => {
  const statuses = Array.from({ length: 500 }, (_, i) => 100 + i);
  t.deepEqual(
    statuses.filter((status) => mayPass(ended(status, null), 'GET', mayPassSoon)),
    [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530],
  );
  t.deepEqual(
    statuses.filter((status) => mayPass(ended(status, null), 'POST', mayPassSoon)),
    [],
  );
});

test('413 may pass where it says when, 403 never', (t) => {
  t.true(mayPass(ended(413, null, '1'), 'GET', mayPassSoon));
  t.false(mayPass(ended(413, null), 'GET', mayPassSoon));
  t.false(mayPass(ended(403, null, '1'), 'GET', mayPassSoon));
});

test('a status that may pass does so whatever is wrong with its body', (t) => {
  for (const error of ['process-failed', 'process-timeout', 'body-undecodable', 'body-too-large'] as const) {
    t.true(mayPass(ended(503, error), 'GET', mayPassSoon), error);
    t.false(mayPass(ended(503, error), 'POST', mayPassSoon), error);
    t.false(mayPass(ended(200, error), 'GET', mayPassSoon), error);
    t.false(mayPass(ended(404, error), 'GET', mayPassSoon), error);
  }
});

test('a failure of the network concerns the host, and no failure is both an answer and that', (t) => {
  t.deepEqual(chosen(isNetworkFailure), [...unsent, 'connect-reset'].toSorted());
  t.deepEqual(chosen(isUnreachable), [...unsent, 'connect-reset', 'headers-timeout'].toSorted());
  t.deepEqual(
    chosen((code) => isUnreachable(code) && isAnswer(code)),
    [],
  );
  t.true(isAnswer(null));
  t.false(isUnreachable(null));
  t.false(isNetworkFailure(null));
  // These say nothing about the host, which was not asked.
  for (const code of ['dns-not-found', 'address-denied', 'cancelled'] as const) t.false(isAnswer(code), code);
});

test('the back-off doubles, never exceeds the longest wait, and is spread over all of it', (t) => {
  for (let failed = 1; failed <= 12; failed++) {
    const longest = Math.min(60_000, 1000 * 2 ** (failed - 1));
    const waits = Array.from({ length: 400 }, () => backOff(failed, 60_000));
    t.true(
      waits.every((wait) => wait >= 0 && wait <= longest),
      `${failed}`,
    );
    // The chance that one of these fails is one in 2^400 or so.
    t.true(waits.some((wait) => wait > longest / 2));
    t.true(waits.some((wait) => wait < longest / 2));
  }
  t.true(backOff(5000, 100) <= 100);
});
