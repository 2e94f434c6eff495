import test from 'ava';

import { valueOf } from './values.ts';

const xhtml = 'application/xhtml+xml';
const root = '<html xmlns="http://www.w3.org/1999/xhtml" lang="de">';

const is = test.macro({
  exec: async (t, name: string, body: string, expected: unknown, type: string = xhtml) => {
    t.deepEqual(await valueOf(name, `${root}${body}</html>`, type), expected);
  },
  title: (what) => what ?? '',
});

test('a script that closes itself', is, 'title', '<head><script src="a"/><title>T</title></head>', 'T');
test('a title that does', is, 'h1', '<head><title/></head><body><h1>H</h1></body>', 'H');
test('has no text', is, 'title', '<head><title/></head><body><h1>H</h1></body>', '');
test('a textarea that does', is, 'links', '<textarea/><a href="/x">x</a>', ['http://example.org/x']);
test('by the name of its root', is, 'title', '<title>T</title>', 'T', 'application/xml');
test('of a feed nothing is read', async (t) => {
  t.is(
    await valueOf('title', '<rss xmlns:h="http://www.w3.org/1999/xhtml"><title>T</title></rss>', 'text/xml'),
    '',
  );
});
test('the language', is, 'lang', '', 'de');
test('the base', is, 'links', '<base href="/b/"/><a href="x"/>', ['http://example.org/b/x']);
test(
  'text',
  is,
  'text',
  '<head><title>T</title><style>s</style></head><body><h1>A</h1>b<br/>c<p>d<![CDATA[<e>]]></p><svg xmlns="http://www.w3.org/2000/svg"><text>f</text></svg></body>',
  'A\nb\nc\n\nd<e>',
);
test(
  'the title of a drawing is none',
  is,
  'title',
  '<svg xmlns="http://www.w3.org/2000/svg"><title>D</title></svg><title>T</title>',
  'T',
);
test('an element of another namespace is none', is, 'h1', '<x:h1 xmlns:x="urn:x">x</x:h1><h1>y</h1>', 'y');
test('a prefix of its own namespace', is, 'h1', '<h:h1 xmlns:h="http://www.w3.org/1999/xhtml">x</h:h1>', 'x');
test('a template holds nothing of it', is, 'links', '<template><a href="/x">x</a></template>', []);
test(
  'JSON-LD in a section',
  is,
  'jsonld',
  '<script type="application/ld+json">//<![CDATA[\n{"a":"<b>"}\n//]]></script>',
  [{ a: '<b>' }],
);
test(
  'references of HTML',
  is,
  'title',
  '<title>a&nbsp;&eacute;&amp;eacute;&lt;<![CDATA[&eacute;]]></title>',
  'a\u00a0é&eacute;<&eacute;',
);
test('what is never closed holds nothing', is, 'h1', '<body><h1>a<br></h1><p>b</p></body>', 'a');
test('tags that do not match', is, 'links', '<p><b><a href="/1">x</p></b><a href="/2">y</a>', [
  'http://example.org/1',
  'http://example.org/2',
]);
