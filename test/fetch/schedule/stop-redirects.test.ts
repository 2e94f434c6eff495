import test from 'ava';

import { meanwhile, urlsOf } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import { heldServer, longGrace, numbersOf, start } from './stopping.ts';

test('after stop() a row in flight still follows its redirect', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') held.push(() => response.writeHead(302, { location: '/2' }).end());
    else response.end();
  });
  const { fetcher, results } = start(t, server, ['/1', '/3'], { concurrency: 1 });
  await server.requested(1);
  fetcher.stop(longGrace);
  for (const move of held) move();
  const ended = await results;
  t.deepEqual(
    ended.map(({ url, status }) => [url, status]),
    [[`${server.url}/2`, 200]],
  );
});

test('a row that waits for the host of its redirect when stop() comes goes on in the grace', async (t) => {
  const { server, release } = await heldServer(t, 'http://busy.test/');
  const rows = ['http://busy.test/', 'http://moved.test/', 'http://busy.test/'];
  const { fetcher, results } = start(t, server, rows, { perHost: 1 });
  await server.requested(2);
  await meanwhile(t);
  fetcher.stop(longGrace);
  release();
  t.deepEqual(numbersOf(await results), [1, 2]);
});

test('a row that waits for the host of its redirect is cancelled when the grace is over', async (t) => {
  const { server } = await heldServer(t, 'http://busy.test/');
  const rows = ['http://busy.test/', 'http://moved.test/', 'http://busy.test/'];
  const { fetcher, results } = start(t, server, rows, { perHost: 1 });
  await server.requested(2);
  await meanwhile(t);
  fetcher.stop(1);
  const ended = await results;
  const seen = ended.map(({ row: { number }, error, redirects }) => [
    number,
    error,
    urlsOf(redirects).join(),
  ]);
  t.deepEqual(
    seen.toSorted(([a], [b]) => Number(a) - Number(b)),
    [
      [1, 'cancelled', ''],
      [2, 'cancelled', 'http://moved.test/'],
    ],
  );
});
