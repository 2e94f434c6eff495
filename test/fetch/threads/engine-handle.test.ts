import test from 'ava';

import { EngineHandle } from '../../../src/fetch/threads/engine-handle.ts';
import type { EngineOwner } from '../../../src/fetch/threads/engine-handle.ts';
import type { EngineSetup } from '../../../src/fetch/threads/own-engine.ts';
import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';

test('what is stopped has ended when stop() returns, whatever its thread does', async (t) => {
  const replies: EngineReply[] = [];
  const fails = (words: unknown): void => t.fail(String(words));
  const owner: EngineOwner = {
    onReply: (reply) => replies.push(reply),
    notice: fails,
    onUnknown: fails,
    onLogin: fails,
    onBug: fails,
    onEnd: fails,
  };
  // Its thread has not loaded yet, and does not look at what it is told.
  const handle = new EngineHandle({} as EngineSetup, owner);
  t.teardown(() => handle.destroy());
  for (const id of [3, 4]) handle.start({ id, origin: 'http://a.test', body: null } as EngineRequest);
  await Promise.resolve();
  handle.start({ id: 5, origin: 'http://a.test', body: null } as EngineRequest);
  handle.stop('cancelled', 'the run was stopped');
  t.deepEqual(
    replies.map(({ id, status, error, detail }) => [id, status, error, detail]),
    [3, 4, 5].map((id) => [id, null, 'cancelled', 'the run was stopped']),
  );
});
