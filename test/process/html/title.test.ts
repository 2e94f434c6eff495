import test from 'ava';

import { valueOf } from './values.ts';

const titleIs = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('title', html), expected);
  },
  title: (what) => what ?? '',
});

test(
  'the title of a page',
  titleIs,
  '<!doctype html><html><head><title>A page</title></head></html>',
  'A page',
);
test('a title in capitals', titleIs, '<HTML><TITLE>A</TITLE>', 'A');
test('a title with attributes', titleIs, '<title lang="en" data-x="</title>">A</title>', 'A');
test('a title whose end has space', titleIs, '<title>A</title\n>B', 'A');
test('a title without html and head', titleIs, 'text <title>A</title>', 'A');
test('a title in the body', titleIs, '<body><p>x</p><title>A</title>', 'A');
test('named entities', titleIs, '<title>R&amp;D &lt;3 caf&eacute; &copy</title>', 'R&D <3 café ©');
test('numbered entities', titleIs, '<title>&#65;&#x42;&#128512;</title>', 'AB😀');
test('an entity twice encoded is decoded once', titleIs, '<title>&amp;amp;</title>', '&amp;');
test('what is no entity', titleIs, '<title>AT&T & B&x;</title>', 'AT&T & B&x;');
test('tags in a title are text', titleIs, '<title>a <b>bold</b></title>', 'a <b>bold</b>');
test('a comment in a title is text', titleIs, '<title>a <!-- b --> c</title>', 'a <!-- b --> c');
test('space is collapsed and stripped', titleIs, '<title>\n\t a \r\n  b\f\t</title>', 'a b');
test(
  'space that HTML does not know as such stays',
  titleIs,
  '<title>&nbsp;a\u2003b\u00a0</title>',
  '\u00a0a\u2003b\u00a0',
);
test('an empty title', titleIs, '<title></title>', '');
test('a title of space', titleIs, '<title> \n </title>', '');
test('no title', titleIs, '<html><head></head><body>Text</body></html>', '');
test('an empty page', titleIs, '', '');
test('a second title is ignored', titleIs, '<title>A</title><title>B</title>', 'A');
test('a second title is ignored also after an empty one', titleIs, '<title></title><title>B</title>', '');
test('a title of a drawing is ignored', titleIs, '<svg><title>X</title></svg><title>A</title>', 'A');
test(
  'a title deep in a drawing is ignored',
  titleIs,
  '<svg><g><title>X</title></g></svg><title>A</title>',
  'A',
);
test(
  'a title of a drawing within a drawing is ignored',
  titleIs,
  '<svg><svg></svg><title>X</title></svg><title>A</title>',
  'A',
);
test('a title behind a closed drawing counts', titleIs, '<svg/><title>A</title>', 'A');
test(
  'a title of a drawing behind the title is ignored',
  titleIs,
  '<title>A</title><svg><title>X</title></svg>',
  'A',
);
test('a drawing alone has no title of the page', titleIs, '<body><svg><title>X</title></svg>', '');
test('a title in a comment is ignored', titleIs, '<!-- <title>X</title> --><title>A</title>', 'A');
test('a title in a script is ignored', titleIs, '<script>"<title>X</title>"</script><title>A</title>', 'A');
test('a title in a style is ignored', titleIs, '<style><title>X</title></style><title>A</title>', 'A');
test(
  'a title in a text field is ignored',
  titleIs,
  '<textarea><title>X</title></textarea><title>A</title>',
  'A',
);
test('a title in an attribute is ignored', titleIs, '<p title="<title>X</title>"><title>A</title>', 'A');
test(
  'a title in a template is ignored',
  titleIs,
  '<template><title>X</title></template><title>A</title>',
  'A',
);
test(
  'a title in noscript counts: no scripts run',
  titleIs,
  '<noscript><title>X</title></noscript><title>A</title>',
  'X',
);
test(
  'a title in the title of a drawing',
  titleIs,
  '<body><svg><title>icon<title>Page</title><h1>Head</h1>',
  'Page',
);
test(
  'a drawing goes on behind it',
  titleIs,
  '<svg><title>a<textarea></title></textarea><b></title></svg><title>T</title>',
  'T',
);
test('a title of HTML within a drawing counts', titleIs, '<svg><foreignObject><title>A</title>', 'A');
test('line ends are one kind', titleIs, '<title>a\r\nb\rc</title>', 'a b c');
test('NUL is shown', titleIs, '<title>a\0b&#0;c</title>', 'a\ufffdb\ufffdc');
test('the end tag of another name is text', titleIs, '<title>a</titles></titl></title>', 'a</titles></titl>');
test('a title that is not closed goes to the end', titleIs, '<title>A\nb', 'A b');
test('a tag that only begins like it is ignored', titleIs, '<titles>X</titles><title>A</title>', 'A');

test('a title of many thousand characters is whole', async (t) => {
  const text = 'x'.repeat(20_000);
  t.is(await valueOf('title', `<title>${text}</title>`), text);
});

const typeIs = test.macro({
  exec: async (t, contentType: string, expected: string, start: string = '') => {
    t.is(await valueOf('title', `${start}<title>A</title>`, contentType), expected);
  },
  title: (what) => what ?? '',
});

test('XHTML has a title', typeIs, 'application/xhtml+xml', 'A');
test('HTML in capitals has a title', typeIs, 'Text/HTML', 'A');
test('plain text has no title', typeIs, 'text/plain', '');
test('JSON has no title', typeIs, 'application/json', '');
test('a type that only begins like HTML has no title', typeIs, 'text/htmlx', '');
test('what has no type and begins like HTML has a title', typeIs, '', 'A', '\n ');
test('what has no type and begins with a byte order mark and HTML has a title', typeIs, '', 'A', '\ufeff');
test('what has no type and does not begin like HTML has no title', typeIs, '', '', 'x');

const encoded = test.macro({
  exec: async (t, body: Buffer, contentType: string, expected: string) => {
    t.is(await valueOf('title', body, contentType), expected);
  },
  title: (what) => `a title in ${what}`,
});

const latin1 = Buffer.from('<title>Größe</title>', 'latin1');
const utf16 = Buffer.from('\ufeff<title>Größe</title>', 'utf16le');
const utf8 = Buffer.from('<title>Größe</title>');
test('UTF-8 without a charset', encoded, utf8, 'text/html', 'Größe');
test('UTF-8 with its charset', encoded, utf8, 'text/html; charset=utf-8', 'Größe');
test('ISO 8859-1 with its charset', encoded, latin1, 'text/html; charset=ISO-8859-1', 'Größe');
test('ISO 8859-1 without a charset', encoded, latin1, 'text/html', 'Größe');
test('UTF-16 with a byte order mark', encoded, utf16, 'text/html; charset=utf-8', 'Größe');
test('a charset that does not exist', encoded, latin1, 'text/html; charset=klingon', 'Größe');
test(
  'a charset that only a meta element names',
  encoded,
  Buffer.concat([
    Buffer.from('<meta charset="windows-1251"><title>'),
    Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]),
    Buffer.from('</title>'),
  ]),
  'text/html',
  'Привет',
);
