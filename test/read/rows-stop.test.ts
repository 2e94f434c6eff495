import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { readOptions, sourceOf } from '../helpers/reading.ts';
import type { Row } from '../../src/shared/records.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import { streamSource } from '../../src/read/source.ts';
import type { Source } from '../../src/read/source.ts';

/** Writes the bytes and leaves the source open, then stops while the reader waits for more. */
const stops = test.macro(async (t, bytes: string | Buffer, expected: readonly string[]) => {
  const stream = new PassThrough();
  const state = new ReadState();
  const rows = readRows([streamSource(stream, 'standard input')], readOptions(), state);
  stream.write(bytes);
  const urls: string[] = [];
  let next = rows.next();
  // Everything was read and the next batch was requested, so that only the stop can end the reading.
  while (urls.length < expected.length) {
    urls.push(...((await next).value as Row[]).map(({ url }) => url));
    next = rows.next();
  }
  state.stop();
  for (let last = await next; last.done !== true; last = await rows.next()) {
    urls.push(...last.value.map(({ url }) => url));
  }
  t.deepEqual(urls, expected);
  t.true(stream.destroyed);
  t.like(state, { stopped: true, done: true, rows: expected.length });
});

const a = 'https://a.org/';

test('a stop ends a CSV that waits for more', stops, `url\n${a}\nhttps://b`, [a]);
test('a stop ends a list that waits for more', stops, `${a}\n${a}\nhttps://b`, [a, a]);
test(
  'a stop ends JSON Lines that wait for more',
  stops,
  `${`{"u":"${a}"}\n`.repeat(100)}{"u":"b`,
  Array.from({ length: 100 }, () => a),
);
test('a stop within quotes is no fault', stops, `url\n${a}\n"https://b`, [a]);
test('a stop before the first row is no fault', stops, 'url\n', []);
test('a stop before the end of the header is no fault', stops, 'ur', []);
test('a stop before the first byte is no fault', stops, '', []);
test('a stop within gzip is no fault', stops, gzipSync(`url\n${a}\n`).subarray(0, 12), []);

test('a stop leaves the sources that follow unopened', async (t) => {
  const state = new ReadState();
  let opened = false;
  const second: Source = {
    ...sourceOf('url\nb.org\n'),
    open: () => {
      opened = true;
      return new PassThrough();
    },
  };
  const stream = new PassThrough();
  const rows = readRows([streamSource(stream, 'one'), second], readOptions(), state);
  stream.write('url\na.org\nb.org\nc.org\n');
  const urls: string[] = [];
  for await (const batch of rows) {
    urls.push(...batch.map(({ url }) => url));
    if (urls.length > 0) state.stop();
  }
  t.false(opened);
  t.is(urls[0], 'https://a.org');
});

test('a stop before the start reads nothing', async (t) => {
  const state = new ReadState();
  state.stop();
  const stream = new PassThrough();
  stream.write('url\na.org\nb.org\n');
  const batch = await readRows([streamSource(stream, 'one')], readOptions(), state).next();
  t.true(batch.done);
  t.like(state, { table: null, rows: 0, bytes: 0, done: true });
});
