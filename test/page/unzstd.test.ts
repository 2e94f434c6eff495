import test from 'ava';

import { decode } from '../../src/page/content-coding.ts';
import { bytesIn } from '../../src/page/spool.ts';
import type { Bytes } from '../../src/page/spool.ts';
import { Unpacking } from '../../src/page/unpack-large.ts';
import { unzstd, unzstdInPieces } from '../../src/page/unzstd.ts';
import { noise } from '../fetch/schedule/spilling.ts';

/** "<title>Ein Müller</title>" forty times, compressed by `zstd`, with its size and a checksum. */
const packed = Buffer.from('KLUv/WQQA/UAAKA8dGl0bGU+RWluIE3DvGxsZXI8LwIA83tWwIbJBJYXV6Y=', 'base64');
const title = '<title>Ein Müller</title>'.repeat(40);

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const kibibyte = 1024;
/** A frame header with a window of this many bytes, a power of two. */
const window = (bytes: number): Buffer => Buffer.from([0, (Math.log2(bytes) - 10) << 3]);
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.alloc(3)]);

function block(type: number, size: number, content: Buffer, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | (isLast ? 1 : 0), 0, 3);
  return Buffer.concat([header, content]);
}

/** A frame with uncompressed data, in blocks of `size` bytes. */
function frame(data: Buffer, size: number, windowSize = 1024 * kibibyte): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < data.length; at += size) {
    const piece = data.subarray(at, at + size);
    blocks.push(block(0, piece.length, piece, at + size >= data.length));
  }
  return Buffer.concat([magic, window(windowSize), ...blocks]);
}

/** A frame with `count` blocks of 128 KiB, all of the same byte. */
function repeated(byte: number, count: number, last = true): Buffer {
  const many = Array.from({ length: count }, (_, i) =>
    block(1, 128 * kibibyte, Buffer.from([byte]), last && i === count - 1),
  );
  return Buffer.concat([magic, window(1024 * kibibyte), ...many]);
}

async function inPieces(source: Bytes): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await unzstdInPieces(source, (piece) => pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}

const data = noise(300_000);
const cases: Readonly<Record<string, readonly [packed: Buffer, plain: Buffer]>> = {
  'blocks that pack': [packed, Buffer.from(title)],
  'a frame that is smaller than the longest header': [frame(Buffer.from('a'), 9), Buffer.from('a')],
  'an empty frame, and one behind it': [
    Buffer.concat([frame(Buffer.alloc(0), 9), packed]),
    Buffer.from(title),
  ],
  'a frame with nothing in it': [frame(Buffer.alloc(0), 9), Buffer.alloc(0)],
  'large blocks': [frame(data, 128 * kibibyte), data],
  'blocks whose headers are torn': [frame(data, 64 * kibibyte - 1), data],
  'tiny blocks': [frame(data.subarray(0, 20_000), 1), data.subarray(0, 20_000)],
  'a repeated byte': [repeated(7, 40), Buffer.alloc(40 * 128 * kibibyte, 7)],
  'frames, what is to be skipped, and bytes behind them': [
    Buffer.concat([skippable, frame(data, 5000), skippable, packed, Buffer.from('junk')]),
    Buffer.concat([data, Buffer.from(title)]),
  ],
};

for (const [name, [from, plain]] of Object.entries(cases)) {
  test(`${name}: whole, and piece by piece`, async (t) => {
    t.true(unzstd(from, 1e8).equals(plain));
    t.true((await inPieces(bytesIn(from))).equals(plain));
    const whole = await decode(from, ['zstd'], 1e8);
    t.true(Buffer.isBuffer(whole) && whole.equals(plain));
  });

  // If a whole frame comes first, the cut part after it may count as junk, which is ignored.
  if (/behind/.test(name)) continue;
  test(`${name}: wherever it is cut, that is an error`, async (t) => {
    for (const left of [1, 3, 4, 5, 7, 12, Math.floor(from.length / 2), from.length - 1]) {
      if (left >= from.length) continue;
      const cut = from.subarray(0, left);
      t.throws(() => unzstd(cut, 1e8), { code: 'Z_BUF_ERROR' }, `${left}`);
      await t.throwsAsync(inPieces(bytesIn(cut)), { code: 'Z_BUF_ERROR' }, `${left}`);
    }
  });
}

test('a large body is read in small pieces, and what is above the limit ends it', async (t) => {
  const from = frame(noise(8_000_000), 100_000);
  let largest = 0;
  const source: Bytes = {
    length: from.length,
    read: async (at, length) => {
      largest = Math.max(largest, length);
      return from.subarray(at, at + length);
    },
  };
  const unpacking = new Unpacking(null, true);
  const whole = await unpacking.unpack(source, ['zstd'], 1e7, () => true);
  t.like(whole, { size: 8_000_000 });
  t.true(largest <= 64 * kibibyte, String(largest));
  t.like(await unpacking.unpack(bytesIn(repeated(1, 1000)), ['zstd'], 1e7, () => true), {
    error: 'body-too-large',
  });
});

test('a frame of another size than it tells is an error', async (t) => {
  const plain = Buffer.from('a small text');
  for (const [size, isRight] of [
    [plain.length, true],
    [plain.length + 1, false],
    [plain.length - 1, false],
  ] as const) {
    // A single-segment frame, so that the size is stored in one byte.
    const from = Buffer.concat([magic, Buffer.from([0x20, size]), block(0, plain.length, plain, true)]);
    const whole = await inPieces(bytesIn(from)).catch(() => null);
    t.is(whole !== null, isRight, `${size}`);
    const decoded = await decode(from, ['zstd'], 1e7);
    t.is(Buffer.isBuffer(decoded), isRight, `${size}`);
    if (!isRight) t.throws(() => unzstd(from, 1e7));
  }
});

test('damage is an error', async (t) => {
  const reserved = Buffer.concat([magic, window(kibibyte), block(3, 1, Buffer.from('a'), true)]);
  const broken = Buffer.from(packed);
  broken[10] = 0xff;
  for (const from of [reserved, broken, Buffer.from('<title>no zstd</title>')]) {
    t.like(await decode(from, ['zstd'], 1e7), { error: 'body-undecodable' });
    t.like(await new Unpacking(null, true).unpack(bytesIn(from), ['zstd'], 1e7, () => true), {
      error: 'body-undecodable',
    });
  }
});

test('a window above 8 MiB is refused on every Node, before anything is held for it', async (t) => {
  const largest = 8 * kibibyte * kibibyte;
  const plain = Buffer.from('a small text');
  const allowed = await decode(frame(plain, 100, largest), ['zstd'], 1e7);
  t.true(Buffer.isBuffer(allowed) && allowed.equals(plain));
  const from = frame(plain, 100, 2 * largest);
  const refused = { error: 'body-undecodable', detail: 'the window is larger than 8 MiB' } as const;
  t.deepEqual(await decode(from, ['zstd'], 1e7), refused);
  const behind = Buffer.concat([packed, from]);
  for (const bytes of [from, behind])
    t.deepEqual(await new Unpacking(null, true).unpack(bytesIn(bytes), ['zstd'], 1e7, () => true), refused);
});
