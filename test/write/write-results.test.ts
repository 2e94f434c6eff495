import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import type { Result } from '../../src/shared/records.ts';
import type { Batch } from '../../src/write/batch.ts';
import { WriteResults, writeResults } from '../../src/write/write-results.ts';
import type { WriterSettings } from '../../src/write/write-results.ts';
import { resultOf, tableOf, written } from './samples.ts';

const table = tableOf('url');
const header = 'url,fetch_status\n';

function writer(settings: Partial<WriterSettings> = {}): WriteResults {
  const added = { results: ['status'], processed: [], prefix: 'fetch_' };
  return new WriteResults({ format: 'csv', added, ...settings });
}

function rows(count: number, cell = 'a'): Result[] {
  return Array.from({ length: count }, () => resultOf(table, [cell]));
}

/** Collects the output; `until` waits for this many bytes in all. */
function collect(stream: WriteResults): { chunks: Buffer[]; until: (bytes: number) => Promise<void> } {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    chunks,
    until: async (bytes) => {
      while (Buffer.concat(chunks).length < bytes) await once(stream, 'data');
    },
  };
}

test('a single row comes out while the stream stays open', async (t) => {
  const stream = writer();
  const { chunks, until } = collect(stream);
  stream.write(resultOf(table, ['a']));
  const expected = `${header}a,200\n`;
  await until(expected.length);
  t.is(Buffer.concat(chunks).toString(), expected);
  t.false(stream.writableEnded);
});

test('a row that comes later comes out as well, without another header', async (t) => {
  const stream = writer();
  const { chunks, until } = collect(stream);
  stream.write(resultOf(table, ['a']));
  await until(header.length + 6);
  stream.write(resultOf(table, ['b']));
  await until(header.length + 12);
  t.is(Buffer.concat(chunks).toString(), `${header}a,200\nb,200\n`);
});

test('rows that come together come out together', async (t) => {
  const stream = writer();
  const { chunks } = collect(stream);
  await pipeline(Readable.from(rows(5000)), stream);
  t.is(Buffer.concat(chunks).toString(), header + 'a,200\n'.repeat(5000));
  t.true(chunks.length < 100, `${chunks.length} chunks`);
});

test('a long list comes out in pieces, not at its end', async (t) => {
  let first = 0;
  let count = 0;
  const stream = writer({ onRow: () => count++ });
  stream.on('data', (chunk: Buffer) => {
    if (first === 0 && chunk.length > header.length) first = count;
  });
  await pipeline(Readable.from(rows(50_000, 'x'.repeat(20))), stream);
  t.true(first > 0 && first < 25_000, `${first} rows`);
});

test('each row is announced when it is formatted', async (t) => {
  const seen: Result[] = [];
  const results = rows(3);
  const stream = writer({ onRow: (result) => seen.push(result) });
  stream.resume();
  await pipeline(Readable.from(results), stream);
  t.deepEqual(
    seen.map((result, i) => result === results[i]),
    [true, true, true],
  );
});

const stopsTaking = test.macro({
  exec: async (t, pause: number) => {
    const given = 40;
    let taken = 0;
    async function* source(): AsyncGenerator<Result> {
      for (const result of rows(given, 'x'.repeat(20_000))) {
        taken++;
        yield result;
        await delay(pause);
      }
    }
    const stream = writer();
    const all = pipeline(Readable.from(source()), stream);
    // Long enough for all rows, if nothing held them back.
    await Promise.race([all, delay(given * (pause + 5) + 500)]);
    t.true(taken < given, `${taken} rows`);
    stream.resume();
    await all;
    t.is(taken, given);
  },
  title: (what) => `while nobody reads, rows that come ${what} are not taken without end`,
});

test('at once', stopsTaking, 0);
// More slowly than batches are passed on, so that each row is a batch.
test('one by one', stopsTaking, 60);

test('each batch is told of with where it ends, its rows and the figures, before its bytes come', async (t) => {
  const told: Batch[] = [];
  let bytes = 0;
  let figures = 0;
  const stream = writer({
    onBatch: (batch) => {
      t.true(batch.end > bytes);
      told.push(batch);
    },
    onRow: () => figures++,
    figures: () => figures,
  });
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await pipeline(Readable.from(rows(2500)), stream);
  t.deepEqual(
    told.map((batch) => [batch.rows.length, batch.figures]),
    [
      [0, 0],
      [1000, 1000],
      [1000, 2000],
      [500, 2500],
    ],
  );
  t.is(told.at(-1)?.end, bytes);
});

test('an output that is gone on with gets no second header, and its places are those of the whole', async (t) => {
  const told: Batch[] = [];
  const stream = writer({ start: 1000, onBatch: (batch) => void told.push(batch) });
  const { chunks } = collect(stream);
  await pipeline(Readable.from(rows(3)), stream);
  t.is(Buffer.concat(chunks).length, 18);
  t.deepEqual(
    told.map(({ end }) => end),
    [1018],
  );
});

test('rows that are not taken are neither written nor counted', async (t) => {
  const counted: number[] = [];
  const stream = writer({
    takes: ({ error }) => error !== 'cancelled',
    onRow: ({ status }) => void counted.push(status ?? 0),
  });
  const { chunks } = collect(stream);
  const given = [{}, { status: null, error: 'cancelled' as const }, { status: 404 }];
  await pipeline(Readable.from(given.map((changes) => resultOf(table, ['a'], changes))), stream);
  t.is(Buffer.concat(chunks).toString(), `${header}a,200\na,404\n`);
  t.deepEqual(counted, [200, 404]);
});

const noRows = test.macro({
  exec: async (t, settings: Partial<WriterSettings>, expected: string) => {
    const stream = writer(settings);
    const { chunks } = collect(stream);
    await pipeline(Readable.from([]), stream);
    t.is(Buffer.concat(chunks).toString(), expected);
  },
  title: (what) => `without rows ${what}`,
});

test('the header comes of the table that is told', noRows, { emptyTable: () => table }, header);
test('and without a table nothing comes', noRows, {}, '');
test('and where there is no table nothing comes', noRows, { emptyTable: () => null }, '');
test(
  'and without a header line nothing comes',
  noRows,
  { emptyTable: () => ({ names: ['1'], header: false }) },
  '',
);

test('rows of another table with the same columns are taken', async (t) => {
  const results = [resultOf(table, ['a']), resultOf(tableOf('url'), ['b'])];
  t.is(await written(results, { columns: 'status' }), `${header}a,200\nb,200\n`);
});

test('rows of a table with other columns are refused', async (t) => {
  const results = [resultOf(table, ['a']), resultOf(tableOf('uri'), ['b'])];
  await t.throwsAsync(pipeline(Readable.from(results), writeResults().resume()), {
    instanceOf: UsageError,
    message: /the columns have changed/,
  });
});

test("a processor's column that the input has is refused", async (t) => {
  const stream = writeResults({ processed: ['url'] }).resume();
  await t.throwsAsync(pipeline(Readable.from(rows(1)), stream), {
    instanceOf: UsageError,
    message: /already has a column "url"/,
  });
});

test('an unknown option is refused', (t) => {
  t.throws(() => writeResults({ concurrency: 3 } as object), {
    instanceOf: UsageError,
    message: /concurrency/,
  });
});

test('an unknown column is refused', (t) => {
  t.throws(() => writeResults({ columns: 'x' }), { instanceOf: UsageError, message: /no column "x"/ });
});

/** Results whose value is a list of this many elements; a row's only cell is its number. */
function lists(...counts: readonly number[]): Result[] {
  return counts.map((count, index) => {
    const { row } = resultOf(table, [`${index + 1}`]);
    const v = Array.from({ length: count }, () => 'x'.repeat(99));
    return resultOf(table, [], { row: { ...row, number: index + 1 }, values: { v } });
  });
}

const exploding: Partial<WriterSettings> = {
  added: { results: [], processed: ['v'], prefix: 'fetch_' },
  exploded: 'v',
};

test('the elements of a row come out in pieces, and no batch ends among them', async (t) => {
  for (const gzip of [false, true]) {
    const batches: Batch[] = [];
    const stream = writer({ ...exploding, gzip, onBatch: (batch) => batches.push(batch) });
    const chunks = await Readable.from(lists(1, 20_000, 0, 30_000, 2))
      .pipe(stream)
      .toArray();
    if (!gzip) t.true(chunks.length > 6, `${chunks.length} chunks`);
    t.deepEqual(
      batches.flatMap(({ rows: numbers }) => numbers),
      [1, 2, 3, 4, 5],
    );
    const bytes = Buffer.concat(chunks as Buffer[]);
    t.is(batches.at(-1)?.end, bytes.length);
    const counts = [1, 20_000, 1, 30_000, 2];
    for (const { end, rows: numbers } of batches.filter((batch) => batch.rows.length > 0)) {
      const begun = bytes.subarray(0, end);
      const lines = (gzip ? gunzipSync(begun) : begun).toString().split('\n').slice(1, -1);
      const expected = counts.flatMap((count, index) => Array.from({ length: count }, () => `${index + 1}`));
      const last = Math.max(...numbers);
      t.deepEqual(
        lines.map((line) => line.replace(/,.*/, '')),
        expected.filter((number) => Number(number) <= last),
      );
    }
  }
});

test('elements are not made before there is room for them', async (t) => {
  let made = 0;
  const list = Array.from({ length: 50_000 }, () => ({
    toJSON: () => {
      made++;
      return 'x'.repeat(99);
    },
  }));
  const stream = writer({ ...exploding });
  stream.write(resultOf(table, ['a'], { values: { v: list } }));
  await once(stream, 'readable');
  await new Promise((resolve) => setImmediate(resolve));
  t.true(made > 0 && made < 5000, `${made} are made`);
  stream.end();
  const bytes = Buffer.concat((await stream.toArray()) as Buffer[]);
  t.is(made, 50_000);
  t.is(bytes.toString().split('\n').length, 50_002);
});

test('an exploded column must be one of the processed', (t) => {
  t.notThrows(() => writeResults({ processed: ['v'], explode: 'v' }));
  t.throws(() => writeResults({ processed: ['a', 'b'], explode: 'v' }), {
    instanceOf: UsageError,
    message: '--explode: there is no column "v" of processing; there are a, b',
  });
});
