import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('description', html), expected);
  },
  title: (what) => what ?? '',
});

test('its content', is, '<meta name="description" content="A page">', 'A page');
test('name in any case', is, '<META NAME=Description CONTENT=A>', 'A');
test(
  'space around it is stripped, within it is kept',
  is,
  '<meta name=description content=" a \n b\t">',
  'a \n b',
);
test('a no-break space is kept', is, '<meta name=description content="&nbsp;a">', '\u00a0a');
test('references are decoded', is, '<meta name=description content="R&amp;D &#65;">', 'R&D A');
test('the first of two', is, '<meta name=description content=a><meta name=description content=b>', 'a');
test('also when it has no content', is, '<meta name=description><meta name=description content=b>', '');
test('the first of two equal attributes', is, '<meta name=description content=a content=b>', 'a');
test('another name', is, '<meta name="og:description" content=a><meta property=description content=b>', '');
test('a name with space', is, '<meta name=" description" content=a>', '');
test('in the body', is, '<body><p>x<meta name=description content=a>', 'a');
test('in noscript', is, '<noscript><meta name=description content=a></noscript>', 'a');
test('in a template', is, '<template><meta name=description content=a></template>', '');
test('in a comment', is, '<!-- <meta name=description content=a> -->', '');
test('meta ends a drawing', is, '<svg><g><meta name=description content=a>', 'a');
