import { hash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import zlib from 'node:zlib';

import test from 'ava';

import { decode } from '../../src/page/content-coding.ts';
import type { LargeBody } from '../../src/page/large-body.ts';
import { bytesIn } from '../../src/page/spool.ts';
import type { Bytes } from '../../src/page/spool.ts';
import { Unpacking } from '../../src/page/unpack-large.ts';
import type { Unpacked } from '../../src/page/unpack-large.ts';
import { randomNumbers } from '../helpers/random.ts';
import { sameBytes } from '../helpers/same.ts';
import { noise } from '../fetch/schedule/spilling.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const always = (): boolean => true;
const sha256Of = (body: Buffer): string => hash('sha256', body, 'hex');
const mark = '.tmp-of-this-';

async function unpacked(
  folder: string,
  packed: Buffer | Bytes,
  codings: readonly string[],
  limit = 1e7,
): Promise<Unpacked> {
  const where = { from: 0, decoded: 0, spools: [folder], folder: { directory: folder, mark } };
  const bytes = Buffer.isBuffer(packed) ? bytesIn(packed) : packed;
  return new Unpacking(where, true).unpack(bytes, codings, limit, always);
}

/** 700 kB that compress to some 500 kB: more than one piece of input and of output. */
const plain = Buffer.from(noise(525_000).toString('base64'));
const gzipped = zlib.gzipSync(plain, { level: 1 });
const small = zlib.gzipSync('small');
const junk = Buffer.from('\n<!-- 0.03 s -->');
const member = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2]),
  Buffer.from('name\0comment\0'),
  gzipped.subarray(10),
]);
const damaged = Buffer.from(gzipped);
damaged[300_000] = (damaged[300_000] ?? 0) ^ 0xff;
const wrongSum = Buffer.from(gzipped);
wrongSum[wrongSum.length - 8] = (wrongSum.at(-8) ?? 0) ^ 1;
const wrongLength = Buffer.from(gzipped);
wrongLength[wrongLength.length - 4] = (wrongLength.at(-4) ?? 0) ^ 1;
/** With its default, the best quality, brotli takes a second. */
const quickly = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } };
const br = zlib.brotliCompressSync(plain, quickly);
const deflated = zlib.deflateSync(plain, { level: 1 });

const cases: Readonly<Record<string, readonly [codings: readonly string[], packed: Buffer]>> = {
  gzip: [['gzip'], gzipped],
  'x-gzip': [['x-gzip'], gzipped],
  'two members': [['gzip'], Buffer.concat([gzipped, member])],
  'a thousand members': [['gzip'], Buffer.concat(Array.from({ length: 1000 }, () => small))],
  'bytes behind gzip': [['gzip'], Buffer.concat([gzipped, junk])],
  'zeros and bytes behind gzip': [['gzip'], Buffer.concat([gzipped, Buffer.alloc(9), junk])],
  'a damaged member behind a whole one': [['gzip'], Buffer.concat([member, damaged])],
  'a member with a wrong sum behind whole ones': [['gzip'], Buffer.concat([small, member, wrongSum])],
  'a member that is cut behind a whole one': [
    ['gzip'],
    Buffer.concat([gzipped, gzipped.subarray(0, 400_000)]),
  ],
  'a trailer that is cut behind a whole one': [['gzip'], Buffer.concat([small, gzipped.subarray(0, -3)])],
  'what begins like a member': [['gzip'], Buffer.concat([gzipped, gzipped.subarray(0, 12), junk])],
  'a header that is cut': [['gzip'], Buffer.concat([gzipped, gzipped.subarray(0, 5)])],
  damage: [['gzip'], damaged],
  'a wrong sum': [['gzip'], wrongSum],
  'a wrong length': [['gzip'], wrongLength],
  'gzip that is cut': [['gzip'], gzipped.subarray(0, 400_000)],
  'gzip without its trailer': [['gzip'], gzipped.subarray(0, -8)],
  'a text that is called gzip': [['gzip'], plain],
  'gzip of nothing': [['gzip'], zlib.gzipSync('')],
  deflate: [['deflate'], deflated],
  'raw deflate': [['deflate'], zlib.deflateRawSync(plain, { level: 0 })],
  'bytes behind deflate': [['deflate'], Buffer.concat([deflated, Buffer.alloc(200_000, 7)])],
  'deflate that is cut': [['deflate'], deflated.subarray(0, -5)],
  br: [['br'], br],
  'br that is cut': [['br'], br.subarray(0, -5)],
  'a text that is called br': [['br'], plain],
  'bytes behind br': [['br'], Buffer.concat([br, Buffer.alloc(200_000, 7)])],
  'three codings': [
    ['deflate', 'gzip', 'br'],
    zlib.brotliCompressSync(zlib.gzipSync(deflated, { level: 0 }), quickly),
  ],
  'two codings, of which the inner one is cut': [
    ['deflate', 'gzip'],
    zlib.gzipSync(deflated.subarray(0, -5)),
  ],
  'two codings of nothing': [['gzip', 'br'], zlib.brotliCompressSync('')],
  'four codings': [['gzip', 'gzip', 'gzip', 'gzip'], gzipped],
  'a coding that nobody has': [['compress'], plain],
  'one under another': [['dcz', 'gzip'], gzipped],
};

if ('zstdCompressSync' in zlib) {
  const zstd = (zlib.zstdCompressSync as (data: Buffer) => Buffer)(plain);
  const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.alloc(3)]);
  Object.assign(cases, {
    zstd: [['zstd'], zstd],
    'frames of zstd, and bytes behind them': [
      ['zstd'],
      Buffer.concat([skippable, zstd, skippable, zstd, junk]),
    ],
    'zstd that is cut': [['zstd'], zstd.subarray(0, -5)],
    'a frame that is cut behind a whole one': [['zstd'], Buffer.concat([zstd, zstd.subarray(0, 300_000)])],
  });
}

for (const [name, [codings, packed]] of Object.entries(cases)) {
  test(`${name}: the same piece by piece as in memory`, async (t) => {
    const folder = await temporaryFolder(t);
    const whole = await decode(packed, codings, 1e7);
    const got = await unpacked(folder, packed, codings);
    const left = await readdir(folder);
    if ('error' in whole) {
      t.is('error' in got && got.error, whole.error);
      t.deepEqual(left, []);
      return;
    }
    const { size, sha256, path } = got as LargeBody;
    t.is(size, whole.length);
    t.is(sha256, sha256Of(whole));
    sameBytes(t, await readFile(path ?? ''), whole);
    t.is(left.length, 1);
    t.true(left[0]?.startsWith(mark));
  });
}

test('however gzip is damaged, the outcome is the same as in memory', async (t) => {
  const folder = await temporaryFolder(t);
  const below = randomNumbers(7);
  const short = zlib.gzipSync(plain.subarray(0, 3000));
  const base = Buffer.concat([short, short, junk]);
  for (let i = 0; i < 300; i++) {
    const packed = Buffer.from(base.subarray(0, 1 + below(base.length)));
    packed[below(packed.length)] = below(256);
    const whole = await decode(packed, ['gzip'], 1e7);
    const got = await unpacked(folder, packed, ['gzip']);
    const expected = 'error' in whole ? whole.error : sha256Of(whole);
    t.is('error' in got ? got.error : got.sha256, expected, String(i));
  }
});

test('what is too large when it is unpacked is known before all of it is', async (t) => {
  const folder = await temporaryFolder(t);
  const bomb = zlib.gzipSync(Buffer.alloc(300_000_000), { strategy: zlib.constants.Z_RLE });
  for (const [packed, codings] of [
    [bomb, ['gzip']],
    [zlib.gzipSync(bomb), ['gzip', 'gzip']],
  ] as const) {
    const got = await unpacked(folder, packed, codings, 2_000_000);
    t.deepEqual(got, { error: 'body-too-large', detail: 'larger than --max-body decoded' });
  }
  t.deepEqual(await readdir(folder), []);
});

test('no more is read than what is unpacked needs', async (t) => {
  let [read, most] = [0, 0];
  const packed = zlib.gzipSync(noise(20_000_000), { level: 0 });
  const source: Bytes = {
    length: packed.length,
    read: async (at, length) => {
      const piece = packed.subarray(at, at + length);
      read = at + piece.length;
      return piece;
    },
  };
  let taken = 0;
  const where = { from: 0, decoded: 0, spools: [], folder: null };
  // Called before each piece is taken. Pieces here are as long as what was read for them, as nothing is
  // compressed.
  const isWanted = (): boolean => {
    most = Math.max(most, read - taken);
    taken += 64 * 1024;
    return true;
  };
  const got = await new Unpacking(where, false).unpack(source, ['gzip'], 1e9, isWanted);
  t.deepEqual(got, { size: 20_000_000, sha256: '', path: null });
  t.true(most < 1_000_000, String(most));
});

test('a body that nobody waits for any more is not unpacked to its end, and leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const where = { from: 0, decoded: 0, spools: [folder], folder: { directory: folder, mark } };
  let asked = 0;
  const got = await new Unpacking(where, true).unpack(bytesIn(gzipped), ['gzip'], 1e7, () => ++asked < 2);
  t.true('error' in got);
  t.is(asked, 2);
  t.deepEqual(await readdir(folder), []);
});
