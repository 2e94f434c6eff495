import { EventEmitter, once } from 'node:events';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { httpServer } from '../../helpers/server.ts';
import { tlsSetup } from '../../../src/fetch/connect/tls-files.ts';
import { EngineHandle } from '../../../src/fetch/threads/engine-handle.ts';
import { plainEngine, requestTo } from './requests.ts';
import type { EngineOwner, Lost } from '../../../src/fetch/threads/engine-handle.ts';
import { ownEngine } from '../../../src/fetch/threads/own-engine.ts';
import type { EngineSetup } from '../../../src/fetch/threads/own-engine.ts';
import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';
import { readSaid } from '../../../src/options/resolve.ts';
import { requestOptions } from '../../../src/options/table.ts';

function owner(t: ExecutionContext, events: Partial<EngineOwner>): EngineOwner {
  const no = (words: unknown): void => t.fail(String(words));
  return { onReply: no, notice: no, onUnknown: no, onLogin: no, onBug: no, onEnd: no, ...events };
}

const setup: EngineSetup = {
  connectTimeout: 60_000,
  timeout: 60_000,
  denyPrivate: false,
  allowPrivate: false,
  connectTo: [],
  proxy: 'none',
  aia: false,
  perHost: 6,
  ...plainEngine,
  dnsServer: [],
  strict: false,
  followMeta: false,
  tls: tlsSetup(readSaid(requestOptions, {}), {}),
};

test('what is stopped has ended when stop() returns, whatever its thread does', async (t) => {
  const replies: EngineReply[] = [];
  // The thread has not loaded yet, and does not read its messages.
  const handle = new EngineHandle({} as EngineSetup, owner(t, { onReply: (reply) => replies.push(reply) }));
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

/** A handle with one request, and a promise of the requests that its thread leaves behind. */
function started(t: ExecutionContext, given: EngineSetup, url: string) {
  let handle: EngineHandle | null = null;
  const ended = new Promise<{ reason: string; lost: readonly Lost[] }>((resolve) => {
    handle = new EngineHandle(given, owner(t, { onEnd: (reason, lost) => resolve({ reason, lost }) }));
    handle.start(requestTo(url, 0));
  });
  t.teardown(() => handle?.destroy());
  return { look: (now: number): void => handle?.look(now), ended };
}

test('a request that a thread has never taken was not sent', async (t) => {
  const { ended } = started(t, {} as EngineSetup, 'http://a.test');
  const { lost } = await ended;
  t.deepEqual(
    lost.map(({ request: { id }, wasTaken }) => [id, wasTaken]),
    [[0, false]],
  );
});

test('a thread that keeps no deadline and says nothing is ended', async (t) => {
  const server = await httpServer(t, () => {});
  const { look, ended } = started(t, setup, server.url);
  await server.requested(1);
  const now = performance.now();
  for (const milliseconds of [0, 0, 0, 69_000, 69_000, 71_000, 0, 71_000]) look(now + milliseconds);
  t.is(await Promise.race([ended, Promise.resolve('still there')]), 'still there');
  look(now + 71_000);
  const { reason, lost } = await ended;
  t.is(reason, 'it did not answer any more');
  t.deepEqual(
    lost.map(({ request: { id }, wasTaken }) => [id, wasTaken]),
    [[0, true]],
  );
});

test('a thread that has only some of the requests is still there after they are stopped', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/again') response.end();
  });
  const replies = new Map<number, EngineReply>();
  const events = new EventEmitter();
  const onReply = (reply: EngineReply): void => {
    replies.set(reply.id, reply);
    events.emit(`${reply.id}`);
  };
  const handle = new EngineHandle(setup, owner(t, { onReply }));
  t.teardown(() => handle.destroy());
  // Other engines have the requests with the ids between.
  for (const id of [3, 7]) handle.start(requestTo(server.url, id));
  await server.requested(2);
  handle.stop('cancelled', 'the run was stopped');
  handle.start({ ...requestTo(server.url, 5), path: '/again' });
  await once(events, '5');
  t.deepEqual(
    [3, 7, 5].map((id) => [replies.get(id)?.error, replies.get(id)?.status]),
    [
      ['cancelled', null],
      ['cancelled', null],
      [null, 200],
    ],
  );
});

test('an engine that has only some of the requests drops them and closes their connections', async (t) => {
  const server = await httpServer(t, () => {});
  const engine = ownEngine(setup, owner(t, {}));
  for (const id of [3, 7]) engine.start(requestTo(server.url, id));
  await server.requested(2);
  await engine.destroy();
  await server.closed();
  t.is(server.requests.length, 2);
});
