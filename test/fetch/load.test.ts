import { Readable } from 'node:stream';

import test from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import { everythingTo } from '../helpers/fetch.ts';
import { httpServer, rawServer } from '../helpers/server.ts';

test('requests in flight are told, and none when all have ended', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, (_, response) => held.push(() => response.end('ok')));
  const urls = [1, 2, 3].map((path) => `${server.url}/${path}`);
  const fetcher = Readable.from(urls).pipe(fetchUrls());
  const results = fetcher.toArray();
  await server.requested(3);
  t.deepEqual(fetcher.load(), { inFlight: 3, hostsDown: 0 });
  for (const answer of held) answer();
  await results;
  t.deepEqual(fetcher.load(), { inFlight: 0, hostsDown: 0 });
});

test('a host that is not tried any more is told, with rows and without', async (t) => {
  const server = await rawServer(t, (socket) => socket.resetAndDestroy());
  const urls = Array.from({ length: 20 }, (_, path) => `http://a.test/${path}`);
  const fetcher = Readable.from(urls).pipe(
    fetchUrls({ perHost: 1, retries: 0, maxWait: 1, connectTo: [everythingTo(server)] }),
  );
  await fetcher.toArray();
  t.deepEqual(fetcher.load(), { inFlight: 0, hostsDown: 1 });
});
