import test from 'ava';

import type { Waiting } from '../../../src/fetch/schedule/host.ts';
import type { Host } from '../../../src/fetch/schedule/host.ts';
import { HostPauses } from '../../../src/fetch/schedule/host-pauses.ts';
import { HostQueues } from '../../../src/fetch/schedule/host-queues.ts';

interface Item extends Waiting<Item> {
  readonly name: string;
}

function hosts(): { queues: HostQueues<Item>; pauses: HostPauses<Item>; add: (name: string) => Host<Item> } {
  const queues = new HostQueues<Item>({ perHost: 2, interval: 0, onReady: () => {} });
  const add = (name: string): Host<Item> => {
    const host = queues.host(name);
    queues.push(host, { name, next: null, host: null });
    return host;
  };
  return { queues, pauses: new HostPauses(queues, 60_000), add };
}

test('pauses are listed, also of hosts without items, and obeyed elsewhere', (t) => {
  const { queues, pauses, add } = hosts();
  const now = performance.now();
  add('free.test');
  add('paused.test').pausedUntil = now + 50_000;
  const idle = queues.host('idle.test');
  idle.pausedUntil = now + 3_600_000;
  queues.forget(idle);
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
  next.add('free.test');
  const paused = next.add('paused.test');
  t.true(paused.pausedUntil > performance.now() + 40_000);
  t.is(paused.downUntil, 0);
  const down = next.queues.host('idle.test');
  t.true(down.downUntil > performance.now() + 3_000_000);
  t.regex(down.downDetail, /^idle\.test was not tried: it asked to be left alone for 3600 s/);
  t.is(next.queues.take(performance.now(), false)?.name, 'free.test');
  t.is(next.queues.take(performance.now(), false), null);
  next.queues.close();
  queues.close();
});

test('a pause that is obeyed is not made shorter', (t) => {
  const { queues, pauses } = hosts();
  pauses.obey({ host: 'a.test', milliseconds: 50_000, isDown: false });
  pauses.obey({ host: 'a.test', milliseconds: 5, isDown: false });
  t.true(queues.host('a.test').pausedUntil > performance.now() + 40_000);
  queues.close();
});
