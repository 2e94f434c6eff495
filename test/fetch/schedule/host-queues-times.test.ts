import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { Host, Waiting } from '../../../src/fetch/schedule/host.ts';
import type { HostQueues } from '../../../src/fetch/schedule/host-queues.ts';
import type { HostState } from '../../../src/fetch/schedule/host-state.ts';
import { OwnQueues } from './queues.ts';

interface Item extends Waiting<Item> {
  readonly name: string;
}

interface Watched {
  readonly queues: HostQueues<Item>;
  /** Adds items to the queues of their hosts; the host is the first letter of an item's name. */
  readonly put: (...names: readonly string[]) => void;
  readonly host: (name: string) => Host<Item>;
  /** Takes all items that can be taken now, or at the given time. */
  readonly taken: (scarce?: boolean, now?: number) => string;
  /** Waits until the queues report that a host may start again. */
  readonly ready: () => Promise<void>;
}

function watched(t: ExecutionContext, perHost: number, interval = 0): Watched {
  let onReady: () => void = nothing;
  const queues = new OwnQueues<Item>({ perHost, interval }, () => onReady());
  t.teardown(() => queues.close());
  const host = (name: string): Host<Item> => queues.host(name.charAt(0));
  const put = (...names: readonly string[]): void => {
    for (const name of names) queues.push(host(name), { name, next: null, host: null });
  };
  const taken = (scarce = false, now = performance.now()): string => {
    const names: string[] = [];
    for (;;) {
      const next = queues.take(now, scarce);
      if (next === null) return names.join(' ');
      names.push(next.name);
    }
  };
  const ready = (): Promise<void> => new Promise((resolve) => (onReady = resolve));
  return { queues, put, host, taken, ready };
}

test('while slots are scarce a host that has not answered gets one, one that has answered all', (t) => {
  const { queues, put, host, taken } = watched(t, 3);
  host('a').state.proven = true;
  put('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
  t.is(taken(true), 'a1 b1 c1 a2 a3');
  t.false(queues.hasNext);
  // The host answers.
  host('b').state.proven = true;
  put('b3');
  t.is(taken(true), 'b2 b3');
});

test('an answer that ends a request brings the next ones of its host, however scarce slots are', (t) => {
  const { queues, put, host, taken } = watched(t, 3);
  put('b1', 'b2', 'b3');
  t.is(taken(true), 'b1');
  host('b').state.proven = true;
  queues.release(host('b'));
  t.is(taken(true), 'b2 b3');
});

test('when slots are no longer scarce hosts that have not answered get more, in turn and up to their limit', (t) => {
  const { queues, put, taken } = watched(t, 2);
  put('a1', 'a2', 'a3', 'b1', 'b2', 'b3');
  t.is(taken(true), 'a1 b1');
  t.is(taken(false), 'a2 b2');
  t.is(taken(false), '');
  t.is(queues.size, 2);
});

test('a host whose items were dropped while it waited for a second slot is no obstacle', (t) => {
  const { queues, put, taken } = watched(t, 2);
  put('a1', 'a2', 'b1', 'b2');
  t.is(taken(true), 'a1 b1');
  queues.drop(({ name }) => name === 'a2');
  t.is(taken(false), 'b2');
});

test('nothing of a host is taken before its pause is over, and then it says so', async (t) => {
  const { put, host, taken, ready } = watched(t, 2);
  put('a1', 'a2', 'b1');
  const isReady = ready();
  const until = performance.now() + 200;
  host('a').state.pausedUntil = until;
  t.is(taken(false, until - 200), 'b1');
  await isReady;
  t.true(performance.now() >= until);
  t.is(taken(), 'a1 a2');
});

test('a pause that was made longer meanwhile holds', async (t) => {
  const { put, host, taken, ready } = watched(t, 2);
  put('a1');
  const first = ready();
  const now = performance.now();
  host('a').state.pausedUntil = now + 200;
  t.is(taken(false, now), '');
  host('a').state.pausedUntil = performance.now() + 1e6;
  await first;
  t.is(taken(), '');
});

test('a pause longer than any timer of Node is one', (t) => {
  const { put, host, taken } = watched(t, 2);
  put('a1');
  host('a').state.pausedUntil = performance.now() + 2 ** 40;
  t.is(taken(), '');
  // A timer with so long a delay would overflow, and fire at once.
  t.not(host('a').timer, null);
});

test('items of one host start no faster than its interval', async (t) => {
  const { queues, put, taken, ready, host } = watched(t, 9, 20);
  put('a1', 'a2', 'a3', 'a4', 'a5');
  const from = performance.now();
  let names = taken();
  while (queues.size > 0) {
    await ready();
    names += ` ${taken()}`;
  }
  t.is(names, 'a1 a2 a3 a4 a5');
  // A start that was late by up to 5 ms may be made up for.
  t.true(performance.now() - from >= 4 * 20 - 5);
  t.is(host('a').active, 5);
});

test('a host that has failed is asked one thing at a time until it answers', (t) => {
  const { queues, put, host, taken } = watched(t, 3);
  put('a1', 'a2', 'a3', 'a4');
  t.is(taken(), 'a1 a2 a3');
  host('a').state.failures = 1;
  queues.release(host('a'));
  queues.release(host('a'));
  t.is(taken(), '');
  queues.release(host('a'));
  put('a5');
  t.is(taken(), 'a4');
  host('a').state.failures = 0;
  put('a6');
  t.is(taken(), 'a5 a6');
});

test('of a host without items nothing is kept but what must hold for its next one', (t) => {
  const { queues, put, host, taken } = watched(t, 1);
  put('a1', 'b1');
  t.is(taken(), 'a1 b1');
  const [a, b] = [host('a'), host('b')];
  b.state.failures = 2;
  queues.release(a);
  queues.release(b);
  t.is(queues.hostCount, 0);
  t.not(host('a'), a);
  t.is(host('b').state, b.state);
  t.not(host('a').state, a.state);
});

test('a host is not forgotten while it has items, and forgotten once only', (t) => {
  const { queues, put, host, taken } = watched(t, 1);
  put('a1', 'a2');
  const a = host('a');
  t.false(queues.forget(a));
  t.is(taken(), 'a1');
  queues.clear(a);
  t.false(queues.forget(a));
  queues.release(a);
  const next = host('a');
  t.not(next, a);
  t.false(queues.forget(a));
  t.is(host('a'), next);
});

test('hosts that were used longest ago are forgotten beyond 10,000', (t) => {
  const { queues } = watched(t, 1);
  const fail = (name: string): HostState => {
    const host = queues.host(name);
    host.state.failures = 1;
    t.true(queues.forget(host));
    return host.state;
  };
  const [first, second] = [fail('first'), fail('second')];
  for (let i = 0; i < 9998; i++) fail(`${i}`);
  // The first one was used again, so the second is now the oldest.
  t.is(fail('first'), first);
  fail('one more');
  t.is(queues.host('first').state, first);
  t.not(queues.host('second').state, second);
});

test('no timer is left of a host that is forgotten while it pauses', (t) => {
  const { queues, put, host, taken } = watched(t, 1);
  put('a1', 'a2');
  const a = host('a');
  a.state.pausedUntil = performance.now() + 1e6;
  t.is(taken(), '');
  t.not(a.timer, null);
  queues.clear(a);
  t.true(queues.forget(a));
  t.is(a.timer, null);
  // When used again, it still pauses.
  put('a3');
  t.is(host('a').state, a.state);
  t.is(taken(), '');
});

test('what is cut off a queue is not taken, and counts no more', (t) => {
  const { queues, put, host, taken } = watched(t, 9);
  put('a1', 'a2', 'a3', 'a4', 'b1');
  const rest = queues.cut(host('a'), 1);
  t.deepEqual([queues.size, rest.size], [2, 3]);
  t.is(taken(), 'a1 b1');
  t.deepEqual(
    rest.clear().map(({ name }) => name),
    ['a2', 'a3', 'a4'],
  );
  put('a5');
  t.is(taken(), 'a5');
});

test('nothing wakes after the end', (t) => {
  const { queues, put, host, taken } = watched(t, 1);
  put('a1', 'b1');
  host('a').state.pausedUntil = performance.now() + 1e6;
  host('b').state.pausedUntil = performance.now() + 1e6;
  t.is(taken(), '');
  queues.close();
  t.deepEqual([host('a').timer, host('b').timer], [null, null]);
});

function nothing(): void {}
