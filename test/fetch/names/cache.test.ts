import test from 'ava';
import type { ExecutionContext } from 'ava';

import { NameCache } from '../../../src/fetch/names/cache.ts';
import type { NameTrouble } from '../../../src/fetch/names/error.ts';
import type { Answer } from '../../../src/fetch/names/outcome.ts';

const answer = (ttl: number): Answer => ({ addresses: [{ address: '192.0.2.1', family: 4 }], ttl });
const trouble = (failure: NameTrouble['failure']): NameTrouble => ({ failure, message: 'a.test: why' });

/** Checks how long an outcome is remembered: it is there a millisecond before that time, and then gone. */
const lasts = test.macro((t: ExecutionContext, outcome: Answer | NameTrouble, seconds: number) => {
  let now = 0;
  const cache = new NameCache(10, () => now);
  cache.set('a.test', outcome);
  now = seconds * 1000 - 1;
  t.is(cache.get('a.test'), outcome);
  now++;
  t.is(cache.get('a.test'), undefined);
});

const forgets = test.macro((t: ExecutionContext, outcome: NameTrouble) => {
  const cache = new NameCache(10, () => 0);
  cache.set('a.test', outcome);
  t.is(cache.get('a.test'), undefined);
});

test('an answer is remembered for its TTL', lasts, answer(60), 60);
test('an answer is remembered for 10 seconds at least', lasts, answer(0), 10);
test('an answer is remembered for an hour at most', lasts, answer(86_400), 3600);
test('a failure that may pass is not remembered: a retry asks again', forgets, trouble('dns-failure'));
test('nor is a time-out', forgets, trouble('dns-timeout'));

const notFound = (ttl: number): NameTrouble => ({ ...trouble('dns-not-found'), ttl });

test('that a name does not exist is remembered for as long as the server says', lasts, notFound(300), 300);
test('that is for 10 seconds at least', lasts, notFound(0), 10);
test('that is for an hour at most', lasts, notFound(1e9), 3600);
test('that is for a minute when it does not say', lasts, notFound(Infinity), 60);

test('the name that was asked for longest ago goes first', (t) => {
  const cache = new NameCache(2, () => 0);
  cache.set('a.test', answer(60));
  cache.set('b.test', answer(60));
  t.truthy(cache.get('a.test'));
  cache.set('c.test', answer(60));
  t.is(cache.get('b.test'), undefined);
  t.truthy(cache.get('a.test'));
  t.truthy(cache.get('c.test'));
});

test('a name that is set again takes no other place', (t) => {
  const cache = new NameCache(2, () => 0);
  const last = answer(61);
  cache.set('a.test', answer(60));
  cache.set('b.test', answer(60));
  cache.set('b.test', last);
  t.truthy(cache.get('a.test'));
  t.is(cache.get('b.test'), last);
});

test('nothing is left of a cache that is cleared', (t) => {
  const cache = new NameCache(2, () => 0);
  cache.set('a.test', answer(60));
  cache.clear();
  t.is(cache.get('a.test'), undefined);
});
