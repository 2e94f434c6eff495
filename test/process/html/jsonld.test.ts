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
  script('{a:1}') + script('') + script('<!-- 1 -->') + script('2'),
  [2],
);
test('a script that is not closed', is, '<script type="application/ld+json">{"a":1}', [{ a: 1 }]);
test('in a template', is, `<template>${script('1')}</template>`, []);
test('in noscript', is, `<noscript>${script('1')}</noscript>`, []);

test(
  'what is nested too deeply to be written is left out',
  is,
  script('['.repeat(1e5) + ']'.repeat(1e5)) + script('1'),
  [1],
);
