import test from 'ava';

import { loadEncodings } from '../../src/page/encodings.ts';
import { htmlEncoding, xmlEncoding } from '../../src/page/prescan.ts';

test.before(loadEncodings);

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const html = test.macro({
  exec: (t, head: string, encoding: string | null) => {
    t.is(htmlEncoding(latin1(head)), encoding);
  },
  title: (what) => `HTML: ${what}`,
});

/** Always the same declaration, as its length matters where a limit is near. */
const meta = '<meta charset=koi8-r>';

test('nothing', html, '', null);
test('no meta element', html, '<!doctype html><title>a</title><p>b', null);
test('charset in double quotes', html, '<meta charset="koi8-r">', 'KOI8-R');
test('charset in single quotes', html, "<meta charset='koi8-r'>", 'KOI8-R');
test('charset without quotes', html, '<meta charset=koi8-r>', 'KOI8-R');
test('charset before a slash that is its own', html, '<meta charset=koi8-r/>', null);
test('charset before a slash and a space', html, '<meta charset=koi8-r />', 'KOI8-R');
test('charset in quotes before a slash', html, '<meta charset="koi8-r"/>', 'KOI8-R');
test('capitals', html, '<META CHARSET="KOI8-R">', 'KOI8-R');
test('spaces around the equals sign', html, '<meta charset\t=\n"koi8-r">', 'KOI8-R');
test('spaces within the quotes', html, '<meta charset="\f koi8-r\r">', 'KOI8-R');
test('a slash for the space', html, '<meta/charset=koi8-r>', 'KOI8-R');
test('other attributes before and after', html, '<meta a b=1 c="x>y" charset=koi8-r d>', 'KOI8-R');
test('no space between attributes', html, '<meta a="b"charset="koi8-r"c>', 'KOI8-R');
test('an equals sign that begins a name', html, '<meta =charset=utf-8 charset=koi8-r>', 'KOI8-R');
test('an empty attribute before it', html, '<meta name= charset=koi8-r>', null);
test('an attribute without a value before the end', html, '<meta charset=koi8-r name=>', 'KOI8-R');
test('the first of two attributes', html, '<meta charset=koi8-r charset=utf-8>', 'KOI8-R');
test('the first of two elements', html, `${meta}<meta charset=utf-8>`, 'KOI8-R');
test('the first is unknown', html, '<meta charset=klingon><meta charset=koi8-r>', 'KOI8-R');
test('the first of two attributes is unknown', html, '<meta charset=klingon charset=koi8-r>', null);
test('empty', html, '<meta charset=""><meta charset>', null);
test('an attribute that ends in its name', html, '<meta data-charset=koi8-r>', null);
test('an element that begins with its name', html, '<metadata charset=koi8-r><meta1 charset=koi8-r>', null);
test('an element without attributes', html, `<meta>${meta}`, 'KOI8-R');
test('another label of the encoding', html, '<meta charset=latin1>', 'windows-1252');
test('UTF-16, which could not be read so far', html, '<meta charset=utf-16>', 'UTF-8');
test('UTF-16BE', html, '<meta charset=utf-16be>', 'UTF-8');
test('x-user-defined', html, '<meta charset=x-user-defined>', 'windows-1252');
test('replacement', html, '<meta charset=iso-2022-kr>', 'replacement');
test('bytes beyond ASCII before it', html, `\xe4\xff\x00${meta}`, 'KOI8-R');

const type = 'http-equiv=content-type';
test('a header', html, `<meta ${type} content="text/html; charset=koi8-r">`, 'KOI8-R');
test('a header, attributes the other way round', html, `<meta content="charset=koi8-r" ${type}>`, 'KOI8-R');
test('a header in capitals', html, '<meta HTTP-EQUIV="Content-Type" CONTENT="CHARSET=KOI8-R">', 'KOI8-R');
test('a header of another name', html, '<meta http-equiv=refresh content="0; charset=koi8-r">', null);
test('content alone', html, '<meta name=x content="charset=koi8-r">', null);
test('a header of two names', html, `<meta http-equiv=x ${type} content="charset=koi8-r">`, null);
test('charset before content', html, `<meta charset=koi8-r ${type} content="charset=utf-8">`, 'KOI8-R');
test('charset after content', html, `<meta ${type} content="charset=utf-8" charset=koi8-r>`, 'KOI8-R');
test('charset is unknown', html, `<meta ${type} content="charset=utf-8" charset=klingon>`, null);
test('charset beside another header', html, '<meta http-equiv=x charset=koi8-r>', 'KOI8-R');
test('a header without content', html, `<meta ${type}>${meta}`, 'KOI8-R');
test('UTF-16 in a header', html, `<meta ${type} content="charset=utf-16le">`, 'UTF-8');

const content = test.macro({
  exec: (t, value: string, encoding: string | null) => {
    const quote = value.includes('"') ? "'" : '"';
    t.is(htmlEncoding(latin1(`<meta ${type} content=${quote}${value}${quote}>`)), encoding);
  },
  title: (what) => `content: ${what}`,
});

test('the word alone', content, 'charset', null);
test('nothing behind the equals sign', content, 'charset=', null);
test('spaces behind the equals sign', content, 'charset= ', null);
test('spaces', content, 'text/html;charset\n= \tkoi8-r ', 'KOI8-R');
test('ends at a semicolon', content, 'charset=koi8-r;x', 'KOI8-R');
test('ends at a space', content, 'charset=koi8-r x', 'KOI8-R');
test('a comma does not end it', content, 'charset=koi8-r,x', null);
test('in quotes', content, "charset='koi8-r'x", 'KOI8-R');
test('in double quotes', content, 'charset="koi8-r" ; x', 'KOI8-R');
test('in quotes that do not end', content, "charset='koi8-r", null);
test('a quotation mark behind it', content, "charset=koi8-r'", null);
test('the word twice', content, 'charset; xcharset=koi8-r', 'KOI8-R');
test('the first of two', content, 'charset=koi8-r; charset=utf-8', 'KOI8-R');
test('the first of two is unknown', content, 'charset=klingon; charset=koi8-r', null);
test('the first of two does not end', content, "charset='klingon; charset=koi8-r", null);

test('in a comment', html, `<!-- ${meta} -->`, null);
test('after a comment', html, `<!-- a > b -- --->${meta}`, 'KOI8-R');
test('after the shortest comment', html, `<!-->${meta}`, 'KOI8-R');
test('after a short comment', html, `<!--->${meta}`, 'KOI8-R');
test('in a comment that does not end', html, `<!-- ${meta}`, null);
test('in an attribute', html, `<p title="${meta}">`, null);
test('in an attribute of an end tag', html, `</p title="${meta}">`, null);
test('behind an attribute', html, `<p title='>'>${meta}`, 'KOI8-R');
test('behind an attribute that does not end', html, `<p title='>${meta}`, null);
test('behind a tag that does not end', html, `<p <b ${meta}`, null);
test('behind a doctype with a tag in it', html, `<!doctype "${meta}`, null);
test('behind a doctype', html, `<!doctype html "a>${meta}`, 'KOI8-R');
test('in a processing instruction', html, `<?php ${meta}`, null);
test('behind a slash alone', html, `</>${meta}`, 'KOI8-R');
test('behind what is no tag', html, `a < b <3 <<${meta}`, 'KOI8-R');
test('in a script, as a prescan does not know one', html, `<script>"${meta}"</script>`, 'KOI8-R');
test('in a title', html, `<title>${meta}</title>`, 'KOI8-R');

const pad = (length: number): string => 'x'.repeat(length);
test('its last byte is byte 1024', html, `${pad(1024 - meta.length)}${meta}`, 'KOI8-R');
test('its last byte is byte 1025', html, `${pad(1025 - meta.length)}${meta}`, null);
test('it begins behind byte 1024, in the body', html, `<p>${pad(1024)}${meta}`, null);
test('the text ends before its end', html, '<meta charset=koi8-r', null);
test('the text ends within its quotes', html, '<meta charset="koi8-r', null);
test('the text ends behind its quotes', html, '<meta charset="koi8-r"', null);
test('the text ends behind the name', html, '<meta', null);
test('the text ends behind an equals sign', html, '<meta charset=', null);
test('the text ends behind an attribute', html, '<meta charset ', null);
test('a comment ends behind byte 1024, in the body', html, `<p><!--${pad(1020)}-->${meta}`, null);

test('an XML declaration', html, '<?xml version="1.0" encoding="koi8-r"?><html>', 'KOI8-R');
test('an XML declaration, and a meta element', html, `<?xml encoding="utf-8"?>${meta}`, 'KOI8-R');
test('an XML declaration, and an unknown meta', html, '<?xml encoding="koi8-r"?><meta charset=x>', 'KOI8-R');
test('an XML declaration that is not at the beginning', html, ' <?xml encoding="koi8-r"?>', null);
test('an XML declaration in UTF-16', html, '<\0?\0x\0m\0l\0', 'UTF-16LE');

const xml = test.macro({
  exec: (t, head: string | Buffer, encoding: string | null) => {
    t.is(xmlEncoding(typeof head === 'string' ? latin1(head) : head), encoding);
  },
  title: (what) => `XML: ${what}`,
});

const declaration = '<?xml version="1.0" encoding="utf-16"?><a/>';
test('nothing at all', xml, '', null);
test('no declaration', xml, '<a encoding="koi8-r"/>', null);
test('a declaration', xml, '<?xml version="1.0" encoding="koi8-r" standalone="yes"?><a/>', 'KOI8-R');
test('single quotes', xml, "<?xml version='1.0' encoding='koi8-r'?>", 'KOI8-R');
test('spaces around its equals sign', xml, '<?xml encoding\r\n=\t"koi8-r"?>', 'KOI8-R');
test('no quotes', xml, '<?xml encoding=koi8-r?>', null);
test('quotes that differ', xml, '<?xml encoding="koi8-r\'?>', null);
test('spaces in the quotes', xml, '<?xml encoding=" koi8-r"?>', null);
test('a declaration without an encoding', xml, '<?xml version="1.0"?><a encoding="koi8-r"/>', null);
test('a declaration that does not end', xml, '<?xml encoding="koi8-r"', null);
test('a declaration that ends behind byte 1024', xml, `<?xml ${pad(1000)} encoding="koi8-r"?>`, null);
test('an encoding that nobody knows', xml, '<?xml encoding="klingon"?>', null);
test('something before the declaration', xml, '\n<?xml encoding="koi8-r"?>', null);
test('a meta element says nothing', xml, meta, null);
test('UTF-16 that could be read as ASCII', xml, declaration, 'UTF-8');
test('UTF-16LE without a mark', xml, Buffer.from(declaration, 'utf16le'), 'UTF-16LE');
test('UTF-16BE without a mark', xml, Buffer.from(declaration, 'utf16le').swap16(), 'UTF-16BE');
test('the first of two encodings', xml, '<?xml encoding="koi8-r" encoding="utf-8"?>', 'KOI8-R');

test('text made to be slow is quick', (t) => {
  const nasty = [
    '<',
    '<!--',
    '<a ',
    '<a =',
    '<meta ',
    '<meta a="',
    '<meta charset=',
    '<p/',
    `<meta ${type} content="charset `,
  ];
  for (const piece of nasty) t.is(htmlEncoding(latin1(piece.repeat(100_000))), null, piece);
});

/** Longer than the part that is always searched. */
const far = `<!--${'-'.repeat(1100)}-->`;
test('further on in the head', html, `<!doctype html><html><head><title>a</title>${far}${meta}`, 'KOI8-R');
test('further on, without a tag of the head', html, `${far}${meta}`, 'KOI8-R');
test('further on, across the first 1024 bytes', html, `<title>${'a'.repeat(1005)}</title>${meta}`, 'KOI8-R');
test(
  'further on, behind script, style and links',
  html,
  `<SCRIPT>"<p>${meta}"${' '.repeat(1100)}</SCRIPT ><style>a<b</style><link rel=x><base href=/>${meta}`,
  'KOI8-R',
);
test('further on, a header', html, `${far}<meta ${type} content="a; charset=koi8-r">`, 'KOI8-R');
test('further on, in a comment', html, `${far}<!--${meta}-->`, null);
test('further on, in the text of a script', html, `${far}<script>${meta}</script>`, null);
test('further on, in a script without an end', html, `${far}<script>${meta}`, null);
test('further on, behind the beginning of the body', html, `${far}<body>${meta}`, null);
test('further on, behind an element of the body', html, `${far}<div></div>${meta}`, null);
test('further on, behind the end of an element of the body', html, `${far}</p>${meta}`, null);
test('further on, behind an element that begins like one of the head', html, `${far}<header>${meta}`, null);
test('further on, without an end', html, `${far}${meta.slice(0, -1)}`, null);
test('further on, unknown and known', html, `${far}<meta charset=klingon>${meta}`, 'KOI8-R');
test('what is in the first 1024 bytes counts first', html, `<p>${meta}${far}<meta charset=utf-8>`, 'KOI8-R');

test('a head without an end is read in no time', (t) => {
  for (const part of ['<meta', '<script>', '<meta a="', '<!--', '</', '<title><']) {
    t.is(htmlEncoding(latin1(`${far}${part.repeat(100_000)}charset`)), null);
  }
});
