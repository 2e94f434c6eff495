import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

import test from 'ava';

import { UsageError } from '../../src/errors.ts';
import type { Result } from '../../src/records.ts';
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

/** Collects what comes out; `until` waits for so many bytes in all. */
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
    // Long enough for all of them, if nothing held them back.
    await Promise.race([all, delay(given * (pause + 5) + 500)]);
    t.true(taken < given, `${taken} rows`);
    stream.resume();
    await all;
    t.is(taken, given);
  },
  title: (what) => `while nobody reads, rows that come ${what} are not taken without end`,
});

test('at once', stopsTaking, 0);
// More slowly than batches are given on: each row is a batch.
test('one by one', stopsTaking, 60);

test('rows are safe up to the end of the last batch that is written', async (t) => {
  let taken = 0;
  const stream = writer({ written: () => taken });
  const { until } = collect(stream);
  const [first, second, third] = rows(3);
  stream.write(first);
  await until(header.length + 6);
  stream.write(second);
  stream.write(third);
  await until(header.length + 18);
  const safe = [0, 16, 17, 22, 23, 34, 35, 99].map((bytes) => {
    taken = bytes;
    return [bytes, stream.safeBytes, stream.safeRows];
  });
  t.deepEqual(safe, [
    [0, 0, 0],
    [16, 0, 0],
    [17, 17, 0],
    [22, 17, 0],
    [23, 23, 1],
    [34, 23, 1],
    [35, 35, 3],
    [99, 35, 3],
  ]);
});

test('rows are safe also when many batches are written between two looks', async (t) => {
  let taken = 0;
  const stream = writer({ written: () => taken });
  const { chunks } = collect(stream);
  await pipeline(Readable.from(rows(20_000, 'x'.repeat(50))), stream);
  const bytes = Buffer.concat(chunks).length;
  taken = Math.floor(bytes / 2);
  const { safeBytes, safeRows } = stream;
  const whole = Buffer.concat(chunks).subarray(0, safeBytes).toString();
  t.true(safeBytes <= taken && safeBytes > taken / 2, `${safeBytes} of ${taken}`);
  t.true(whole.endsWith('\n'));
  t.is(whole.split('\n').length - 2, safeRows);
});

test('where nothing tells what is written, all that was given on is safe', async (t) => {
  const stream = writer();
  collect(stream);
  await pipeline(Readable.from(rows(3)), stream);
  t.is(stream.safeRows, 3);
  t.is(stream.safeBytes, header.length + 18);
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
