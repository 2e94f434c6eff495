import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: unknown, link?: string, type?: string) => {
    const headers = link === undefined ? {} : { Link: link };
    t.deepEqual(await valueOf('feeds', html, type, 'http://example.org/d/page', headers), expected);
  },
  title: (what) => what ?? '',
});

const feed = (type: string, href: string, rel = 'alternate'): string =>
  `<link rel="${rel}" type="${type}" href="${href}">`;

test(
  'RSS, Atom and JSON Feed, in order and once',
  is,
  feed('application/rss+xml', '/rss') +
    feed(' Application/Atom+XML; type=feed', 'atom') +
    feed('application/feed+json', 'https://Example.com') +
    feed('application/rss+xml', '/rss'),
  ['http://example.org/rss', 'http://example.org/d/atom', 'https://example.com/'],
);
test('with rel=feed', is, feed('application/atom+xml', 'a', 'FEED'), ['http://example.org/d/a']);
test(
  'others',
  is,
  feed('application/json', '/wp-json/') +
    feed('text/html', '/m', 'feed') +
    feed('application/rss+xml', '') +
    feed('application/rss+xml', '/s', 'alternate stylesheet') +
    feed('application/rss+xml', '/s', 'x') +
    '<a rel=alternate type=application/rss+xml href=/a>a</a><link rel=alternate href=/b>',
  [],
);
test('in the body, too', is, `<p>x${feed('application/rss+xml', '/rss')}`, ['http://example.org/rss']);
test(
  'the header behind the page',
  is,
  `<base href=/b/>${feed('application/rss+xml', 'rss')}`,
  ['http://example.org/b/rss', 'http://example.org/d/atom'],
  '<atom>; rel=alternate; type="application/atom+xml", <x>; rel=alternate; type=text/html',
);
test(
  'a file that is no page',
  is,
  'x',
  ['http://example.org/a'],
  '</a>; rel=alternate; type=application/rss+xml',
  'text/plain',
);
test('a file without a header', is, 'x', '', undefined, 'text/plain');
