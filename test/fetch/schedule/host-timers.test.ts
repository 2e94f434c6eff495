import test from 'ava';

import type { Host } from '../../../src/fetch/schedule/host.ts';
import { OwnQueues } from './queues.ts';

interface Item {
  next: Item | null;
  host: Host<Item> | null;
}

test('no timer is left of a host that is forgotten while it waited for its time', (t) => {
  const queues = new OwnQueues<Item>({ perHost: 2, interval: 3_600_000 });
  const host = queues.host('a');
  queues.push(host, { next: null, host: null });
  queues.push(host, { next: null, host: null });
  const now = performance.now();
  t.not(queues.take(now, false), null);
  // The second item would have to wait for an hour. It is dropped, and the first one ends.
  t.is(queues.take(now, false), null);
  t.not(host.timer, null);
  t.is(queues.drop(() => true).length, 1);
  queues.release(host);
  t.is(host.timer, null);
  // When the host is used again, it still keeps its pace.
  const again = queues.host('a');
  t.is(again.state, host.state);
  queues.push(again, { next: null, host: null });
  t.is(queues.take(now + 1, false), null);
  t.not(again.timer, null);
  queues.close();
  t.is(again.timer, null);
});
