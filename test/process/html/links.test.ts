import test from 'ava';

import { valueOf } from './values.ts';

const page = 'http://example.org/d/e/page?q#f';

const are = test.macro({
  exec: async (t, html: string, expected: string) => {
    const links = (await valueOf('links', html, 'text/html', page)) as string[];
    t.is(links.join(' ').replaceAll('http://example.org', ''), expected);
  },
  title: (what) => what ?? '',
});

test('in order, as often as they occur', are, '<a href=/1></a><a href=/2></a><a href=/1></a>', '/1 /2 /1');
test('relative ones', are, '<a href=x></a><a href=../x></a><a href="../../../x"></a>', '/d/e/x /d/x /x');
test(
  'without a path',
  are,
  '<a href=""></a><a href="#x"></a><a href="?x"></a>',
  '/d/e/page?q /d/e/page?q#x /d/e/page?x',
);
test(
  'of all schemes',
  are,
  '<a href="mailto:a@b"></a><a href="javascript:x()"></a><a href="tel:1"></a>',
  'mailto:a@b javascript:x() tel:1',
);
test(
  'of another host',
  are,
  '<a href="//Example.com"></a><a href=https://a.b:443/%7e></a>',
  'http://example.com/ https://a.b/%7e',
);
test('what is no URL is text', are, '<a href="http://[x"></a><a href="//"></a>', 'http://[x //');
test('areas, but no others', are, '<map><area href=1></map><link href=2><img src=3>', '/d/e/1');
test('without an href', are, '<a name=x></a><a hrefs=y></a>', '');
test('without a value', are, '<a href></a>', '/d/e/page?q');
test('names in capitals', are, '<A HREF=1></A>', '/d/e/1');
test(
  'quotes of both kinds and none',
  are,
  `<a href='1"'></a><a href="2'"></a><a href=3></a>`,
  "/d/e/1%22 /d/e/2' /d/e/3",
);
test('space within and around', are, '<a href = " 1 2\n3 "></a>', '/d/e/1%2023');
test('the first of two equal attributes', are, '<a href=1 HREF=2></a>', '/d/e/1');
test('attributes without space between', are, `<a class="x"href="1"title='y'></a>`, '/d/e/1');
test('a slash is space, but in a value', are, '<a/href=1/></a>', '/d/e/1/');
test('an equals sign before a name', are, '<a =href=1 href=2></a>', '/d/e/2');
test('references', are, '<a href="?a=1&amp;b&#61;2"></a>', '/d/e/page?a=1&b=2');
test(
  'what looks like a reference is a parameter',
  are,
  '<a href="?a&copy=1&lt=2&reg"></a>',
  '/d/e/page?a&copy=1&lt=2%AE',
);
test('NUL', are, '<a href="\0"></a>', '/d/e/%EF%BF%BD');

const inCharset = test.macro({
  exec: async (t, charset: string, href: string, expected: string) => {
    const html = `<a href="${href}"></a>`;
    t.deepEqual(await valueOf('links', Buffer.from(html), `text/html; charset=${charset}`, page), [expected]);
  },
  title: (what) => what ?? '',
});

test('a query is encoded as the page is', inCharset, 'koi8-r', '?&#x436;', 'http://example.org/d/e/page?%D6');
test(
  'a path and a fragment are not',
  inCharset,
  'latin1',
  '/&eth;?&eth;#&eth;',
  'http://example.org/%C3%B0?%F0#%C3%B0',
);
test('nor a question mark in a fragment', inCharset, 'latin1', '/#?&eth;', 'http://example.org/#?%C3%B0');
test('nor other schemes', inCharset, 'latin1', 'mailto:a@b?&eth;', 'mailto:a@b?%C3%B0');
test(
  'letters that the encoding lacks are references',
  inCharset,
  'big5',
  '/?a=&#x65e5;&eth;&b=&#x1f600;',
  'http://example.org/?a=%A4%E9%26%23240%3B&b=%26%23128512%3B',
);
test(
  'what is ASCII in a query stays as it would be',
  inCharset,
  'iso-2022-jp',
  " /?&#x65e5; &quot;%41\t\n&lt;&#x672c;a' \n",
  'http://example.org/?%1B$BF|%1B(B%20%22%41%3C%1B$BK\\%1B(Ba%27',
);

test('a base', are, '<base href="/b/c"><a href=1></a>', '/b/1');
test(
  'a base that comes late',
  are,
  '<a href=1></a><base href="//b/c/"><a href=2></a>',
  'http://b/c/1 http://b/c/2',
);
test(
  'the first base with an href',
  are,
  '<base target=x><base href=/b/><base href=/c/><a href=1></a>',
  '/b/1',
);
test('a base that is no URL', are, '<base href="http://["><base href=/c/><a href=1></a>', '/d/e/1');
test('a base of data', are, '<base href="data:text/plain,x"><a href=1></a>', '/d/e/1');
test('a base of another scheme', are, '<base href="ftp://h/a/b"><a href=1></a>', 'ftp://h/a/1');
test(
  'a base that nothing is relative to',
  are,
  '<base href="mailto:x"><a href=1></a><a href="#y"></a>',
  '1 mailto:x#y',
);
test('an empty base', are, '<base href=""><a href="#x"></a>', '/d/e/page?q#x');
test('a base in a template', are, '<template><base href=/b/></template><a href=1></a>', '/d/e/1');

test(
  'comments',
  are,
  '<!-- <a href=1> --><!--><a href=2><!-- --!><a href=3><!---><a href=4><!x <a href=5><a href=6>',
  '/d/e/2 /d/e/3 /d/e/4 /d/e/6',
);
test(
  'what begins with a question mark, and an end tag of space',
  are,
  '<?php "<a href=1>" ?></ <a href=2>>',
  '',
);
test('a comment without an end', are, '<a href=1><!-- <a href=2>', '/d/e/1');
test('a tag without an end', are, '<a href=1></a><a href=2', '/d/e/1');
test('a value without an end', are, '<a href=1></a><a href="2></a><a href=3>', '/d/e/1');
test('CDATA is a comment in HTML', are, '<![CDATA[ <a href=1> ]]><a href=2>', '/d/e/2');
test('and text in a drawing', are, '<svg><![CDATA[ <p> <a href=1> ]]></svg><a href=2>', '/d/e/2');
test('CDATA without an end', are, '<svg><![CDATA[ <p><a href=1>', '');
test('CDATA in an attribute', are, '<a href="<![CDATA[x"></a>', '/d/e/%3C![CDATA[x');
test('a sign that begins no tag', are, '1 < 2 <1 <a href=1> <<a href=2>', '/d/e/1 /d/e/2');

for (const name of ['script', 'style', 'title', 'textarea', 'iframe', 'xmp', 'noembed', 'noframes']) {
  test(
    `in ${name}`,
    are,
    `<${name}><a href=1></a><!-- </${name}x> </ ${name}><a href=2></${name.toUpperCase()} ><a href=3></a>-->`,
    '/d/e/3',
  );
  test(`in ${name} without an end`, are, `<a href=1></a><${name}><a href=2></a>`, '/d/e/1');
  test(`in ${name} that ends at once`, are, `<${name}/><a href=1></${name}/><a href=2>`, '/d/e/2');
}
test('in plaintext', are, '<a href=1></a><plaintext><a href=2></plaintext><a href=3>', '/d/e/1');
test(
  'in a template',
  are,
  '<template><a href=1><template></template><script></template></script><a href=2></template><a href=3>',
  '/d/e/3',
);

test('in a commented script', are, '<script><!-- "<a href=1>" --></script><a href=2>', '/d/e/2');
test(
  'in a script in a commented script',
  are,
  '<script><!-- <script></script> <a href=1> --></script><a href=2>',
  '/d/e/2',
);
test('in a script after its comment', are, '<script><!-- --><script></script><a href=1>', '/d/e/1');
test('in a script after an empty comment', are, '<script><!--><script></script><a href=1>', '/d/e/1');

test('links of drawings are others', are, '<svg><a href=1></a></svg><a href=2>', '/d/e/2');
test('a drawing that is closed at once', are, '<svg/><a href=1>', '/d/e/1');
test('a drawing in a drawing', are, '<svg><svg></svg><a href=1></svg><a href=2>', '/d/e/2');
test('HTML in a drawing', are, '<svg><foreignObject><a href=1></foreignObject><a href=2></svg>', '/d/e/1');
test('HTML ends a drawing', are, '<svg><g><p><a href=1>', '/d/e/1');
test('font only does with its own attributes', are, '<svg><font><a href=1><font size=1><a href=2>', '/d/e/2');
test('the end of a block around it does', are, '<div><svg><g></div><a href=1>', '/d/e/1');
test(
  'HTML in a formula',
  are,
  '<math><mi><a href=1></a></mi><mrow><a href=2></mrow></math><a href=3>',
  '/d/e/1 /d/e/3',
);
test(
  'notes of a formula',
  are,
  '<math><annotation-xml encoding="Text/HTML"><a href=1></annotation-xml><annotation-xml><a href=2>',
  '/d/e/1',
);
test('a script of a drawing is no raw text', are, '<svg><script><p></script><a href=1>', '/d/e/1');

test('in noscript, as where no scripts run', are, '<noscript><a href=/a>x</a></noscript>', '/a');
