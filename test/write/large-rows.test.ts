import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import test from 'ava';

import { writeResults } from '../../src/write/write-results.ts';
import { resultOf, tableOf } from './samples.ts';

test('rows that fill a batch each come out without waiting for the timer of batches', async (t) => {
  const table = tableOf('url', 'text');
  const results = Array.from({ length: 200 }, () => resultOf(table, ['http://a.test/', 'x'.repeat(30_000)]));
  let taken = 0;
  const sink = new Writable({
    highWaterMark: 256 * 1024,
    write(chunk: Buffer, _, callback) {
      taken += chunk.length;
      setImmediate(callback);
    },
  });
  // From here on, no timer fires.
  const { setTimeout: realSetTimeout } = globalThis;
  globalThis.setTimeout = (() => ({})) as unknown as typeof setTimeout;
  t.teardown(() => (globalThis.setTimeout = realSetTimeout));
  const run = { isDone: false };
  const done = pipeline(Readable.from(results), writeResults(), sink).finally(() => (run.isDone = true));
  for (let turn = 0; turn < 10_000 && !run.isDone; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  t.true(run.isDone, `only ${taken} bytes have come`);
  await done;
  t.true(taken > 200 * 30_000);
});
