import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('canonical', html, 'text/html', 'http://example.org/d/page?q#f'), expected);
  },
  title: (what) => what ?? '',
});

test('absolute', is, '<link rel=canonical href="https://Example.com">', 'https://example.com/');
test('relative', is, '<link rel=canonical href="x">', 'http://example.org/d/x');
test('one of several types, in any case', is, '<link rel="Next\tCANONICAL" href=/x>', 'http://example.org/x');
test('another type', is, '<link rel="canonicals" href=/x><link rel=next href=/y><link href=/z>', '');
test('the first one', is, '<link rel=canonical href=/x><link rel=canonical href=/y>', 'http://example.org/x');
test(
  'one without an href is none',
  is,
  '<link rel=canonical><link rel=canonical href=y>',
  'http://example.org/d/y',
);
test('an empty one is the page', is, '<link rel=canonical href="">', 'http://example.org/d/page?q');
test('what is no URL', is, '<link rel=canonical href="http://[">', 'http://[');
test('a base before', is, '<base href=/b/><link rel=canonical href=x>', 'http://example.org/b/x');
test('a base behind', is, '<link rel=canonical href=x><p><base href=/b/>', 'http://example.org/b/x');
test(
  'a base behind an absolute one',
  is,
  '<link rel=canonical href=http://a/x><base href=/b/>',
  'http://a/x',
);
