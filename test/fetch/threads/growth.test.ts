import test from 'ava';

import { engineThreads } from '../../../src/fetch/threads/engine-threads.ts';
import { Growth } from '../../../src/fetch/threads/growth.ts';

/** The numbers of the looks, from 1, at which another engine was found worthwhile. */
function found(looks: number, newHosts: number, loads: readonly number[], hasThreads: boolean): number[] {
  const growth = new Growth();
  return Array.from({ length: looks }, (_, i) => i + 1).filter(() =>
    growth.look(newHosts, loads, hasThreads),
  );
}

test('a thread is added when all engines are busy with new hosts for five seconds, and then for two', (t) => {
  t.deepEqual(found(101, 10, [0.9], false), [50, 100]);
  t.deepEqual(found(41, 10, [0.9, 0.86], true), [20, 40]);
});

test('none is added for few hosts, nor while one engine has time', (t) => {
  t.deepEqual(found(100, 9, [1], false), []);
  t.deepEqual(found(100, 0, [1], false), []);
  t.deepEqual(found(100, 100, [0.8], false), []);
  t.deepEqual(found(100, 100, [1, 1, 0.5], true), []);
});

test('time without load begins the count anew', (t) => {
  const growth = new Growth();
  const looks = Array.from({ length: 99 }, (_, i) => growth.look(50, [i === 49 ? 0.5 : 1], false));
  t.false(looks.includes(true));
  t.true(growth.look(50, [1], false));
});

test('hosts may come in waves', (t) => {
  const growth = new Growth();
  const looks = Array.from({ length: 50 }, (_, i) => growth.look(i % 5 === 0 ? 64 : 0, [1], false));
  t.is(looks.indexOf(true), 49);
});

function most(threads: number | 'auto', concurrency: number, limit: number | null, cores: number): number {
  return engineThreads(threads, concurrency, limit, cores).most;
}

test('how many threads there may be', (t) => {
  t.is(most('auto', 100, null, 8), 8);
  t.is(most('auto', 100, null, 1), 0);
  t.is(most(1, 100, null, 8), 0);
  t.is(most(6, 100, null, 2), 6);
  // No more than there may be requests at a time.
  t.is(most(6, 4, null, 2), 4);
});

test('threads that nobody has asked for take no files from requests, others do', (t) => {
  t.is(most('auto', 100, 100_000, 4), 4);
  t.like(engineThreads('auto', 100, 250, 4), { most: 1, slots: 100 });
  t.like(engineThreads('auto', 100, 128, 4), { most: 0, slots: 48 });
  t.is(most(3, 100, 250, 4), 3);
  t.true(engineThreads(3, 100, 250, 4).slots < 100);
});

test('each engine may keep as many idle connections as there are requests, as far as files allow', (t) => {
  t.is(engineThreads(4, 100, null).idleConnections, 400);
  t.is(engineThreads(1, 100, 240).idleConnections, 76);
  t.is(engineThreads(2, 100, 400).idleConnections, 70);
  t.is(engineThreads('auto', 100, 400, 2).idleConnections, 46);
});
