import test from 'ava';

import { HostPauses } from '../../../src/fetch/schedule/host-pauses.ts';
import { HostStates } from '../../../src/fetch/schedule/host-states.ts';

function hosts(): { states: HostStates; pauses: HostPauses } {
  const states = new HostStates({ perHost: 2, interval: 0 });
  return { states, pauses: new HostPauses(states, 60_000) };
}

test('pauses are listed, also of hosts without rows, and obeyed elsewhere', (t) => {
  const { states, pauses } = hosts();
  const now = performance.now();
  states.join('free.test');
  states.join('paused.test').pausedUntil = now + 50_000;
  const idle = states.join('idle.test');
  idle.pausedUntil = now + 3_600_000;
  states.leave(idle);
  const listed = pauses.list(1000);
  t.deepEqual(
    new Map(listed.map(({ host, isDown }) => [host, isDown])),
    new Map([
      ['paused.test', false],
      ['idle.test', true],
    ]),
  );
  t.deepEqual(pauses.list(4_000_000), []);

  const next = hosts();
  for (const pause of listed) next.pauses.obey(pause);
  t.true(next.states.join('free.test').readyAt <= performance.now());
  const paused = next.states.join('paused.test');
  t.true(paused.readyAt > performance.now() + 40_000);
  t.is(paused.downUntil, 0);
  const down = next.states.join('idle.test');
  t.true(down.downUntil > performance.now() + 3_000_000);
  t.regex(down.downDetail, /^idle\.test was not tried: it asked to be left alone for 3600 s/);
});

test('a pause that is obeyed is not made shorter', (t) => {
  const { states, pauses } = hosts();
  pauses.obey({ host: 'a.test', milliseconds: 50_000, isDown: false });
  pauses.obey({ host: 'a.test', milliseconds: 5, isDown: false });
  t.true(states.join('a.test').pausedUntil > performance.now() + 40_000);
});
