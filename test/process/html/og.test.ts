import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(JSON.stringify(await valueOf('og', html)), expected);
  },
  title: (what) => what ?? '',
});

const meta = (property: string, content: string): string =>
  `<meta property="${property}" content="${content}">`;

test(
  'by name',
  is,
  meta('og:title', 'A &amp; B') + meta('og:image:width', '3'),
  '{"title":"A & B","image:width":"3"}',
);
test('several', is, meta('og:image', 'a') + meta('og:image', 'b'), '{"image":["a","b"]}');
test('names in lower case', is, meta(' OG:Title ', 'a'), '{"title":"a"}');
test(
  'others',
  is,
  meta('twitter:card', 'a') + '<meta itemprop="og:title" content=a><meta property="og:x">',
  '{}',
);
test('in the body, too', is, `<body><p>x</p>${meta('og:a', '')}`, '{"a":""}');
test('a name of all objects', is, meta('og:__proto__', 'a'), '{"__proto__":"a"}');
test(
  'by name instead of property',
  is,
  '<meta name="OG:Title" content=a><meta name=x property="og:type" content=b><meta property=x name="og:url" content=c>',
  '{"title":"a","type":"b","url":"c"}',
);
test('by both, once', is, '<meta name="og:title" property="og:title" content=a>', '{"title":"a"}');
