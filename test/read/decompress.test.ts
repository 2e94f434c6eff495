import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import zlib from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { cellsOf, piecesOf, readAll, sourceOf, urlsOf } from '../helpers/reading.ts';
import { cutAnywhere, randomNumbers } from '../helpers/random.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { fileSource, streamSource } from '../../src/read/source.ts';
import type { Source } from '../../src/read/source.ts';

const content = 'url,n\nhttps://a.example/,1\nhttps://b.example/,é\n';
const cells = [
  ['https://a.example/', '1'],
  ['https://b.example/', 'é'],
];

/** The same content compressed by `zstd`, since Node 20 cannot do that. */
const zstd = Buffer.from('KLUv/SAxNQEA8HVybCxuCmh0dHBzOi8vYS5leGFtcGxlLywxYsOpCgIAYAuxmGM=', 'base64');
const hasZstd = 'zstdDecompressSync' in zlib;

const unpacks = test.macro(async (t, bytes: Buffer | readonly Buffer[], name: string) => {
  const reading = await readAll(sourceOf(bytes, name));
  t.is(reading.error, null);
  t.deepEqual(cellsOf(reading), cells);
});

const packed = zlib.gzipSync(content);
const members = [content.slice(0, 20), content.slice(20, 30), '', content.slice(30)].map((part) =>
  zlib.gzipSync(part),
);

test('gzip is known by its first bytes', unpacks, packed, 'standard input');
test('gzip is known in whatever pieces it comes', unpacks, piecesOf(packed, 1), 'standard input');
test('gzip may have any name', unpacks, packed, 'in.csv');
test('gzip may have several members', unpacks, Buffer.concat(members), 'in.csv.gz');
test('members may end where pieces end', unpacks, members, 'in.csv.gz');
test('NULs may fill up the end of gzip', unpacks, Buffer.concat([packed, Buffer.alloc(600)]), 'in.gz');
test('brotli is known by its name', unpacks, zlib.brotliCompressSync(content), 'in.csv.br');
test('the case of .br does not matter', unpacks, zlib.brotliCompressSync(content), 'IN.CSV.BR');
test('what is named .br may yet be gzip', unpacks, packed, 'in.csv.br');
test('a mark within gzip is looked for', unpacks, zlib.gzipSync('\ufeff' + content), 'in.gz');
test(
  'UTF-16 within gzip is known',
  unpacks,
  zlib.gzipSync(Buffer.from('\ufeff' + content, 'utf16le')),
  'in.gz',
);

test('the name behind .gz tells the format', async (t) => {
  const reading = await readAll(sourceOf(zlib.gzipSync('url,x\ty\nhttps://a.example/\tz\n'), 'in.tsv.gz'), {
    urlColumn: '1',
  });
  t.deepEqual(reading.state.table?.names, ['url,x', 'y']);
});

const more = 'https://c.example/,3\n';
const zeros = Buffer.alloc(600);

/** A gzip member whose header has all optional fields. */
function withHeader(text: string): Buffer {
  const member = zlib.gzipSync(text);
  const extra = Buffer.from('\x05\0extra', 'latin1');
  const names = Buffer.from('name\xe9\0a comment\0', 'latin1');
  member[3] = 0x02 | 0x04 | 0x08 | 0x10;
  return Buffer.concat([member.subarray(0, 10), extra, names, Buffer.from('\0\0'), member.subarray(10)]);
}

const packedAnyhow = test.macro(async (t, parts: readonly Buffer[], rows: number, message: string | null) => {
  const bytes = Buffer.concat(parts);
  const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index)).length);
  const splits = [1, 2, 3, 7, 4096, bytes.length].map((size) => piecesOf(bytes, size));
  for (const pieces of [
    ...splits,
    parts,
    ...ends.map((end) => [bytes.subarray(0, end + 1), bytes.subarray(end + 1)]),
  ]) {
    const reading = await readAll(sourceOf(pieces, 'in.gz'));
    const what = `pieces of ${pieces.map(({ length }) => length).join()}`;
    t.is(reading.error === null ? null : (reading.error as Error).message, message, what.slice(0, 100));
    t.is(reading.rows.length, rows);
  }
});

const second = zlib.gzipSync(more);
const told = (why: string): string => `in.gz: the compressed data is ${why}; fetch or make the file again`;

test('a member behind zeros is read', packedAnyhow, [packed, zeros, second], 3, null);
test('zeros alone may follow', packedAnyhow, [packed, second, zeros], 3, null);
test('a member may be empty', packedAnyhow, [packed, zlib.gzipSync(''), second], 3, null);
test('a header may hold names and the like', packedAnyhow, [withHeader(content), withHeader(more)], 3, null);
test(
  'what follows and is no gzip is told, behind the rows',
  packedAnyhow,
  [packed, second, Buffer.from('more')],
  3,
  told(`damaged (from byte ${packed.length + second.length + 1} on it is no gzip)`),
);
test(
  'it is told behind zeros too',
  packedAnyhow,
  [packed, zeros, Buffer.from('more')],
  2,
  told(`damaged (from byte ${packed.length + zeros.length + 1} on it is no gzip)`),
);
test(
  'a member whose first byte is lost is told',
  packedAnyhow,
  [packed, Buffer.of(0), second.subarray(1)],
  2,
  told(`damaged (from byte ${packed.length + 2} on it is no gzip)`),
);
test(
  'a last member that is cut off is told, behind its rows',
  packedAnyhow,
  [packed, second.subarray(0, -3)],
  3,
  told(`cut off (it ends at byte ${packed.length + second.length - 3})`),
);
test(
  'a last member that is cut off in its header is told',
  packedAnyhow,
  [packed, withHeader(more).subarray(0, 20)],
  2,
  told(`cut off (it ends at byte ${packed.length + 20})`),
);
test(
  'a wrong check sum is told with its place',
  packedAnyhow,
  [packed, damaged(second, second.length - 8), second],
  3,
  told(`damaged (wrong check sum at byte ${packed.length + second.length - 7})`),
);
test(
  'a method that is none is told',
  packedAnyhow,
  [packed, Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0])],
  2,
  told(`damaged (unknown header at byte ${packed.length + 1})`),
);

test('members are read as gzip itself reads them', async (t) => {
  const below = randomNumbers(29);
  for (let round = 0; round < 60; round++) {
    const texts = Array.from(
      { length: 1 + below(6) },
      () => `https://a.example/${'x'.repeat(below(9000))}\n`,
    );
    const level = below(10);
    const bytes = Buffer.concat(texts.map((text) => zlib.gzipSync(text, { level })));
    const { rows, error } = await readAll(sourceOf(cutAnywhere(below, bytes, 1 + below(9))));
    t.is(error, null);
    t.is(rows.map((row) => `${row.cells[0]}\n`).join(''), texts.join(''));
  }
});

const fails = test.macro(
  async (t, bytes: Buffer | readonly Buffer[], name: string, message: string | RegExp) => {
    const { error } = await readAll(sourceOf(bytes, name));
    t.like(error, { name: 'InputError' });
    const { message: said } = error as Error;
    if (typeof message === 'string') t.is(said, message);
    else t.regex(said, message);
  },
);

function damaged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0xff, at, at + 4);
  return copy;
}

const cutOff = /^in: the compressed data is cut off \(.+\); fetch or make the file again$/;
const isDamaged = /^in\S*: the compressed data is damaged \(.+\); fetch or make the file again$/;

test('gzip that is cut off is told', fails, packed.subarray(0, -10), 'in', cutOff);
test('gzip cut in its header is told', fails, packed.subarray(0, 5), 'in', cutOff);
test('gzip without its check sum is told', fails, packed.subarray(0, -8), 'in', cutOff);
test(
  'a second member that is cut off is told',
  fails,
  Buffer.concat([packed, packed]).subarray(0, -9),
  'in',
  cutOff,
);
test('damaged gzip is told', fails, damaged(packed, packed.length - 16), 'in', isDamaged);
test('a wrong check sum is told', fails, damaged(packed, packed.length - 8), 'in', isDamaged);
test(
  'what follows brotli and is none is told',
  fails,
  Buffer.concat([zlib.brotliCompressSync(content), packed]),
  'in.br',
  isDamaged,
);
test('what is named .br and is none is told', fails, Buffer.from(content), 'in.br', isDamaged);

test('what follows the damage is not read', async (t) => {
  let taken = 0;
  function* endless(): Generator<Buffer> {
    yield damaged(packed, 12);
    for (;;) {
      taken++;
      yield Buffer.alloc(2 ** 16);
    }
  }
  const { error } = await readAll(streamSource(Readable.from(endless()), 'in'));
  t.like(error, { name: 'InputError' });
  t.true(taken < 100, `${taken} pieces were taken`);
});

if (hasZstd) {
  test('zstd is known by its first bytes', unpacks, zstd, 'standard input');
  test('zstd is known in whatever pieces it comes', unpacks, piecesOf(zstd, 1), 'in.csv.zst');
  test('zstd that is cut off is told', fails, zstd.subarray(0, -6), 'in', cutOff);
  test('damaged zstd is told', fails, damaged(zstd, 4), 'in', isDamaged);
  test('what follows zstd and is none is told', fails, [Buffer.concat([zstd, packed])], 'in', isDamaged);
  test('what follows zstd in a piece of its own is told', fails, [zstd, packed], 'in', isDamaged);

  const frames = test.macro(async (t, pieces: readonly Buffer[]) => {
    const reading = await readAll(sourceOf(pieces), { noHeader: true, urlColumn: '1' });
    t.is(reading.error, null);
    t.deepEqual(cellsOf(reading), [['url', 'n'], ...cells, ['url', 'n'], ...cells]);
  });

  const two = Buffer.concat([zstd, zstd]);

  test('a second frame of zstd that Node does not go on to is told', fails, [two], 'in', isDamaged);
  test('frames of zstd may end where pieces end', frames, [zstd, zstd]);
  test('frames of zstd may come in any pieces', frames, piecesOf(two, 1));
  test(
    'a second frame of zstd that begins within a piece is told',
    fails,
    piecesOf(two, zstd.length - 3),
    'in',
    isDamaged,
  );
} else {
  test(
    'zstd is told apart where this Node cannot unpack it',
    fails,
    zstd,
    'in.csv.zst',
    'in.csv.zst: zstd needs Node 22.15 or newer; unpack it: zstd -dc in.csv.zst | urlmill',
  );
}

function opening(start: string): Buffer {
  return Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(200, 7)]);
}

test(
  'a spreadsheet is told',
  fails,
  opening('PK\x03\x04'),
  'in.xlsx',
  /^in\.xlsx: is a zip archive or spreadsheet; save it as CSV, /,
);
test('Parquet is told', fails, opening('PAR1'), 'in', /^in: is a Parquet file; convert it to CSV: /);
test(
  'xz is told',
  fails,
  opening('\xfd7zXZ\0'),
  'in',
  'in: is compressed with xz; unpack it: xz -dc FILE | urlmill',
);
test(
  'bzip2 is told',
  fails,
  opening('BZh9'),
  'in',
  'in: is compressed with bzip2; unpack it: bzip2 -dc FILE | urlmill',
);
test('PDF is told', fails, opening('%PDF-1.7\n'), 'in', /^in: is a PDF file; /);

const urls = Array.from({ length: 60_000 }, (_, i) => `https://h${i}.example/${Math.sin(i)}`);
const half = zlib.gzipSync(`url\n${urls.join('\n')}\n`).subarray(0, 400_000);
/** The complete lines that Node itself unpacks from the bytes before the cut. */
const complete = zlib
  .gunzipSync(half, { finishFlush: zlib.constants.Z_SYNC_FLUSH })
  .toString()
  .split('\n')
  .slice(1, -1);

const rowsBefore = test.macro(async (t, open: (t: ExecutionContext) => Promise<Source>) => {
  const reading = await readAll(await open(t));
  t.like(reading.error, { name: 'InputError' });
  t.true(complete.length > 10_000);
  t.is(reading.rows.length, complete.length);
  t.is(urlsOf(reading).at(-1), complete.at(-1));
});

test('the rows before the cut come', rowsBefore, async () => sourceOf(half));
test('the rows before the cut come from small pieces', rowsBefore, async () =>
  sourceOf(piecesOf(half, 1000)),
);
test('the rows before the cut come from a file', rowsBefore, async (t) => {
  const folder = await temporaryFolder(t, { 'in.csv.gz': half });
  return fileSource(join(folder, 'in.csv.gz'));
});
test('the rows before the cut come from a pipe', rowsBefore, async () => {
  const stream = new PassThrough();
  for (const piece of piecesOf(half, 1000)) stream.write(piece);
  stream.end();
  return streamSource(stream, 'standard input');
});
