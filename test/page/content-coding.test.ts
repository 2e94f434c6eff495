import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';

import test from 'ava';

import type { FailureCode } from '../../src/shared/failures.ts';
import { codingsOf, decode } from '../../src/page/content-coding.ts';
import type { Page } from '../../src/shared/records.ts';
import { fetchOne } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';

const plain = Buffer.from('<title>Ein Müller</title>'.repeat(40));

const body = {
  columns: ['text'],
  process: (page: Page): Record<string, string> => ({ text: page.body.toString() }),
};

const decoded = test.macro({
  exec: async (t, coding: string, encoded: Buffer, expected: Buffer = plain) => {
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(encoded);
    });
    for (const processors of [[], [body]]) {
      const { error, bytes, wireBytes, values } = await fetchOne(url, { processors });
      t.is(error, null);
      t.is(bytes, expected.length);
      t.is(wireBytes, encoded.length);
      if (processors.length > 0) t.is(values['text'], expected.toString());
    }
  },
  title: (name) => `decoded: ${name}`,
});

const gzipped = zlib.gzipSync(plain);
test('gzip', decoded, 'gzip', gzipped);
test('x-gzip', decoded, 'x-gzip', gzipped);
test('a coding in upper case', decoded, 'GZip', gzipped);
test('deflate', decoded, 'deflate', zlib.deflateSync(plain));
test('deflate with a small window', decoded, 'deflate', zlib.deflateSync(plain, { windowBits: 9 }));
test('deflate without the zlib header', decoded, 'deflate', zlib.deflateRawSync(plain));
test(
  'deflate without compression and zlib header',
  decoded,
  'deflate',
  zlib.deflateRawSync(plain, { level: 0 }),
);
test('br', decoded, 'br', zlib.brotliCompressSync(plain));
test('identity', decoded, 'identity', plain);
test(
  'several gzip members',
  decoded,
  'gzip',
  Buffer.concat([gzipped, gzipped]),
  Buffer.concat([plain, plain]),
);
for (const word of ['utf-8', 'none', 'binary', '8bit', 'constructor', 'aws-chunked']) {
  test(`a word that is no coding: ${word}`, decoded, word, plain);
}
test('such a word beside one that is', decoded, 'utf-8, gzip', gzipped);
const junk = Buffer.from('\n<!-- 0.03 s -->');
const named = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2]),
  Buffer.from('name\0comment\0'),
  gzipped.subarray(10),
]);
test('bytes behind gzip', decoded, 'gzip', Buffer.concat([gzipped, junk]));
test('zeros and other bytes behind gzip', decoded, 'gzip', Buffer.concat([gzipped, Buffer.alloc(9), junk]));
test(
  'bytes behind several members',
  decoded,
  'gzip',
  Buffer.concat([gzipped, named, junk]),
  Buffer.concat([plain, plain]),
);
test(
  'bytes behind a member with extra data, a name and a comment',
  decoded,
  'gzip',
  Buffer.concat([named, junk]),
);
test(
  'what begins like a member behind gzip',
  decoded,
  'gzip',
  Buffer.concat([gzipped, gzipped.subarray(0, 12), junk]),
);
test('two codings, the last one applied first', decoded, 'gzip, br', zlib.brotliCompressSync(gzipped));
test(
  'three codings',
  decoded,
  'deflate, gzip, br',
  zlib.brotliCompressSync(zlib.gzipSync(zlib.deflateSync(plain))),
);
test('identity among others', decoded, 'identity, gzip,, identity', gzipped);
test('nothing where gzip was announced', decoded, 'gzip', Buffer.alloc(0), Buffer.alloc(0));
test('gzip of nothing', decoded, 'gzip', zlib.gzipSync(''), Buffer.alloc(0));

/** Compresses badly, so that the encoded body is large enough to be decoded in the thread pool. */
const large = Buffer.from(randomBytes(450_000).toString('base64'));
const packed = zlib.gzipSync(large, { level: 1 });
const largeBrotli = zlib.brotliCompressSync(large, {
  params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 },
});
test('more than 256 KiB of gzip', decoded, 'gzip', packed, large);
test('bytes behind more than 256 KiB of gzip', decoded, 'gzip', Buffer.concat([packed, junk]), large);
test('more than 256 KiB of deflate', decoded, 'deflate', zlib.deflateSync(large, { level: 1 }), large);
test('more than 256 KiB of raw deflate', decoded, 'deflate', zlib.deflateRawSync(large, { level: 0 }), large);
test('more than 256 KiB of br in gzip', decoded, 'br, gzip', zlib.gzipSync(largeBrotli, { level: 0 }), large);

test('the large bodies of this file are above 256 KiB', (t) => {
  t.true(packed.length > 256 * 1024);
  t.true(largeBrotli.length > 256 * 1024);
});

const undecodable = test.macro({
  exec: async (t, coding: string, encoded: Buffer, error: FailureCode, detail: RegExp) => {
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(200, { 'content-encoding': coding, 'content-type': 'text/html' }).end(encoded);
    });
    for (const processors of [[], [body]]) {
      const result = await fetchOne(url, { processors });
      t.is(result.error, error);
      t.regex(result.detail, detail);
      t.is(result.status, 200);
      t.is(result.type, 'text/html');
      t.is(result.bytes, null);
      t.is(result.wireBytes, encoded.length);
      t.deepEqual({ ...result.values }, {});
    }
  },
  title: (name) => `never a good body: ${name}`,
});

test('plain text called gzip', undecodable, 'gzip', plain, 'body-undecodable', /header/);
test('plain text called deflate', undecodable, 'deflate', plain, 'body-undecodable', /./);
test('plain text called br', undecodable, 'br', plain, 'body-undecodable', /./);
test(
  'a coding that nobody has',
  undecodable,
  'compress',
  plain,
  'body-undecodable',
  /coding "compress" cannot/,
);
test('one under another', undecodable, 'dcz, gzip', gzipped, 'body-undecodable', /"dcz"/);
test('four codings', undecodable, 'gzip, gzip, gzip, gzip', gzipped, 'body-undecodable', /more than 3/);
test('a wrong checksum', undecodable, 'gzip', withLastByteChanged(gzipped), 'body-undecodable', /./);
test(
  'a wrong checksum and bytes behind it',
  undecodable,
  'gzip',
  Buffer.concat([withLastByteChanged(gzipped), junk]),
  'body-undecodable',
  /./,
);
test('gzip that is cut', undecodable, 'gzip', gzipped.subarray(0, -5), 'http-truncated', /cut off/);
test(
  'gzip that is cut within its header',
  undecodable,
  'gzip',
  gzipped.subarray(0, 4),
  'http-truncated',
  /cut off/,
);
test(
  'deflate that is cut',
  undecodable,
  'deflate',
  zlib.deflateSync(plain).subarray(0, -5),
  'http-truncated',
  /cut off/,
);
test(
  'br that is cut',
  undecodable,
  'br',
  zlib.brotliCompressSync(plain).subarray(0, -5),
  'http-truncated',
  /cut off/,
);
test('much gzip that is cut', undecodable, 'gzip', packed.subarray(0, -5), 'http-truncated', /cut off/);
test('much of what is no gzip', undecodable, 'gzip', large, 'body-undecodable', /./);
test(
  'gzip in br that is cut',
  undecodable,
  'gzip, br',
  zlib.brotliCompressSync(gzipped.subarray(0, -5)),
  'http-truncated',
  /cut off/,
);

/** "<title>Ein Müller</title>" forty times, compressed by `zstd`, with its size and a checksum. */
const zstdPlain = Buffer.from('KLUv/WQQA/UAAKA8dGl0bGU+RWluIE3DvGxsZXI8LwIA83tWwIbJBJYXV6Y=', 'base64');
test('zstd', decoded, 'zstd', zstdPlain);
test(
  'several frames of zstd',
  decoded,
  'zstd',
  Buffer.concat([zstdPlain, zstdPlain]),
  Buffer.concat([plain, plain]),
);
test('bytes behind zstd', decoded, 'zstd', Buffer.concat([zstdPlain, junk]));
test('zstd that is cut', undecodable, 'zstd', zstdPlain.subarray(0, -9), 'http-truncated', /cut off/);
test(
  'zstd whose second frame is cut',
  undecodable,
  'zstd',
  Buffer.concat([zstdPlain, zstdPlain.subarray(0, -9)]),
  'http-truncated',
  /cut off/,
);
test('plain text called zstd', undecodable, 'zstd', plain, 'body-undecodable', /./);

test('the body of an error page is decoded like any other', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(404, { 'content-encoding': 'gzip' }).end(gzipped);
  });
  const { status, values } = await fetchOne(url, { processors: [body] });
  t.deepEqual([status, values['text']], [404, plain.toString()]);
});

test('several headers of content codings are one list', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(200, ['content-encoding', 'gzip', 'content-encoding', 'br']);
    response.end(zlib.brotliCompressSync(gzipped));
  });
  const { error, values } = await fetchOne(url, { processors: [body] });
  t.deepEqual([error, values['text']], [null, plain.toString()]);
});

const bodiless = test.macro({
  exec: async (t, method: string, status: number) => {
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(status, { 'content-encoding': 'compress' }).end();
    });
    const { error, bytes } = await fetchOne(url, { method });
    t.deepEqual({ error, bytes }, { error: null, bytes: 0 });
  },
  title: (name) => `where there is no body, no coding is unknown: ${name}`,
});

test('a reply to HEAD', bodiless, 'HEAD', 200);
test('304', bodiless, 'GET', 304);
test('204', bodiless, 'GET', 204);

test('decode() gives nothing above the limit, in any layer', async (t) => {
  const twice = zlib.gzipSync(zlib.gzipSync(Buffer.alloc(100_000)));
  const given = await decode(twice, ['gzip', 'gzip'], 1000);
  t.true('error' in given && given.error === 'body-too-large');
  const enough = await decode(twice, ['gzip', 'gzip'], 100_000);
  t.is((enough as Buffer).length, 100_000);
});

test('codingsOf() gives the codings in the order in which they were applied', (t) => {
  t.deepEqual(codingsOf(', GZIP ,identity,, Br'), ['gzip', 'br']);
  t.deepEqual(codingsOf(''), []);
});

function withLastByteChanged(data: Buffer): Buffer {
  const changed = Buffer.from(data);
  changed[changed.length - 8] = (changed.at(-8) ?? 0) ^ 1;
  return changed;
}
