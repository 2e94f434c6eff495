import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { InputSize } from '../../src/job/input-read.ts';
import { readSaid } from '../../src/options/resolve.ts';
import { inputOptions } from '../../src/options/table.ts';
import type { SaidOf } from '../../src/options/table.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import { fileSource, streamSource } from '../../src/read/source.ts';
import type { Source } from '../../src/read/source.ts';
import { randomNumbers } from '../helpers/random.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

interface Estimate {
  /** Share of the rows that had been read. */
  readonly at: number;
  /** Estimated number of all rows; null if there was none. */
  readonly total: number | null;
}

/** The estimates of all rows at each step of reading a list. */
async function estimatesOf(
  sources: readonly Source[],
  options: SaidOf<typeof inputOptions> = {},
): Promise<Estimate[]> {
  const state = new ReadState();
  const read = {
    ...readSaid(inputOptions, { urlColumn: 'url', ...options }),
    isDone: null,
    fixedColumns: true,
    own: null,
  };
  const size = new InputSize(state, sources, read);
  const told: { rows: number; total: number | null }[] = [];
  for await (const batch of readRows(sources, read, state)) {
    await size.sampled();
    const { read: rows, total, exact } = size.now();
    if (!exact && batch.length > 0) told.push({ rows, total });
  }
  const { exact, total } = size.now();
  if (!exact || total === null) throw new Error('all rows are read, and that is not told');
  return told.map(({ rows, total: each }) => ({
    at: rows / total,
    total: each === null ? null : each / total,
  }));
}

function isWithin(t: ExecutionContext, estimates: readonly Estimate[], error: number): void {
  t.true(estimates.length > 3);
  for (const { at, total } of estimates) t.true(Math.abs((total ?? 0) - 1) <= error, `${at}: ${total}`);
}

/**
 * Records whose lengths differ between the parts of a list, as in a sorted one: in the last tenth they are
 * seven times as long as in the first half. `cell` makes their content.
 */
function uneven(count: number, cell: (length: number, i: number) => string): string {
  const below = randomNumbers(3);
  const records = Array.from({ length: count }, (_, i) => {
    const longest = i > 0.9 * count ? 560 : i > 0.5 * count ? 160 : 80;
    return `${i},https://example.org/${i},${cell(below(longest), i)}\n`;
  });
  return `id,url,text\n${records.join('')}`;
}

const plain = (length: number): string => 'x'.repeat(length);
/** A cell of several lines, with quotes. */
const quoted = (length: number): string => `"${'a line, ""so""\n'.repeat(Math.ceil(length / 16))}"`;

const file = test.macro({
  exec: async (t, name: string, content: () => string | Buffer, error: number) => {
    const cwd = await temporaryFolder(t, { [name]: content() });
    isWithin(t, await estimatesOf([await fileSource(join(cwd, name))]), error);
  },
  title: (_, name: string) =>
    `the rows in all of ${name} are told within a few percent, from the first look on`,
});

test(file, 'small.csv', () => uneven(20_000, plain), 0.001);
test(file, 'small-quoted.csv', () => uneven(20_000, quoted), 0.001);
test(file, 'large.csv', () => uneven(150_000, plain), 0.03);
test(file, 'large-quoted.csv', () => uneven(100_000, quoted), 0.03);
test(file, 'large-crlf.csv', () => uneven(150_000, plain).replaceAll('\n', '\r\n'), 0.03);
test(file, 'packed.csv.gz', () => gzipSync(uneven(60_000, quoted)), 0.001);
/** With its default, the best quality, brotli takes ten seconds. */
const quickly = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
test(file, 'packed.csv.br', () => brotliCompressSync(uneven(60_000, plain), quickly), 0.001);

test('several files are one list', async (t) => {
  const contents = [uneven(20_000, plain), uneven(100_000, quoted), uneven(100_000, plain)];
  const files = Object.fromEntries(contents.map((content, i) => [`${i}.csv`, content]));
  const cwd = await temporaryFolder(t, files);
  const sources = await Promise.all(Object.keys(files).map(async (name) => fileSource(join(cwd, name))));
  isWithin(t, await estimatesOf(sources), 0.03);
});

test('of a stream nothing is known, and the rows that are read tell nothing', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': uneven(20_000, plain) });
  const stream = streamSource(createReadStream(join(cwd, 'in.csv')), 'in');
  for (const { total } of await estimatesOf([stream])) t.is(total, null);
});

test('elements of a JSON document are no lines: the rows that are read tell how many there are', async (t) => {
  const below = randomNumbers(5);
  const elements = Array.from({ length: 30_000 }, (_, i) => ({
    url: `https://a.test/${i}`,
    text: plain(below(90)),
  }));
  const cwd = await temporaryFolder(t, { 'in.json': JSON.stringify(elements, null, 1) });
  const estimates = await estimatesOf([await fileSource(join(cwd, 'in.json'))], {
    inputFormat: 'jsonl',
    urlColumn: 'url',
  });
  isWithin(
    t,
    estimates.filter(({ total }) => total !== null),
    0.03,
  );
});

test('what is told is never less than what is read, nor more than --limit', async (t) => {
  const cwd = await temporaryFolder(t);
  const path = join(cwd, 'in.csv');
  await writeFile(path, uneven(20_000, plain));
  const limited = await estimatesOf([await fileSource(path)], { limit: 5000 });
  t.true(limited.every(({ total }) => total === 1));
});
