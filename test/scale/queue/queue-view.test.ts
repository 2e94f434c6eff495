import test from 'ava';

import { loadPeers } from '../../../src/scale/queue/peers.ts';
import { QueueView } from '../../../src/scale/queue/queue-view.ts';

test('a queue that was never there is told, though nobody answers what it was asked', async (t) => {
  // By then the connection is one that waits for its next try.
  const address = { url: 'redis://127.0.0.1:1', shown: 'redis://127.0.0.1:1' };
  const view = new QueueView(await loadPeers(), address, 'job', 300);
  t.teardown(() => view.close());
  await t.throwsAsync(view.read(), { name: 'QueueLostError', message: /could not be reached.*ECONNREFUSED/ });
});
