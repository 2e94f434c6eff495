/**
 * Cost of finding rows of an earlier result: `node dist/bench/earlier.js [ROWS] [MEMORY]`.
 *
 * A result with this many rows is written to the system's temporary folder and indexed. Then all rows are
 * taken in the order of the file, and a tenth of them in random order from a second index, as a list of URLs
 * would ask for them.
 */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { EarlierRows } from '../src/earlier/earlier-rows.ts';
import { readSaid } from '../src/options/resolve.ts';
import { inputOptions } from '../src/options/table.ts';

const rows = Number(process.argv[2] ?? 10_000_000);
const memory = Number(process.argv[3] ?? 2 ** 28);
const path = join(tmpdir(), `urlmill-earlier-${process.pid}.csv`);

function urlOf(row: number): string {
  return `https://host-${row % 5000}.example.org/articles/2026/${row}.html`;
}

function* text(): Generator<string> {
  yield 'url,name,fetch_status,fetch_error,fetch_url,fetch_type,fetch_bytes,fetch_ms,fetch_attempts,fetch_at\n';
  for (let row = 0; row < rows;) {
    let block = '';
    for (const end = Math.min(rows, row + 1000); row < end; row++) {
      const url = urlOf(row);
      block += `${url},name ${row},200,,${url},text/html,${row % 90_000},${row % 900},1,2026-11-28T12:00:00.000Z\n`;
    }
    yield block;
  }
}

async function opened(): Promise<EarlierRows> {
  const read = {
    ...readSaid(inputOptions, { urlColumn: 'url' }),
    fixedColumns: false,
    isDone: null,
    own: null,
  };
  return EarlierRows.open(path, { read, key: ({ cells }) => cells[0] ?? '', memory });
}

/** Runs `work`, and prints its time and memory. */
async function timed(name: string, count: number, work: () => Promise<void>): Promise<void> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  const each = (total: number): string => ((total / count) * 1e6).toFixed(2);
  console.log(
    `${name}: ${seconds.toFixed(1)} s, ${each(seconds)} µs a row (CPU ${each((user + system) / 1e6)} µs); RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
  );
}

async function takeAll(earlier: EarlierRows, count: number, next: (index: number) => number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const key = urlOf(next(index));
    const row = await earlier.take(key);
    if (row?.cells[0] !== key) throw new Error(`${key} was not found`);
  }
}

async function inOrder(): Promise<void> {
  let earlier: EarlierRows | null = null;
  await timed('open', rows, async () => void (earlier = await opened()));
  const first = earlier as unknown as EarlierRows;
  console.log(first.isOnDisk ? 'the index is on disk' : 'the index is in memory');
  await timed('take, in order', rows, () => takeAll(first, rows, (index) => index));
  await first.close();
}

try {
  await pipeline(Readable.from(text()), createWriteStream(path));
  console.log(
    `${rows} rows, index in ${memory} bytes, RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
  );
  await inOrder();
  const second = await opened();
  // If the step has no factor in common with the number of rows, each row is reached once.
  let step = Math.floor(rows * 0.618);
  while (rows % step === 0 || step % 2 === 0 || step % 5 === 0) step++;
  const some = Math.ceil(rows / 10);
  await timed('take, in random order', some, () => takeAll(second, some, (index) => (index * step) % rows));
  await second.close();
} finally {
  await rm(path, { force: true });
}
