import zlib from 'node:zlib';

import test from 'ava';

import { unpackedText } from '../../src/page/packed-text.ts';

const sitemap = '<?xml version="1.0"?><urlset><url><loc>http://a.test/</loc></url></urlset>';
const packed = zlib.gzipSync(sitemap);

const unpacks = test.macro({
  exec: (t, body: Buffer, contentType: string, text: string, type: string) => {
    const content = unpackedText({ body, contentType });
    t.is(content.body.toString(), text);
    t.is(content.contentType, type);
  },
  title: (what) => what ?? '',
});

for (const type of ['application/gzip', 'application/x-gzip', 'application/octet-stream; x=y', '']) {
  test(`a sitemap in ${type}`, unpacks, packed, type, sitemap, '');
}
test('a sitemap called XML', unpacks, packed, 'text/xml; charset=x', sitemap, 'text/xml; charset=x');
test('a sitemap called an image', unpacks, packed, 'image/png', sitemap, 'image/png');
test('any text', unpacks, zlib.gzipSync('a,b\n'), 'application/gzip', 'a,b\n', '');
test('several members', unpacks, Buffer.concat([packed, packed]), '', sitemap + sitemap, '');
test('zeros behind the end', unpacks, Buffer.concat([packed, Buffer.alloc(3)]), '', sitemap, '');
test('a long one', unpacks, zlib.gzipSync(sitemap.repeat(10_000)), '', sitemap.repeat(10_000), '');

const same = test.macro({
  exec: (t, body: Buffer, contentType: string) => {
    const content = { body, contentType };
    t.is(unpackedText(content), content);
  },
  title: (what) => `as it is: ${what ?? ''}`,
});

test('no gzip', same, Buffer.from(sitemap), 'application/gzip');
test('a text called an image', same, zlib.gzipSync('text'), 'image/png');
test('bytes', same, zlib.gzipSync(Buffer.from([0, 1, 2])), 'application/gzip');
test(
  'what only begins like gzip',
  same,
  Buffer.from('\x1f\x8b\x08\xffxxxxxxxxxxxxxxxxxxxxxxx', 'latin1'),
  '',
);
test('nothing', same, Buffer.alloc(0), 'application/gzip');

const fails = test.macro({
  exec: (t, body: Buffer, message: RegExp) => {
    t.throws(() => unpackedText({ body, contentType: '' }), { instanceOf: RangeError, message });
  },
  title: (what) => `fails: ${what ?? ''}`,
});

const damaged = Buffer.from(packed);
damaged.fill(0, damaged.length - 8);
test(
  'one that is cut off',
  fails,
  packed.subarray(0, -9),
  /^the gzip file in the body cannot be unpacked: unexpected end/,
);
test(
  'one with a wrong checksum',
  fails,
  damaged,
  /^the gzip file in the body cannot be unpacked: incorrect data check/,
);
const bomb = zlib.gzipSync(Buffer.alloc(50 * 1024 * 1024 + 1, '<urlset>'));
test(
  'one that is too large',
  fails,
  bomb,
  /^the gzip file in the body cannot be unpacked: Cannot create a Buffer larger than/,
);
