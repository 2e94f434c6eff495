import test from 'ava';

import { blankReply } from '../../../src/fetch/messages.ts';
import type { EngineReply } from '../../../src/fetch/messages.ts';
import { HostState } from '../../../src/fetch/schedule/host-state.ts';
import {
  hasAnswered,
  hasFailed,
  obeyServer,
  isAwaited,
  isHostsFault,
} from '../../../src/fetch/schedule/host-care.ts';

const maxWait = 120_000;
const origin = 'http://a.test';
const refused: EngineReply = { ...blankReply, error: 'connect-refused', detail: 'nobody listens' };
const newHost = (): HostState => new HostState('a.test', { perHost: 6, interval: 0 });

/**
 * Fails this many times, one minute after another. @returns the time then, and whether the circuit is open
 */
function failing(host: HostState, times: number, from = 0): { now: number; open: boolean } {
  let now = from;
  let open = false;
  for (let i = 0; i < times; i++) {
    now += 60_000;
    open = hasFailed(host, origin, now - 10, now, refused, maxWait);
  }
  return { now, open };
}

function answer(status: number, fields: Partial<EngineReply> = {}): EngineReply {
  return { ...blankReply, status, ...fields };
}

test('five failures in a row open the circuit for 30 seconds, four do not', (t) => {
  const host = newHost();
  const { open } = failing(host, 4);
  t.false(open);
  t.is(host.downUntil, 0);
  const fifth = failing(host, 1, 1e6);
  t.true(fifth.open);
  t.is(host.downUntil, fifth.now + 30_000);
  t.is(host.downDetail, 'a.test was not tried: the last 5 attempts failed (connect-refused: nobody listens)');
});

test('before that the host is left alone a little, longer each time', (t) => {
  const host = newHost();
  for (const [i, longest] of [1000, 2000, 4000, 8000].entries()) {
    const { now } = failing(host, 1, i * 1e6);
    t.true(host.pausedUntil >= now && host.pausedUntil <= now + longest, `${host.pausedUntil - now}`);
  }
});

test('what fails at the same time counts once', (t) => {
  const host = newHost();
  t.false(hasFailed(host, origin, 1000, 2000, refused, maxWait));
  for (let i = 0; i < 100; i++) t.false(hasFailed(host, origin, 1000 + i, 2001 + i, refused, maxWait));
  t.is(host.failures, 1);
  // A request that was started after the first failure counts again.
  hasFailed(host, origin, 2000, 3000, refused, maxWait);
  t.is(host.failures, 2);
});

test('an answer starts the count again and closes the circuit', (t) => {
  const host = newHost();
  failing(host, 4);
  hasAnswered(host, origin);
  t.true(host.proven);
  t.false(failing(host, 4, 1e6).open);
  t.false(host.proven);
  t.true(failing(host, 1, 2e6).open);
  hasAnswered(host, origin);
  t.is(host.downUntil, 0);
  t.is(host.failures, 0);
});

test('the circuit is opened for the origins that have failed', (t) => {
  const host = newHost();
  const other = 'https://a.test';
  const { now } = failing(host, 5);
  t.true(host.isDown(origin, now));
  t.false(host.isDown(other, now));
  hasAnswered(host, other);
  t.true(host.isDown(origin, now));
  hasAnswered(host, origin);
  t.false(host.isDown(origin, now));
});

test('an origin whose host is down at another one has a count of its own', (t) => {
  const host = newHost();
  const other = 'https://a.test';
  const { now } = failing(host, 5);
  for (let i = 1; i < 5; i++) t.false(hasFailed(host, other, now + i, now + i, refused, maxWait));
  t.true(hasFailed(host, other, now + 5, now + 5, refused, maxWait));
  t.true(host.isDown(other, now + 5));
});

test('a probe that fails opens the circuit for another 30 seconds', (t) => {
  const host = newHost();
  const { now } = failing(host, 5);
  t.true(hasFailed(host, origin, now + 30_000, now + 30_100, refused, maxWait));
  t.is(host.downUntil, now + 60_100);
  t.true(host.isRemarkable(now + 1e9));
});

test('a host that has worked is waited for: asked at growing intervals of ten seconds at most, down after --max-wait', (t) => {
  const host = newHost();
  const from = 1000;
  let now = from;
  let isOpen = false;
  let times = 0;
  while (!isOpen) {
    isOpen = hasFailed(host, origin, now, now, refused, maxWait, true);
    times++;
    t.is(isOpen, now >= from + maxWait, `${now}`);
    t.is(isAwaited(host, origin, now, maxWait), !isOpen);
    if (isOpen) break;
    const pause = host.pausedUntil - now;
    t.true(pause >= 0 && pause <= Math.min(10_000, 1000 * 2 ** (times - 1)), `${times}: ${pause}`);
    t.true(host.pausedUntil <= from + maxWait);
    // Time for an attempt.
    now = host.pausedUntil + 1;
  }
  t.true(times >= 12, `${times}`);
  t.is(host.downUntil, now + 30_000);
  t.regex(host.downDetail, /^a\.test was not tried: the last \d+ attempts failed/);
  // After that time it is tried once more, and a failure makes it down at once.
  t.true(hasFailed(host, origin, now + 30_000, now + 30_000, refused, maxWait, true));
  hasAnswered(host, origin);
  t.false(hasFailed(host, origin, now + 60_000, now + 60_000, refused, maxWait, true));
  t.true(isAwaited(host, origin, now + 60_000, maxWait));
});

test('it is not down before the fifth failure, however short --max-wait is', (t) => {
  const host = newHost();
  for (let i = 1; i <= 4; i++) t.false(hasFailed(host, origin, i * 1000, i * 1000, refused, 1, true));
  t.true(hasFailed(host, origin, 5000, 5000, refused, 1, true));
});

test('one that wants to be left alone for longer than that is not waited for', (t) => {
  const host = newHost();
  obeyServer(host, 0, 1000, answer(429, { retryAfter: '3600' }), maxWait);
  hasFailed(host, origin, 1100, 1100, refused, maxWait, true);
  t.false(isAwaited(host, origin, 1100, maxWait));
});

test('it is the fault of the host when it has failed five times, and not with one item alone', (t) => {
  const host = newHost();
  t.false(isHostsFault(host, 7));
  failing(host, 5);
  t.false(isHostsFault(host, 7));
  t.true(isHostsFault(host, 8));
  t.true(isHostsFault(host, 7));
  hasAnswered(host, origin);
  t.false(isHostsFault(host, 8));
  t.false(isHostsFault(host, 7));
});

test('a pause is never cut short by a shorter one', (t) => {
  const host = newHost();
  obeyServer(host, 0, 1000, answer(503, { retryAfter: '60' }), maxWait);
  t.is(host.pausedUntil, 61_000);
  obeyServer(host, 0, 2000, answer(503, { retryAfter: '1' }), maxWait);
  obeyServer(host, 0, 2000, answer(200), maxWait);
  hasFailed(host, origin, 1500, 2500, refused, maxWait);
  hasAnswered(host, origin);
  t.is(host.pausedUntil, 61_000);
});

test('Retry-After is obeyed with 429 and 503, and nowhere else', (t) => {
  for (const status of [429, 503]) {
    const host = newHost();
    t.is(obeyServer(host, 0, 1000, answer(status, { retryAfter: '7' }), maxWait), 7000);
    t.true(host.pausedUntil === 8000);
    t.is(host.downUntil, 0);
  }
  for (const status of [200, 301, 404, 500, 502]) {
    const host = newHost();
    t.is(obeyServer(host, 0, 1000, answer(status, { retryAfter: '7' }), maxWait), null);
    t.is(host.pausedUntil, 0);
  }
});

test('429 makes the host slower, and pauses it though it does not say for how long; 503 concerns its row', (t) => {
  const host = newHost();
  host.pace.started(1000);
  t.is(obeyServer(host, 1000, 1010, answer(429), maxWait), null);
  t.true(host.pace.learned);
  t.true(host.pausedUntil >= 1010 && host.pausedUntil <= 2010);
  const other = newHost();
  other.pace.started(1000);
  t.is(obeyServer(other, 1000, 1010, answer(503), maxWait), null);
  t.false(other.pace.learned);
  t.is(other.pausedUntil, 0);
});

test('good replies make a slow host faster again', (t) => {
  const host = newHost();
  host.pace.started(1000);
  obeyServer(host, 1000, 1010, answer(429), maxWait);
  const before = host.pace.interval;
  obeyServer(host, 2000, 5000, { ...blankReply, error: 'http-closed' }, maxWait);
  t.is(host.pace.interval, before);
  obeyServer(host, 2000, 5000, answer(200), maxWait);
  t.true(host.pace.interval < before);
});

test('a pause of just --max-wait is waited for; a longer one makes the host one that is down', (t) => {
  const host = newHost();
  t.is(obeyServer(host, 0, 1000, answer(503, { retryAfter: '120' }), maxWait), 120_000);
  t.is(host.downUntil, 0);
  t.is(obeyServer(host, 0, 1000, answer(503, { retryAfter: '121' }), maxWait), 121_000);
  t.is(host.downUntil, 122_000);
  t.is(host.downDetail, 'a.test was not tried: it asked to be left alone for 121 s, longer than --max-wait');
});

test('an answer that was on its way does not call off what the host asked for', (t) => {
  const host = newHost();
  obeyServer(host, 0, 1000, answer(429, { retryAfter: '3600' }), maxWait);
  hasAnswered(host, origin);
  obeyServer(host, 0, 1100, answer(200), maxWait);
  t.is(host.downUntil, 3_601_000);
  // A shorter Retry-After does not shorten it.
  hasAnswered(host, origin);
  obeyServer(host, 0, 1200, answer(429, { retryAfter: '1' }), maxWait);
  t.is(host.downUntil, 3_601_000);
  // Nor does another one that is longer than --max-wait.
  obeyServer(host, 0, 1300, answer(429, { retryAfter: '200' }), maxWait);
  t.is(host.downUntil, 3_601_000);
  t.regex(host.downDetail, /3600 s/);
});

test('a failure while the host is left alone does not shorten that either', (t) => {
  const host = newHost();
  obeyServer(host, 0, 1000, answer(429, { retryAfter: '3600' }), maxWait);
  hasFailed(host, origin, 0, 2000, refused, maxWait);
  hasAnswered(host, origin);
  t.is(host.downUntil, 3_601_000);
});
