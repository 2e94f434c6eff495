import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import test from 'ava';

import type { Row } from '../../src/shared/records.ts';
import { rowStream } from '../../src/read/row-stream.ts';

const table = { names: ['url'], header: true };

function rowsFrom(first: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const url = `https://a.example/${first + index}`;
    return { number: first + index, cells: [url], table, url, error: null, detail: '', json: null };
  });
}

/** Batches of these sizes. `given` is their number so far; `closed` is whether the generator was ended. */
function batchesOf(sizes: Iterable<number>): {
  batches: AsyncGenerator<Row[]>;
  given: () => number;
  closed: () => boolean;
} {
  let given = 0;
  let closed = false;
  async function* generate(): AsyncGenerator<Row[]> {
    let number = 1;
    try {
      for (const size of sizes) {
        given++;
        yield rowsFrom(number, size);
        number += size;
      }
    } finally {
      closed = true;
    }
  }
  return { batches: generate(), given: () => given, closed: () => closed };
}

function* forever(size: number): Generator<number> {
  for (;;) yield size;
}

async function numbersOf(stream: AsyncIterable<Row>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of stream) numbers.push(number);
  return numbers;
}

const streams = test.macro(async (t, sizes: readonly number[]) => {
  const { batches, closed } = batchesOf(sizes);
  const count = sizes.reduce((sum, size) => sum + size, 0);
  t.deepEqual(
    await numbersOf(rowStream(batches)),
    Array.from({ length: count }, (_, index) => index + 1),
  );
  t.true(closed());
});

test('the rows of all batches come one by one', streams, [2, 3, 1]);
test('batches may be empty', streams, [0, 2, 0, 0, 3, 0]);
test('there may be no batch', streams, []);
test('there may be no row', streams, [0, 0]);
test('a batch may be larger than a stream holds', streams, [1000, 1, 1000]);
test(
  'there may be many batches of one',
  streams,
  Array.from({ length: 500 }, () => 1),
);
test('a large batch may follow a small one', streams, [1, 1000, 1000, 1]);
test('batches may be as large as a stream holds', streams, [16, 16, 16]);

test('nothing is asked for before somebody reads', async (t) => {
  const { batches, given } = batchesOf(forever(10));
  const stream = rowStream(batches);
  for (let turns = 0; turns < 20; turns++) await turn();
  t.is(given(), 0);
  stream.destroy();
});

test('no more is asked for than the stream holds', async (t) => {
  const { batches, given } = batchesOf(forever(10));
  const stream = rowStream(batches);
  stream.on('error', (error) => t.fail(error.message));
  stream.read(0);
  for (let turns = 0; turns < 500; turns++) await turn();
  t.true(stream.readableLength >= stream.readableHighWaterMark);
  t.true(given() <= 3, `${given()} batches were taken`);
  stream.destroy();
});

test('what was taken is all that is asked for again', async (t) => {
  const { batches, given } = batchesOf(forever(1));
  const stream = rowStream(batches);
  for (let taken = 0; taken < 100; taken++) {
    if (stream.readableLength === 0) await once(stream, 'readable');
    t.is((stream.read() as Row).number, taken + 1);
  }
  t.true(given() <= 100 + 2 * stream.readableHighWaterMark, `${given()} batches were taken`);
  stream.destroy();
});

test('an error of the batches is that of the stream', async (t) => {
  const broken = new Error('broken');
  async function* batches(): AsyncGenerator<Row[]> {
    yield rowsFrom(1, 2);
    throw broken;
  }
  const numbers: number[] = [];
  const stream = rowStream(batches());
  const error = await t.throwsAsync(async () => {
    for await (const { number } of stream as AsyncIterable<Row>) numbers.push(number);
  });
  t.is(error, broken);
  t.true(stream.destroyed);
});

test('who has enough ends the batches', async (t) => {
  const { batches, closed } = batchesOf(forever(10));
  for await (const { number } of rowStream(batches) as AsyncIterable<Row>) if (number === 5) break;
  t.true((await batches.next()).done);
  t.true(closed());
});

/** Batches of a source that throws when it is closed early. */
async function* complaining(): AsyncGenerator<Row[]> {
  try {
    for (;;) yield rowsFrom(1, 1);
  } finally {
    await Promise.reject(new Error('premature close'));
  }
}

test('what closing the batches meets is of no interest', async (t) => {
  const stream = rowStream(complaining());
  stream.read(0);
  await once(stream, 'readable');
  const closed = once(stream, 'close');
  stream.destroy();
  await closed;
  t.is(stream.errored, null);
});
