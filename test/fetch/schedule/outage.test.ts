import { EventEmitter, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { Outage } from '../../../src/fetch/schedule/outage.ts';

const maxWait = 120_000;

/** An `Outage` whose probes succeed if `state.up` is set; with records of what it did. */
function outage(t: ExecutionContext, most = maxWait, networkWait = 600_000) {
  const said: string[] = [];
  const looks: string[] = [];
  const state = { up: true, ends: 0, probes: 0, lost: 0 };
  const events = new EventEmitter();
  const probed = once(events, 'probe');
  const ended = once(events, 'end');
  const lost = once(events, 'lost');
  const it = new Outage({
    maxWait: most,
    networkWait,
    reach: async (origin) => {
      looks.push(origin);
      return Promise.resolve(state.up);
    },
    probe: (count) => {
      state.probes += count;
      events.emit('probe');
    },
    onEnd: () => {
      state.ends++;
      events.emit('end');
    },
    onLost: () => {
      state.lost++;
      events.emit('lost');
    },
    notice: (text) => said.push(text),
  });
  t.teardown(() => it.close());
  return { it, said, looks, state, probed, ended, lost };
}

function fail(it: Outage, count: number, prefix = 'h'): void {
  for (let i = 0; i < count; i++) it.failed(`${prefix}${i}`, 'refused');
}

test('four hosts that fail are no outage, nor one that fails often', (t) => {
  const { it, looks } = outage(t);
  fail(it, 4);
  fail(it, 4);
  t.false(it.holding);
  fail(it, 5);
  t.true(it.holding);
  t.deepEqual(looks, []);
});

test('three hosts are enough when they are all that is left, but not before three origins have answered', (t) => {
  const { it } = outage(t);
  for (let i = 0; i < 4; i++) it.failed(`h${i}`, 'refused', i);
  for (const name of ['a', 'b', 'c']) it.reached(`http://${name}.test`);
  for (let i = 0; i < 3; i++) it.failed(`h${i}`, 'refused', 4);
  t.false(it.holding);
  it.reached('http://a.test');
  for (let i = 0; i < 2; i++) it.failed(`h${i}`, 'refused', 2);
  t.false(it.holding);
  it.failed('h2', 'refused', 3);
  t.true(it.holding);
});

test('an answer in between starts the count again', (t) => {
  const { it } = outage(t);
  for (let round = 0; round < 20; round++) {
    fail(it, 4, `${round}-`);
    it.reached('http://a.test');
    t.false(it.holding);
  }
});

test('hosts that are dead stop nothing for long while others can be reached', async (t) => {
  const { it, state, looks, said } = outage(t);
  it.reached('http://a.test');
  let failures = 0;
  for (let i = 0; i < 5000; i++) {
    it.failed(`h${i}`, 'refused');
    failures++;
    // It must go on after a few turns of the event loop, without waiting for a timer.
    for (let turns = 0; it.holding && turns < 10; turns++) await turn();
    t.false(it.holding, `after ${failures}`);
  }
  // Hosts that answered are not probed again and again because others are dead.
  t.true(looks.length <= 12, `${looks.length}`);
  t.is(state.ends, looks.length);
  t.is(state.probes, 0);
  t.deepEqual(said, []);
});

test('after many answers five hosts are enough again', async (t) => {
  const { it } = outage(t);
  it.reached('http://a.test');
  fail(it, 5);
  await turn();
  t.false(it.holding);
  fail(it, 9);
  t.false(it.holding);
  for (let i = 0; i < 5; i++) it.reached('http://a.test');
  fail(it, 5);
  t.true(it.holding);
});

test('the last three origins that were new are asked', async (t) => {
  const { it, looks, ended } = outage(t);
  for (const name of ['a', 'b', 'a', 'c', 'd', 'd']) it.reached(`http://${name}.test`);
  fail(it, 5);
  await ended;
  t.deepEqual(looks, ['http://b.test', 'http://c.test', 'http://d.test']);
});

test('when none can be reached it says so once, lets some requests out, and ends with the first answer', async (t) => {
  const { it, state, said, probed } = outage(t);
  it.reached('http://a.test');
  state.up = false;
  fail(it, 7);
  await probed;
  t.true(it.holding);
  t.is(state.probes, 3);
  t.deepEqual(said, ['no host can be reached (5 tried, the last one: refused); waiting for the network']);
  it.reached('http://b.test');
  t.false(it.holding);
  t.is(state.ends, 1);
  t.is(said.length, 2);
  t.regex(said[1] ?? '', /^the network is back/);
});

test('it ends as well when an origin can be reached again', async (t) => {
  const { it, state, said, probed, ended } = outage(t);
  it.reached('http://a.test');
  state.up = false;
  fail(it, 5);
  await probed;
  state.up = true;
  await ended;
  t.false(it.holding);
  t.is(said.length, 2);
});

test('a short interruption is not worth a word', async (t) => {
  const { it, state, said, ended } = outage(t);
  it.reached('http://a.test');
  state.up = false;
  fail(it, 5);
  await turn();
  t.true(it.holding);
  state.up = true;
  await ended;
  t.false(it.holding);
  t.deepEqual(said, []);
  t.is(state.probes, 0);
});

test('a list of dead hosts goes on after the longest wait, and is not stopped again before an answer', async (t) => {
  const { it, said, state, ended } = outage(t, 1);
  fail(it, 5);
  await ended;
  t.false(it.holding);
  t.is(said.length, 2);
  t.regex(said[1] ?? '', /^still no host can be reached/);
  fail(it, 50, 'more');
  t.false(it.holding);
  it.reached('http://a.test');
  state.up = false;
  fail(it, 5, 'again');
  t.true(it.holding);
});

test('a look that ends late says nothing of the next outage', async (t) => {
  const looks: ((reached: boolean) => void)[] = [];
  let ends = 0;
  const it = new Outage({
    maxWait,
    networkWait: 600_000,
    onLost: () => {},
    reach: async () => new Promise((resolve) => looks.push(resolve)),
    probe: () => {},
    onEnd: () => ends++,
    notice: () => {},
  });
  t.teardown(() => it.close());
  it.reached('http://a.test');
  fail(it, 5);
  it.reached('http://a.test');
  t.is(ends, 1);
  fail(it, 5);
  t.is(looks.length, 2);
  looks[0]?.(true);
  await turn();
  t.true(it.holding);
  looks[1]?.(true);
  await turn();
  t.false(it.holding);
});

test('once closed it holds nothing, and begins nothing', async (t) => {
  const { it, state, said } = outage(t);
  it.reached('http://a.test');
  state.up = false;
  fail(it, 5);
  it.close();
  await turn();
  t.false(it.holding);
  it.reached('http://b.test');
  it.reached('http://c.test');
  fail(it, 50, 'more');
  for (let i = 0; i < 9; i++) it.failed(`few${i}`, 'refused', 3);
  t.false(it.holding);
  t.is(state.ends, 0);
  t.deepEqual(said, []);
});

test('when origins have answered and nothing can be reached for the longest wait, the run is lost; nothing is started any more', async (t) => {
  const { it, state, said, looks, lost } = outage(t, 1, 1);
  for (const name of ['a', 'b', 'c']) it.reached(`http://${name}.test`);
  state.up = false;
  fail(it, 5);
  await lost;
  await turn();
  t.like(state, { lost: 1, ends: 0, probes: 0 });
  t.true(it.holding);
  t.is(said.length, 1);
  // All three are probed at first, and again after the wait; the timer may be early, so there may be another
  // round.
  t.true(looks.length >= 6 && looks.length % 3 === 0, `${looks.length} looks`);
});

test('a look that reaches something is in time however late it is', async (t) => {
  const { it, state, ended, probed } = outage(t, 1, 1500);
  for (const name of ['a', 'b', 'c']) it.reached(`http://${name}.test`);
  state.up = false;
  fail(it, 5);
  await probed;
  state.up = true;
  await ended;
  t.like(state, { lost: 0, ends: 1 });
});

test('with two origins that have answered it goes on after the longest wait of a host, as before', async (t) => {
  const { it, state, ended } = outage(t, 1, 1);
  for (const name of ['a', 'b']) it.reached(`http://${name}.test`);
  state.up = false;
  fail(it, 5);
  await ended;
  t.like(state, { lost: 0, ends: 1 });
  t.true(it.endedAt > 0);
});
