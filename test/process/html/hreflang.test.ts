import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: unknown, link?: string, type?: string) => {
    const headers = link === undefined ? {} : { Link: link };
    t.deepEqual(await valueOf('hreflang', html, type, 'http://example.org/d/page?q', headers), expected);
  },
  title: (what) => what ?? '',
});

const alternate = (hreflang: string, href: string, rel = 'alternate'): string =>
  `<link rel="${rel}" hreflang="${hreflang}" href="${href}">`;

test(
  'absolute, in order',
  is,
  alternate('de-AT', '/at') + alternate(' x-default ', ' https://Example.com '),
  [
    { hreflang: 'de-AT', href: 'http://example.org/at' },
    { hreflang: 'x-default', href: 'https://example.com/' },
  ],
);
test('a base behind', is, `${alternate('de', 'a')}<base href=/b/>`, [
  { hreflang: 'de', href: 'http://example.org/b/a' },
]);
test(
  'each once, and several of one language',
  is,
  alternate('de', 'a') + alternate('de', 'a') + alternate('de', 'b'),
  [
    { hreflang: 'de', href: 'http://example.org/d/a' },
    { hreflang: 'de', href: 'http://example.org/d/b' },
  ],
);
test(
  'others',
  is,
  `${alternate('de', 'a', 'alternates')}${alternate('de', 'a', 'alternate stylesheet')}${alternate('', 'a')}` +
    `${alternate('de', '')}<a rel=alternate hreflang=de href=a>a</a><link rel=alternate href=a>`,
  [],
);
test('several types, in any case', is, alternate('de', 'a', 'nofollow\nALTERNATE'), [
  { hreflang: 'de', href: 'http://example.org/d/a' },
]);
test(
  'the header behind the page, against its URL',
  is,
  `<base href=/b/>${alternate('de', 'a')}`,
  [
    { hreflang: 'de', href: 'http://example.org/b/a' },
    { hreflang: 'en', href: 'http://example.org/d/e' },
    { hreflang: 'fr', href: 'http://example.org/f' },
    { hreflang: 'fr-CA', href: 'http://example.org/f' },
  ],
  '<e>; rel="alternate"; hreflang="en", </b/a>; rel=alternate; hreflang=de, </f>; rel=alternate; hreflang=fr; hreflang=fr-CA, </s>; rel=alternate',
);
test(
  'a file that is no page',
  is,
  '%PDF',
  [{ hreflang: 'en', href: 'http://example.org/e.pdf' }],
  '</e.pdf>; rel=alternate; hreflang=en',
  'application/pdf',
);
test('a file without a header', is, '%PDF', '', undefined, 'application/pdf');
test(
  'XHTML',
  is,
  '<html xmlns="http://www.w3.org/1999/xhtml"><link rel="alternate" hreflang="de" href="a"/></html>',
  [{ hreflang: 'de', href: 'http://example.org/d/a' }],
  undefined,
  'application/xhtml+xml',
);
