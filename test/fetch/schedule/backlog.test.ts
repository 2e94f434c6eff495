import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import test from 'ava';

import { item, keeping, names } from './backlogs.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** 300 of these are more than may be on their way to the disk. */
const large = 'x'.repeat(40_000);

test('the first items of a host stay in memory, the others leave it', (t) => {
  const { put, backlog, queues } = keeping(t, 8);
  put('a', 1, 8);
  t.is(backlog.makeRoom(), 0);
  put('a', 9, 30);
  t.is(backlog.makeRoom(), 22);
  t.deepEqual([backlog.size, queues.size], [22, 8]);
  t.is(backlog.makeRoom(), 0);
});

test('what comes after items that are on disk waits behind them, and leaves memory next time', (t) => {
  const { put, backlog, queues, host } = keeping(t, 8);
  put('a', 1, 20);
  backlog.makeRoom();
  put('a', 21, 23);
  t.deepEqual([queues.size, host('a').behindDisk.size], [8, 3]);
  t.is(backlog.makeRoom(), 3);
  t.deepEqual([backlog.size, host('a').behindDisk.size], [15, 0]);
});

test('items come back in order, those that came after them too', async (t) => {
  const { put, backlog, takeAll, host } = keeping(t, 8);
  put('a', 1, 100);
  backlog.makeRoom();
  put('a', 101, 120);
  backlog.makeRoom();
  put('a', 121, 125);
  t.deepEqual(await takeAll(), names('a', 1, 125));
  t.deepEqual([backlog.size, host('a').chain], [0, null]);
});

test('items come back a few at a time, when half of those in memory are taken', async (t) => {
  const { put, backlog, queues, take, changed } = keeping(t, 8);
  put('a', 1, 200);
  backlog.makeRoom();
  for (let i = 1; i <= 3; i++) t.is(take(), `a${i}`);
  t.is(queues.size, 5);
  for (let i = 4; i <= 160; i++) {
    const change = changed();
    t.is(take(), `a${i}`);
    if (queues.size <= 4) await change;
    t.true(queues.size >= 5 && queues.size <= 8, `${queues.size} after ${i}`);
    t.is(queues.size + backlog.size, 200 - i);
  }
});

test('no more than some hundred items leave at once', (t) => {
  const { put, backlog } = keeping(t, 8);
  put('a', 1, 500);
  put('b', 1, 500);
  const lots = [backlog.makeRoom(), backlog.makeRoom(), backlog.makeRoom(), backlog.makeRoom()];
  t.deepEqual(lots, [256, 256, 256, 216]);
  t.is(backlog.makeRoom(), 0);
});

test('items that have begun stay, before those on disk', async (t) => {
  const { put, backlog, queues, host, takeAll } = keeping(t, 4);
  put('a', 1, 10);
  for (const name of ['A9', 'A8', 'A7', 'A6', 'A5', 'A4', 'A3', 'A2', 'A1'])
    queues.unshift(host('a'), item(name, true));
  t.is(backlog.makeRoom(), 10);
  t.is(queues.size, 9);
  t.deepEqual(await takeAll(), [...names('A', 1, 9), ...names('a', 1, 10)]);
});

test('a host that has as many as may stay, some put in front, gives away what comes next', (t) => {
  const { put, backlog, queues, host } = keeping(t, 8);
  put('a', 1, 8);
  queues.unshift(host('a'), item('A1', true));
  put('a', 9, 9);
  t.is(backlog.makeRoom(), 2);
});

test('a host that once had many and has few now has nothing to give away, and can be forgotten', async (t) => {
  const { put, backlog, queues, takeAll } = keeping(t, 8);
  put('a', 1, 20);
  t.is((await takeAll()).length, 20);
  t.is(queues.hostCount, 0);
  t.is(backlog.makeRoom(), 0);
  // The same after its items were on disk.
  put('a', 1, 20);
  t.is(backlog.makeRoom(), 12);
  t.deepEqual(await takeAll(), names('a', 1, 20));
  t.is(queues.hostCount, 0);
  put('a', 1, 9);
  t.is(backlog.makeRoom(), 1);
});

test('nothing holds a host that is done, though it had many items', async (t) => {
  const { put, takeAll, host } = keeping(t, 8);
  put('a', 1, 100);
  const gone = new WeakRef(host('a'));
  await takeAll();
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  t.is(gone.deref(), undefined);
});

test('while it is paused nothing comes back, afterwards all', async (t) => {
  const { put, backlog, queues, take, takeAll } = keeping(t, 8);
  put('a', 1, 40);
  put('b', 1, 40);
  backlog.makeRoom();
  backlog.pause();
  const before: (string | null)[] = [];
  while (queues.size > 0) before.push(take());
  t.is(before.length, 16);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([queues.size, backlog.size], [0, 64]);
  backlog.resume();
  const after = await takeAll();
  t.deepEqual(
    after.filter((name) => name.startsWith('a')),
    names('a', 9, 40),
  );
  t.is(after.length, 64);
});

test('all that is in memory of a host can be taken out, what is on disk comes afterwards', async (t) => {
  const { put, backlog, host, takeAll } = keeping(t, 8);
  put('a', 1, 30);
  backlog.makeRoom();
  put('a', 31, 33);
  const cleared = backlog.clear(host('a')).map(({ name }) => name);
  t.deepEqual(cleared, [...names('a', 1, 8), ...names('a', 31, 33)]);
  backlog.taken(host('a'));
  t.deepEqual(await takeAll(), names('a', 9, 30));
});

test('what is dropped never comes back, and what of it was in memory is given', async (t) => {
  const { put, backlog, queues, host, take, lost } = keeping(t, 8);
  put('a', 1, 30);
  backlog.makeRoom();
  put('a', 31, 33);
  // A block is being written to disk.
  for (let i = 1; i <= 4; i++) t.is(take(), `a${i}`);
  t.deepEqual(
    backlog.drop().map(({ name }) => name),
    names('a', 31, 33),
  );
  t.deepEqual([backlog.size, host('a').chain, queues.size], [0, null, 4]);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([backlog.size, queues.size, lost.length], [0, 4, 0]);
});

test('large items go through the file, and no more are given to it than it can take', async (t) => {
  const { put, backlog, changed, takeAll, full } = keeping(t, 8);
  put('a', 1, 600, large);
  t.is(backlog.makeRoom(), 256);
  // 10 MB are being written, so no more are accepted.
  t.is(backlog.makeRoom(), 0);
  let left = 256;
  while (left < 592) {
    await changed();
    left += backlog.makeRoom();
  }
  t.deepEqual(await takeAll(), names('a', 1, 600));
  t.deepEqual(full, []);
});

test('what is dropped and closed while it is read from the file is no loss', async (t) => {
  const { put, backlog, changed, take, lost } = keeping(t, 2);
  put('a', 1, 200, large);
  backlog.makeRoom();
  await changed();
  take();
  backlog.drop();
  backlog.close();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(lost, []);
});

test('a folder that cannot be written: it is said once, nothing is lost, and items stay in memory', async (t) => {
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = '/proc/self/nowhere';
  const { put, backlog, queues, takeAll, changed, full } = keeping(t, 8);
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  put('a', 1, 200, large);
  backlog.makeRoom();
  await changed();
  t.is(full.length, 1);
  t.regex(full[0] ?? '', /\/proc\/self\/nowhere/);
  put('b', 1, 20);
  t.is(backlog.makeRoom(), 0);
  t.is(queues.size, 28);
  const taken = await takeAll();
  t.deepEqual(
    taken.filter((name) => name.startsWith('a')),
    names('a', 1, 200),
  );
  t.is(taken.length, 220);
});
