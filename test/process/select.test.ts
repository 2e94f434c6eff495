import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { selectProcessor } from '../../src/process/select.ts';
import { pageOf } from './pages.ts';

const shop = `<!doctype html><html lang=de><head><title>Shop</title>
<meta name="description" content="All &amp; more"></head>
<body><h1> Big\n\t<b>red</b>&nbsp; <i></i>things </h1>
<ul class="nav main"><li><a href="/a?x=1&amp;y=2" data-id>A</a><li><A HREF='b' TITLE="u@v">B</A><li><a>none</a></ul>
<div class="c@d">at</div><p></p><p>Price: <span id=p>12</span><!-- no --><script>let x = 1;</script></p></body></html>`;

const gives = test.macro({
  exec: (t, said: string, expected: unknown, body: string = shop, type: string = 'text/html') => {
    const processor = selectProcessor([said]);
    t.deepEqual(processor.process(pageOf(body, type)), { [processor.columns[0] ?? '']: expected });
  },
  title: (what, said: string) => `${what}: ${said}`,
});

test('text of the first match, whitespace collapsed', gives, 'h=h1', 'Big red\u00a0 things');
test('case of names does not matter', gives, 'h=H1', 'Big red\u00a0 things');
test('a class', gives, 'h=.main a', 'A');
test('an id', gives, 'h=#p', '12');
test('children and siblings', gives, 'h=ul > li + li > a', 'B');
test('a pseudo-class', gives, 'h=li:nth-child(2)', 'B');
test('a selector with a selector in it', gives, 'h=li:not(:has([href]))', 'none');
test('several selectors: the first in the page', gives, 'h=p, h1', 'Big red\u00a0 things');
test('text of scripts, not of comments', gives, 'h=p:last-child', 'Price: 12let x = 1;');
test('an element without text', gives, 'h=p', '');
test('no match', gives, 'h=h2', null);

test('an attribute as it is written', gives, 'h=a@href', '/a?x=1&y=2');
test('case of its name does not matter', gives, 'h=[title]@Href', 'b');
test('with entities', gives, 'h=meta[name=description]@content', 'All & more');
test('without a value', gives, 'h=a@data-id', '');
test('with space before', gives, 'h= li  a @href', '/a?x=1&y=2');
test('of the html element', gives, 'h=html@lang', 'de');
test('that the first match does not have', gives, 'h=li@href', null);
test('that all objects have', gives, 'h=a@constructor', null);
test('no match with an attribute', gives, 'h=h2@id', null);

test('all texts', gives, 'h*=a', ['A', 'B', 'none']);
test('all attributes, where they are', gives, 'h*=a@href', ['/a?x=1&y=2', 'b']);
test('no matches', gives, 'h*=h2', []);

test('@ in a quoted value', gives, 'h=[title="u@v"]', 'B');
test('@ in both', gives, 'h=[title="u@v"]@title', 'u@v');
test('@ at the end of a quoted value', gives, 'h=[title$="@v"]', 'B');
test('@ with a backslash', gives, String.raw`h=.c\@d`, 'at');
test('@ in :contains()', gives, 'h=a:contains(A@)', null);
test('the text around what people look for', gives, 'h=p:contains("Price: ")', 'Price: 12let x = 1;');
test('without quotes', gives, 'h=li:contains(on)', 'none');
test('in any case', gives, 'h=li:icontains(NON)', 'none');
test('a flag for case', gives, 'h=[title="U@V" i]@title', 'u@v');
test('a flag against it', gives, 'h*=[name="Description" s]@name', []);
test('a language in a string', gives, 'h=h1:lang("*")', 'Big red\u00a0 things');
test('one of several languages', gives, 'h=b:lang(fr, de)', 'red');
test('names that people know from jQuery', gives, 'h=:header b', 'red');

test('::text, the first one', gives, 'h=h1::text', 'Big');
test('::text, all of the element itself', gives, 'h*=h1::text', ['Big', '\u00a0', 'things']);
test('::text behind a space, all within', gives, 'h*=h1 ::text', ['Big', 'red', '\u00a0', 'things']);
test('::text of all', gives, 'h*=ul ::text', ['A', 'B', 'none']);
test('::text where there is none', gives, 'h=i::text', null);
test('::attr()', gives, 'h=a::attr(href)', '/a?x=1&y=2');
test('::attr(), the first that there is', gives, 'h=a::attr(title)', 'u@v');
test('::attr(), all', gives, 'h*=a::attr( href )', ['/a?x=1&y=2', 'b']);
test('::attr() behind a space', gives, 'h=ul ::attr(title)', 'u@v');

test('= in the selector', gives, 'h=[href=b]', 'B');

const feed = `<?xml version="1.0"?><rss><item><Title><![CDATA[a <b> & c]]></Title><link>http://l/</link>
<m:thumb url="U"/></item><item><Title>d&amp;e</Title></item></rss>`;
test('XML: names as they are written', gives, 't*=item > Title', ['a <b> & c', 'd&e'], feed, 'text/xml');
test('XML: not in other case', gives, 't*=title', [], feed, 'application/xml');
test('XML: link has text', gives, 't=link', 'http://l/', feed, 'application/rss+xml');
test('XML: names with a prefix', gives, String.raw`t=m\:thumb@url`, 'U', feed, 'text/xml; charset=utf-8');
test('XML without a type', gives, 't=Title', 'a <b> & c', feed, '');

test('XML: names in any namespace', gives, 't=*|thumb@url', 'U', feed, 'text/xml');
test('XML: not those with a prefix', gives, 't*=thumb', [], feed, 'text/xml');

const namespace = 'xmlns="http://www.w3.org/1999/xhtml"';
test(
  'XHTML: tags that close themselves',
  gives,
  't*=div, p',
  ['', 'x'],
  `<html ${namespace}><div/><p>x</p></html>`,
  'application/xhtml+xml',
);
test(
  'XHTML by its root',
  gives,
  't=head > title + script + p',
  'x',
  `<?xml version="1.0"?><!-- <a> --><html lang="en" ${namespace}><head><title/><script src="x"/><p>x</p></head></html>`,
  'text/xml',
);
test(
  'XHTML without a type',
  gives,
  't=p',
  'x',
  `<?xml version="1.0"?><html ${namespace}><title/><p>x</p></html>`,
  '',
);
test(
  'XHTML: sections are text',
  gives,
  't=style',
  'a > b',
  `<html ${namespace}><style><![CDATA[a > b]]></style></html>`,
  'application/xhtml+xml',
);
test(
  'XHTML: templates are no part of it',
  gives,
  't*=p',
  ['y'],
  `<html ${namespace}><template><p>x</p></template><p>y</p></html>`,
  'application/xhtml+xml',
);
test(
  'XHTML: what HTML never closes',
  gives,
  't*=body > *',
  ['', 'x', '', ''],
  `<html ${namespace}><body><br><p>x<br>\n</p><img><hr></body></html>`,
  'application/xhtml+xml',
);
test(
  'XHTML: names with a prefix',
  gives,
  't=p',
  'x',
  `<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:p>x</h:p></h:html>`,
  'application/xhtml+xml',
);

test('HTML without a type', gives, 't=b', 'x', '\n <b>x</b>', '');
test('XHTML', gives, 't=b', 'x\u00a0', '<b>x&nbsp;</b>', 'application/xhtml+xml');
test('what is not marked up has no elements', gives, 't=b', null, '<b>x</b>', 'text/plain');
test('and no list of them', gives, 't*=b', [], '<b>x</b>', 'application/json');
test('text without a type', gives, 't=b', null, 'x <b>y</b>', '');
test('an empty page', gives, 't=b', null, '');
test('tags that are not closed', gives, 't*=li', ['a', 'b'], '<ul><li>a<li>b');
test('half a tag', gives, 't=b', 'a', '<b>a<b class="');

test('several selectors share one page', (t) => {
  const processor = selectProcessor(['a=h1', 'b*=a', 'c=html@lang', 'd=h2']);
  t.deepEqual(processor.columns, ['a', 'b', 'c', 'd']);
  const expected = { a: 'Big red\u00a0 things', b: ['A', 'B', 'none'], c: 'de', d: null };
  t.deepEqual(processor.process(pageOf(shop)), expected);
  t.deepEqual(processor.process(pageOf(shop)), expected, 'a second time');
});

const refuses = test.macro({
  exec: (t, said: string, reason: string) => {
    const error = t.throws(() => selectProcessor([said]), { instanceOf: UsageError });
    t.is(error.message.replace(/ \(character \d+ of ".*"\)$/s, ''), `--select: ${said}: ${reason}`);
  },
  title: (_, said: string) => `refused: ${said}`,
});

test('the place of a fault is told', (t) => {
  t.throws(() => selectProcessor(['h=h1 > p[@title']), {
    message:
      '--select: h=h1 > p[@title: the name of an attribute is missing before its end (character 8 of "h1 > p[")',
  });
});

test(refuses, 'h=a[', 'the name of an attribute is missing before its end');
test(refuses, 'h=a[href="x]', 'a " is missing');
test(refuses, 'h=a[href', '"]" is missing before its end');
test(refuses, 'h=:not(li', 'a ")" is missing');
test(refuses, 'h=p:foo', 'there is no pseudo-class :foo');
test(refuses, 'h=p:foo(x)', 'there is no pseudo-class :foo()');
test(refuses, 'h=p::before', '::before is no element of a page');
test(refuses, 'h=p:before', '::before is no element of a page');
test(refuses, 'h=p:nth-child(x)', '"x" is no formula like 2n+1');
test(refuses, 'h=p,', 'a selector is missing');
test(refuses, 'h=p >', 'a selector is missing beside > + or ~');
test(refuses, 'h=> p', 'a selector is missing beside > + or ~');
test(refuses, 'h=p)', '")" is not expected there');
test(refuses, 'h=a:has(:has(b))', ':has() cannot stand in :has()');
test(refuses, 'h=svg|a', 'there is no namespace "svg": only *| and | can be said');
test(refuses, 'h=a::attr', '::attr is no element of a page');
test(refuses, 'h= ', 'a CSS selector is needed');
test(refuses, 'h=@href', 'a CSS selector is needed');
test(refuses, 'h=a@', '"@" is followed by the name of one attribute');
test(refuses, 'h=a@b@c', '"@" is followed by the name of one attribute');
