import test from 'ava';

import type { Host } from '../../../src/fetch/schedule/host.ts';
import { HostQueues } from '../../../src/fetch/schedule/host-queues.ts';

interface Item {
  next: Item | null;
  host: Host<Item> | null;
}

test('no timer is left of a host that is forgotten while it waited for its time', (t) => {
  const queues = new HostQueues<Item>({ perHost: 2, interval: 3_600_000, onReady: () => {} });
  const host = queues.host('a');
  queues.push(host, { next: null, host: null });
  queues.push(host, { next: null, host: null });
  const now = performance.now();
  t.not(queues.take(now, false), null);
  // The second one has to wait for an hour; it is dropped, and the first one ends.
  t.is(queues.take(now, false), null);
  t.not(host.timer, null);
  t.is(queues.drop(() => true).length, 1);
  queues.release(host);
  t.is(host.timer, null);
  // It comes again and still keeps its pace.
  t.is(queues.host('a'), host);
  queues.push(host, { next: null, host: null });
  t.is(queues.take(now + 1, false), null);
  queues.close();
  t.is(host.timer, null);
});
