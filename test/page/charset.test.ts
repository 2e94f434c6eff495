import test from 'ava';

import { growth } from '../helpers/steps.ts';
import { charsetFor } from '../../src/page/charset.ts';
import type { CharsetSource } from '../../src/page/charset.ts';
import { loadEncodings } from '../../src/page/encodings.ts';
import type { TextKind } from '../../src/page/text-kind.ts';

test.before(loadEncodings);

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** @param expected the encoding; with a slash before it if the body is not text */
const found = test.macro({
  exec: (t, body: string | Buffer, contentType: string, expected: string) => {
    const { encoding, kind } = charsetFor(Buffer.from(body), contentType);
    t.is(kind === 'other' ? `/${encoding}` : encoding, expected);
  },
  title: (what) => what ?? '',
});

const marked = utf16('\ufeff<meta charset=koi8-r>');
const markedUtf8 = '\ufeff<meta charset=koi8-r>';
const meta = '<meta charset="koi8-r">';

test('HTML: a mark goes before all', found, markedUtf8, 'text/html; charset=cp1251', 'UTF-8');
test('HTML: a mark of UTF-16 goes before all', found, marked, 'text/html; charset=cp1251', 'UTF-16LE');
test('HTML: the header goes before a meta element', found, meta, 'text/html; charset=sjis', 'Shift_JIS');
test('HTML: an unknown charset in the header counts as none', found, meta, 'text/html; charset=x', 'KOI8-R');
test('HTML: a meta element', found, meta, 'text/html', 'KOI8-R');
test(
  'HTML: an unknown charset everywhere',
  found,
  '<meta charset=x>',
  'text/html; charset=x',
  'windows-1252',
);
test('HTML: nothing declared', found, '<p>', 'text/html', 'windows-1252');
test('HTML: nothing declared, and UTF-8', found, '<p>é', 'text/html', 'UTF-8');
test('HTML: nothing declared, and Latin-1', found, latin1('<p>\xe9'), 'text/html', 'windows-1252');
test('HTML: a meta element that comes late', found, ' '.repeat(1024) + meta, 'text/html', 'KOI8-R');
test('HTML: an empty charset', found, meta, 'text/html; charset=', 'KOI8-R');
test('HTML: a charset in quotes', found, meta, 'text/html; x=y; Charset="big5"', 'Big5');
test('HTML: UTF-16 by the header', found, meta, 'text/html; charset=utf-16', 'UTF-16LE');
test(
  'HTML: x-user-defined by the header',
  found,
  meta,
  'text/html; charset=x-user-defined',
  'x-user-defined',
);
test('HTML: x-user-defined by itself', found, '<meta charset=x-user-defined>', 'text/html', 'windows-1252');
test('HTML: an encoding that is dangerous', found, '', 'text/html; charset=hz-gb-2312', 'replacement');
test('HTML: capitals', found, meta, 'Text/HTML', 'KOI8-R');

const xml = '<?xml version="1.0" encoding="koi8-r"?>';
test('XML: a mark goes before all', found, `\ufeff${xml}`, 'text/xml; charset=cp1251', 'UTF-8');
test('XML: the header goes before the declaration', found, xml, 'text/xml; charset=sjis', 'Shift_JIS');
test('XML: an unknown charset in the header counts as none', found, xml, 'text/xml; charset=x', 'KOI8-R');
test('XML: its declaration', found, xml, 'application/xml', 'KOI8-R');
test('XML: nothing declared', found, '<a/>', 'text/xml', 'UTF-8');
test('XML: nothing declared, and not UTF-8', found, latin1('<a>\xe9</a>'), 'text/xml', 'windows-1252');
test('XML: UTF-16 without a mark', found, utf16(xml), 'application/xml', 'UTF-16LE');
test('XML: UTF-16 without a mark, high byte first', found, utf16(xml).swap16(), 'text/xml', 'UTF-16BE');
test('XHTML: a meta element says nothing', found, meta, 'application/xhtml+xml', 'UTF-8');
test('XHTML: its declaration', found, xml, 'application/xhtml+xml', 'KOI8-R');
test('Atom', found, xml, 'application/atom+xml', 'KOI8-R');
test('SVG is text', found, '<svg/>', 'image/svg+xml', 'UTF-8');
test('a type that only ends like XML', found, xml, 'application/notxml', '/UTF-8');

test('JSON', found, '{"a": "é"}', 'application/json', 'UTF-8');
test(
  'JSON: the charset of the header says nothing',
  found,
  '{}',
  'application/json; charset=cp1251',
  'UTF-8',
);
test('JSON: UTF-16 by the header alone', found, '{}', 'application/json; charset=utf-16', 'UTF-8');
test('JSON: not UTF-8', found, latin1('"\xe9"'), 'application/json', 'UTF-8');
test('JSON: a mark of UTF-16', found, utf16('\ufeff{}'), 'application/json; charset=utf-16', 'UTF-16LE');
test('JSON: UTF-16 without a mark is not guessed', found, utf16('{}'), 'application/json', 'UTF-8');
test('JSON for links', found, '{}', 'application/ld+json; charset=cp1251', 'UTF-8');
test('JSON by lines', found, '{}', 'application/x-ndjson; charset=cp1251', 'UTF-8');
test('JSON by other lines', found, '{}', 'application/jsonl; charset=cp1251', 'UTF-8');
test('JSON called text', found, '{}', 'text/json; charset=cp1251', 'UTF-8');
test('a type that only begins like JSON', found, '', 'application/jsonp; charset=cp1251', '/windows-1251');

test('plain: a mark goes before all', found, '\ufeffa', 'text/plain; charset=cp1251', 'UTF-8');
test('plain: the header', found, 'é', 'text/plain; charset=cp1251', 'windows-1251');
test('plain: UTF-8', found, 'é', 'text/plain', 'UTF-8');
test('plain: ASCII', found, 'e', 'text/plain', 'UTF-8');
test('plain: not UTF-8', found, latin1('\xe9'), 'text/plain', 'windows-1252');
test('plain: UTF-8 that is cut off', found, Buffer.from('é').subarray(0, 1), 'text/plain', 'windows-1252');
test('plain: a meta element says nothing', found, meta, 'text/plain', 'UTF-8');
test('CSS', found, '@charset "koi8-r";', 'text/css', 'UTF-8');
test('CSV, by its header', found, '', 'text/csv; charset=latin1', 'windows-1252');
test('JavaScript', found, '', 'application/javascript', 'UTF-8');
test('JavaScript by its old name', found, '', 'application/x-javascript; charset=gbk', 'GBK');

test('an image', found, 'PNG', 'image/png', '/UTF-8');
test('an image with a charset', found, 'PNG', 'image/png; charset=latin1', '/windows-1252');
test('an image with bytes that are not UTF-8', found, latin1('\x89PNG'), 'image/png', '/windows-1252');
test('bytes', found, 'text', 'application/octet-stream', '/UTF-8');
test('a document with XML in it', found, '', 'application/vnd.openxmlformats-officedocument', '/UTF-8');

test('without a type: what begins like HTML', found, `\n ${meta}`, '', 'KOI8-R');
test('without a type: what begins with a mark and HTML', found, '\ufeff<p>', '', 'UTF-8');
test('without a type: what begins like XML', found, '<?xml version="1.0"?><a>é</a>', '', 'UTF-8');
test('without a type: text', found, 'é <p>', '', 'UTF-8');
test('without a type: text that is not UTF-8', found, latin1('\xe9'), '', 'windows-1252');
test('without a type: text in UTF-16', found, utf16('\ufeffa'), '', 'UTF-16LE');
test('without a type: all that text has', found, 'a\t\r\n\f\u001b(B\u007f', '', 'UTF-8');
test('without a type: bytes', found, 'GIF\u0001', '', '/UTF-8');
test('without a type: bytes that come late', found, `${'a'.repeat(1445)}\0`, '', 'UTF-8');
test('without a type: a charset says nothing', found, 'a', ';charset=cp1251', 'UTF-8');
test('a type that is none: the look of it', found, meta, 'html; charset=cp1251', 'KOI8-R');
test('an unknown type: the look of it', found, meta, 'application/unknown', 'KOI8-R');
test('two types: the last one', found, meta, 'text/plain, text/html', 'KOI8-R');

const feed = '<?xml version="1.0" encoding="koi8-r"?>\n<!-- a > b --><!DOCTYPE rss><rss version="2.0">';
const kinds: readonly (readonly [body: string | Buffer, contentType: string, kind: TextKind])[] = [
  [feed, 'text/html; charset=utf-8', 'xml'],
  [feed, 'text/plain', 'xml'],
  [feed, 'application/octet-stream', 'xml'],
  [`\ufeff\n ${feed}`, 'text/html', 'xml'],
  [utf16(`\ufeff${feed}`), 'text/plain', 'xml'],
  ['<feed xmlns="http://www.w3.org/2005/Atom">', 'text/html', 'xml'],
  ['<atom:feed>', 'text/html', 'xml'],
  ['<rdf:RDF>', 'text/html', 'xml'],
  ['<opml>', 'text/html', 'xml'],
  ['<urlset>', 'text/html', 'xml'],
  ['<sitemapindex\n>', 'text/html', 'xml'],
  ['<?xml version="1.0"?><html>', 'text/html', 'html'],
  ['<!doctype html><rss>', 'text/html', 'xml'],
  ['<p><rss>', 'text/html', 'html'],
  ['text <rss>', 'text/html', 'html'],
  ['<feedback>', 'text/html', 'html'],
  ['<!-- <rss> -->', 'text/html', 'html'],
  ['<!-- <rss>', 'text/html', 'html'],
  ['<?xml version="1.0"?><catalog>', 'text/plain', 'plain'],
  ['{}', 'text/plain', 'plain'],
];
test('kinds of texts: a feed or a sitemap is XML, whatever it is called', (t) => {
  for (const [body, contentType, kind] of kinds) {
    t.is(charsetFor(Buffer.from(body), contentType).kind, kind, `${contentType}: ${body.toString()}`);
  }
});

test(
  'the charset of what is called text is that of its declaration where it is a feed',
  found,
  feed,
  'text/plain',
  'KOI8-R',
);

const sources: readonly (readonly [body: string | Buffer, contentType: string, from: CharsetSource])[] = [
  [markedUtf8, 'text/html; charset=cp1251', 'bom'],
  [meta, 'text/html; charset=cp1251', 'http'],
  [meta, 'text/html; charset=x', 'document'],
  [xml, 'text/xml', 'document'],
  ['<p>é', 'text/html', 'guess'],
  [latin1('<p>\xe9'), 'text/html', 'guess'],
  ['é', 'text/plain', 'guess'],
  [latin1('<a>\xe9'), 'text/xml', 'guess'],
  ['<p>e', 'text/html', 'default'],
  ['e', 'text/plain', 'default'],
  ['<a>é', 'text/xml', 'default'],
  ['"é"', 'application/json; charset=cp1251', 'default'],
];
test('what an encoding is known from', (t) => {
  for (const [body, contentType, from] of sources) {
    t.is(charsetFor(Buffer.from(body), contentType).from, from, `${contentType}: ${body.toString()}`);
  }
});

test.serial('a large page is looked at in its first bytes only', async (t) => {
  const ratio = await growth(1_000_000, (size) => {
    t.is(charsetFor(Buffer.alloc(size, '<p title="'), 'text/html').encoding, 'windows-1252');
  });
  t.true(ratio < 1.5, `eight times as much takes ${ratio.toFixed(1)} times as many steps`);
});
