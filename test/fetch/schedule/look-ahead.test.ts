import test from 'ava';

import { fetchAll } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';

/** Most rows in the streams' buffers: 16 and one in Readable.from, one on its way, and some reserve. */
const inBuffers = 20;

interface Watched {
  /** The most rows that had been read and not yet answered, at any request. */
  readonly most: number;
  readonly results: number;
}

const lookAheadOf = test.macro({
  exec: async (t, lookAhead: number, concurrency: number, perHost: number, expected: [number, number]) => {
    const { most, results } = await watch(t, { lookAhead, concurrency, perHost });
    t.is(results, 500);
    const [least, greatest] = expected;
    t.true(most >= least && most <= greatest + inBuffers, `${most} rows were held`);
  },
  title: (name) => `rows held in memory: ${name}`,
});

test('as many as --look-ahead, while their host is at its limit', lookAheadOf, 100, 4, 1, [100, 100]);
test('one at a time', lookAheadOf, 1, 4, 1, [1, 1]);
test('no more than it takes to keep all slots busy', lookAheadOf, 400, 4, 4, [5, 8]);

async function watch(
  t: Parameters<typeof httpServer>[0],
  limits: { readonly lookAhead: number; readonly concurrency: number; readonly perHost: number },
): Promise<Watched> {
  let taken = 0;
  let answered = 0;
  let most = 0;
  const server = await httpServer(t, (_, response) => {
    most = Math.max(most, taken - answered);
    // Gives the reading of rows every chance to run ahead.
    setImmediate(() => {
      answered++;
      response.end();
    });
  });
  function* rows(): Generator<string> {
    for (; taken < 500; taken++) yield server.url;
  }
  // In order: otherwise the rows that do not fit would wait on disk.
  const { length } = await fetchAll(rows(), { ...limits, ordered: true });
  return { most, results: length };
}
