import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { UsageError } from '../../src/shared/errors.ts';
import type { Row } from '../../src/shared/records.ts';
import { readUrls } from '../../src/read/read-urls.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';

/** Takes rows one by one and keeps their URLs. */
function sink(urls: string[]): Writable {
  return new Writable({
    objectMode: true,
    write(row: Row, _encoding, callback) {
      urls.push(row.url);
      callback();
    },
  });
}

const [a, b] = ['https://a.org', 'https://b.org'];

const gives = test.macro(async (t, input: (string | Buffer)[], said?: ReadUrlsOptions) => {
  const urls: string[] = [];
  await pipeline(Readable.from(input), readUrls(said), sink(urls));
  t.deepEqual(urls, [a, b]);
});

test('bytes go in, rows come out', gives, [Buffer.from('url,n\na.org,1\nb.org,2\n')]);
test('text goes in as well', gives, ['url,n\na.org,', '1\nb.org,2\n']);
test('compressed bytes go in as well', gives, [gzipSync('url\na.org\nb.org\n')]);
test('options are those of the command', gives, ['1;a.org\n2;b.org'], {
  noHeader: true,
  delimiter: ';',
  urlColumn: '2',
});
test('a column can be said by a number from the command line', gives, ['x,y\n1,a.org\n2,b.org\n'], {
  urlColumn: '2',
});
test('surplus keys are no fault', gives, ['{"url":"a.org"}\n{"url":"b.org","x":1}\n']);

test('a file goes through', async (t) => {
  const folder = await temporaryFolder(t, { 'in.csv': 'url\na.org\nb.org\n' });
  const rows: Row[] = [];
  await pipeline(createReadStream(join(folder, 'in.csv')), readUrls(), async (read: AsyncIterable<Row>) => {
    for await (const row of read) rows.push(row);
  });
  const table = { names: ['url'], header: true };
  const common = { table, error: null, detail: '', json: null };
  t.deepEqual(rows, [
    { ...common, number: 1, cells: ['a.org'], url: a },
    { ...common, number: 2, cells: ['b.org'], url: b },
  ]);
});

const limited = test.macro(async (t, limit: number, expected: number, pieces: number) => {
  const urls: string[] = [];
  const input = ['url\n', ...Array.from({ length: 1000 }, (_, i) => `a.org/${i}\n`)];
  const size = Math.ceil(input.length / pieces);
  const written = Array.from({ length: pieces }, (_, i) => input.slice(i * size, (i + 1) * size).join(''));
  await pipeline(Readable.from(written), readUrls({ limit }), sink(urls));
  t.deepEqual(
    urls,
    Array.from({ length: expected }, (_, i) => `https://a.org/${i}`),
  );
});

test('a pipeline that writes more than the limit takes comes to its end', limited, 2, 2, 1001);
test('so it does if all comes in few pieces', limited, 2, 2, 3);
test('so it does with the limit near the end', limited, 999, 999, 1001);
test('a limit beyond the end', limited, 2000, 1000, 1001);

const fails = test.macro(
  async (t, input: string, expected: { name: string; message: string }, before: string[]) => {
    const urls: string[] = [];
    const error = await t.throwsAsync(pipeline(Readable.from([input]), readUrls(), sink(urls)));
    t.like(error, expected);
    t.deepEqual(urls, before);
  },
);

test(
  'a URL column that cannot be told fails the pipeline',
  fails,
  'x,y\n1,2\n',
  {
    name: 'UsageError',
    message: 'no column looks like URLs; name one with --url-column: "x" ("1"), "y" ("2")',
  },
  [],
);
test(
  'an input without anything fails the pipeline',
  fails,
  '\n',
  { name: 'InputError', message: 'the input: is empty; a header line is needed, or --no-header and a row' },
  [],
);
test('a broken input fails the pipeline behind its rows', async (t) => {
  const urls: string[] = [];
  const cut = gzipSync('url\na.org\nb.org\n').subarray(0, -6);
  const error = await t.throwsAsync(pipeline(Readable.from([cut]), readUrls(), sink(urls)));
  t.is(error.name, 'InputError');
  t.regex(error.message, /^the input: the compressed data is cut off/);
  t.deepEqual(urls, [a, b]);
});

test('an error of what is read fails the pipeline as it is', async (t) => {
  const reset = Object.assign(new Error('upstream went away'), { code: 'ECONNRESET' });
  function* input(): Generator<string> {
    yield 'url\na.org\nb.org\n';
    throw reset;
  }
  const reader = readUrls();
  t.is(await t.throwsAsync(pipeline(Readable.from(input()), reader, sink([]))), reset);
  t.true(reader.destroyed);
});

test('an error of who takes the rows closes what is read', async (t) => {
  const source = Readable.from(endless().chunks());
  const full = new Error('disk full');
  const broken = new Writable({ objectMode: true, write: (_row, _encoding, callback) => callback(full) });
  t.is(await t.throwsAsync(pipeline(source, readUrls(), broken)), full);
  t.true(source.destroyed);
});

test('a wrong option is told at once', (t) => {
  t.throws(() => readUrls({ defaultScheme: 'ftp' }), {
    instanceOf: UsageError,
    message: 'defaultScheme: https, http, "https,http" or none is needed, got "ftp"',
  });
});

test('an option that is none is told at once', (t) => {
  const said = { urlColum: 'page' };
  t.throws(() => readUrls(said as ReadUrlsOptions), {
    instanceOf: UsageError,
    message: 'urlColum: there is no such option; did you mean urlColumn?',
  });
});

const takes = test.macro(async (t, write: (reader: Duplex) => void) => {
  const reader = readUrls();
  write(reader);
  reader.end();
  const cells: unknown[] = [];
  for await (const row of reader as AsyncIterable<Row>) cells.push(row.cells);
  t.deepEqual(cells, [['a.org', '😀é']]);
});

const text = 'url,n\na.org,😀é\n';

test('strings may be written', takes, (reader) => reader.write(text));
test('strings may be cut anywhere', takes, (reader) => {
  for (const unit of text.split('')) reader.write(unit);
});
test('strings may be of any encoding', takes, (reader) => {
  reader.write(Buffer.from(text).toString('hex'), 'hex');
});
test('arrays of bytes may be written', takes, (reader) => {
  reader.write(new Uint8Array([0, ...Buffer.from(text)]).subarray(1));
});

test('what is neither fails the pipeline', async (t) => {
  const error = await t.throwsAsync(
    pipeline(Readable.from(['url\n', { url: 'a.org' }]), readUrls(), sink([])),
  );
  t.like(error, {
    name: 'UsageError',
    message: 'the input: a stream of bytes or strings is needed, and this one gave: object',
  });
});

test('a reader that is destroyed reports why', async (t) => {
  const reader = readUrls();
  reader.write('url\na.org\n');
  const why = new Error('enough');
  const told = once(reader, 'error');
  reader.destroy(why);
  t.deepEqual(await told, [why]);
});

test('a reader that is destroyed without a reason is just closed', async (t) => {
  const reader = readUrls();
  const errors: unknown[] = [];
  reader.on('error', (error) => errors.push(error));
  const closed = new Promise((resolve) => reader.once('close', resolve));
  reader.write('url\na.org\n');
  reader.destroy();
  await closed;
  t.deepEqual(errors, []);
});

/** An endless input. @returns its chunks, and the number of bytes taken so far */
function endless(): { chunks: () => Generator<Buffer>; taken: () => number } {
  const chunk = Buffer.from('https://a.org/\n'.repeat(1000));
  let taken = 0;
  function* chunks(): Generator<Buffer> {
    yield Buffer.from('url\n');
    for (;;) {
      taken += chunk.length;
      yield chunk;
    }
  }
  return { chunks, taken: () => taken };
}

/**
 * Long enough for the input to be read on if nothing stopped it: each turn of the event loop moves a chunk.
 */
async function manyTurns(): Promise<void> {
  for (let turns = 0; turns < 2000; turns++) await turn();
}

const room = 2 * 2 ** 20;

test('nobody takes rows: the input is not read on', async (t) => {
  const { chunks, taken } = endless();
  const reader = readUrls();
  const done = t.throwsAsync(pipeline(Readable.from(chunks()), reader), { message: 'enough' });
  await once(reader, 'readable');
  await manyTurns();
  t.true(taken() < room, `${taken()} bytes were taken`);
  reader.destroy(new Error('enough'));
  await done;
});

test('who takes a row and waits has the input wait', async (t) => {
  const { chunks, taken } = endless();
  const slow = new Writable({ objectMode: true, highWaterMark: 1, write: () => slow.emit('holding') });
  const holding = once(slow, 'holding');
  const done = t.throwsAsync(pipeline(Readable.from(chunks()), readUrls(), slow), { message: 'enough' });
  await holding;
  await manyTurns();
  t.true(taken() < room, `${taken()} bytes were taken`);
  slow.destroy(new Error('enough'));
  await done;
});

test('who has waited gets all rows', async (t) => {
  const lines = Array.from({ length: 50_000 }, (_, index) => `https://a.org/${index}`);
  const reader: Duplex = readUrls();
  const done = pipeline(Readable.from(['url\n', ...lines.map((line) => `${line}\n`)]), reader);
  await once(reader, 'readable');
  await manyTurns();
  const urls: string[] = [];
  for await (const { url } of reader as AsyncIterable<Row>) urls.push(url);
  await done;
  t.deepEqual(urls, lines);
});

test('who takes some rows only closes what is read', async (t) => {
  const { chunks, taken } = endless();
  const source = Readable.from(chunks());
  const reader = readUrls();
  const done = t.throwsAsync(pipeline(source, reader), { code: 'ABORT_ERR' });
  const urls: string[] = [];
  for await (const { url } of reader as AsyncIterable<Row>) {
    urls.push(url);
    if (urls.length === 5) break;
  }
  await done;
  t.true(source.destroyed);
  t.deepEqual(
    urls,
    Array.from({ length: 5 }, () => 'https://a.org/'),
  );
  t.true(taken() < room, `${taken()} bytes were taken`);
});
