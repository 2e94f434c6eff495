import test from 'ava';

import { Sides, lanes } from '../../helpers/sides.ts';

test('lanes are taken by one worker each, the largest first', async (t) => {
  const sides = await Sides.start(t);
  const { queue: first } = await sides.open(false);
  const { queue: second } = await sides.open(true);
  const taken = [await first.take(), await second.take(), await first.take(), await second.take()];
  t.deepEqual(
    taken.map((lane) => lane?.lane),
    [7, 9, 3, undefined],
  );
});

test('a lane that is given back is taken again, and one that is done is not', async (t) => {
  const sides = await Sides.start(t);
  const { queue } = await sides.open(false);
  const first = await queue.take();
  if (first !== null) await queue.giveBack(first);
  const again = await queue.take();
  t.is(again?.lane, 7);
  if (first !== null) await queue.giveBack(first);
  // Giving back a lane by an earlier, outdated taking has no effect.
  t.is((await queue.take())?.lane, 9);
  if (again !== null) await queue.finish(again);
  t.is((await queue.take())?.lane, 3);
  t.is(await queue.take(), null);
});

test('locks are renewed, and those that are gone are told', async (t) => {
  const sides = await Sides.start(t);
  const { queue } = await sides.open(false);
  const held = [await queue.take(), await queue.take()].filter((lane) => lane !== null);
  t.deepEqual((await queue.renew(held)).lost, []);
  await sides.redis.call('DEL', 'bull:urlmill-job:lane-9:lock');
  t.deepEqual(
    (await queue.renew(held)).lost.map(({ lane }) => lane),
    [9],
  );
});

test('nobody takes a lane of a Redis that was emptied before old locks have run out', async (t) => {
  const sides = await Sides.start(t);
  const { queue } = await sides.open(false);
  t.is((await queue.take())?.lane, 7);
  await sides.redis.call('FLUSHALL');
  await queue.addMissing(lanes);
  t.is(await queue.take(), null);
  const { queue: late } = await sides.open(true);
  t.is(await late.take(), null);
});

test('lanes are added again to a Redis that has lost the list of them and no more', async (t) => {
  const sides = await Sides.start(t);
  const { queue } = await sides.open(false);
  t.is((await queue.take())?.lane, 7);
  await sides.redis.call('DEL', 'bull:urlmill-job:prioritized');
  await queue.addMissing(lanes);
  t.is((await queue.take())?.lane, 9);
  t.is((await queue.take())?.lane, 3);
  t.is(await queue.take(), null);
});

test('nobody takes a lane of a Redis that was started anew', async (t) => {
  const sides = await Sides.start(t);
  const { queue, back } = await sides.open(false);
  t.is((await queue.take())?.lane, 7);
  await sides.redis.kill();
  await sides.redis.restart();
  const { queue: late } = await sides.open(true);
  t.is(await late.take(), null);
  await back();
  t.is(await queue.take(), null);
});

test('lanes are taken at once where only a connection was lost', async (t) => {
  const sides = await Sides.start(t);
  const { queue, back } = await sides.open(false);
  t.is((await queue.take())?.lane, 7);
  await sides.redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
  await back();
  t.is((await queue.take())?.lane, 9);
});

test('nobody takes a lane of a new Redis when work had begun', async (t) => {
  const sides = await Sides.start(t);
  const { queue } = await sides.open(true);
  t.is(await queue.take(), null);
});

test('where several begin a new job at once, nobody waits for locks that there never were', async (t) => {
  const sides = await Sides.start(t);
  // This one finds that the first has begun the job, although that one has not reached Redis yet.
  const { queue: late } = await sides.open(true);
  t.is(await late.take(), null);
  const { queue: first } = await sides.open(false);
  t.is((await late.take())?.lane, 7);
  t.is((await first.take())?.lane, 9);
});

test('the pauses of a lane are told to whoever asks, and are never made shorter', async (t) => {
  const sides = await Sides.start(t);
  const { queue } = await sides.open(false);
  const { queue: other } = await sides.open(true);
  const long = { host: 'a "b".test', milliseconds: 3_600_000, isDown: true };
  await queue.tellPauses(7, [long, { host: 'c.test', milliseconds: 0, isDown: false }]);
  await queue.tellPauses(7, [{ ...long, milliseconds: 5 }]);
  const [pause, ...others] = await other.pausesOf(7);
  t.deepEqual(others, []);
  t.like(pause, { host: long.host, isDown: true });
  t.true((pause?.milliseconds ?? 0) > 3_000_000 && (pause?.milliseconds ?? 0) <= 3_600_000);
  t.deepEqual(await other.pausesOf(3), []);
  // Redis deletes the pauses by itself after that time.
  t.true(Number(await sides.redis.call('PTTL', 'bull:urlmill-job:pauses-7')) > 3_000_000);
});
