import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: unknown) => {
    t.deepEqual(await valueOf('jsonld', html), expected);
  },
  title: (what) => what ?? '',
});

const script = (json: string, type = 'application/ld+json'): string =>
  `<script type="${type}">${json}</script>`;

test('in order', is, script('{"a":1}') + '<p>' + script(' [2] '), [{ a: 1 }, [2]]);
test('a type with a charset, in any case', is, script('1', ' Application/LD+JSON; charset=utf-8'), [1]);
test('other scripts', is, script('1', 'application/json') + '<script>2</script>', []);
test('references are not decoded', is, script('"&amp;<p>"'), ['&amp;<p>']);
test(
  'what is not JSON is left out',
  is,
  script('{a:1}') + script('') + script('{"a"') + script('{"a":1}{"b":2}') + script('2'),
  [2],
);
test('a script that is not closed', is, '<script type="application/ld+json">{"a":1}', [{ a: 1 }]);
test('in a template', is, `<template>${script('1')}</template>`, []);
test('in noscript', is, `<noscript>${script('1')}</noscript>`, [1]);

test(
  'what is nested too deeply to be written is left out',
  is,
  script('['.repeat(1e5) + ']'.repeat(1e5)) + script('1'),
  [1],
);

test('a semicolon behind it', is, script('{"a":1};'), [{ a: 1 }]);
test('a line end in a string', is, script('{"a":"b\nc\td"}'), [{ a: 'b\nc\td' }]);
test('commas too many', is, script('{"a":[1,,2,],}') + script('[,1]') + script('{"a":1},'), [
  { a: [1, 2] },
  [1],
  { a: 1 },
]);
test('a comma before a comment', is, script('{"a":1, /* b */ // c\n}'), [{ a: 1 }]);
test('comments', is, script('/* [ */ {"a":"http://b/*c*/"} // d\n// e'), [{ a: 'http://b/*c*/' }]);
test(
  'marks of a section',
  is,
  script('<![CDATA[{"a":1}]]>') +
    script('//<![CDATA[\n{"a":2}\n//]]>') +
    script('/*<![CDATA[*/{"a":3}/*]]>*/'),
  [{ a: 1 }, { a: 2 }, { a: 3 }],
);
test('all on one line', is, script('// <![CDATA[ {"a":1} // ]]>'), [{ a: 1 }]);
test(
  'marks of a comment',
  is,
  script('<!-- {"a":1} -->') + script('<!--\n[-2]\n//-->') + script('<!-- the shop -->{"a":3}'),
  [{ a: 1 }, [-2], { a: 3 }],
);
test('references for its quotes', is, script('{&quot;a&quot;: &quot;b &amp;amp; c&quot;}'), [
  { a: 'b &amp; c' },
]);
test('an escape that is none', is, script(String.raw`{"a":"it\'s \"b\" \u00e4\/"}`), [{ a: 'it\'s "b" ä/' }]);
test('an escape that is none in capitals', is, script(String.raw`{"a":"C:\Temp \U00e4 \u00E4 \B"}`), [
  { a: 'C:Temp U00e4 ä B' },
]);
test('a byte order mark', is, script('\ufeff{"a":1}'), [{ a: 1 }]);

test('where they had to be mended', async (t) => {
  const html = script('{"a":1}') + script('{"a":2,}') + script('none') + script('{"a":3};');
  t.deepEqual(await valueOf('jsonld', html), [{ a: 1 }, { a: 2 }, { a: 3 }]);
  t.deepEqual(await valueOf('jsonld_mended', html), [1, 2]);
  t.deepEqual(await valueOf('jsonld_mended', script('{}')), []);
});
