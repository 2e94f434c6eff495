import { gzipSync } from 'node:zlib';

import test from 'ava';

import { sitemapUrls } from '../../src/process/sitemap-urls.ts';
import { pageOf } from './pages.ts';

const is = test.macro({
  exec: (t, body: string | Buffer, expected: unknown, type?: string, url?: string) => {
    t.deepEqual(
      sitemapUrls(pageOf(body, type ?? 'application/xml', url ?? 'http://example.org/d/sitemap.xml')),
      expected,
    );
  },
  title: (what) => what ?? '',
});

const urlset = (inner: string, attributes = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<urlset ${attributes}>${inner}</urlset>`;
const loc = (url: string): string => `<url><loc>${url}</loc><lastmod>2024-01-01</lastmod></url>`;
const ab = ['http://a.example/', 'http://b.example/x'];
const both = loc('http://a.example/') + loc('http://b.example/x');

test('a sitemap', is, urlset(both), ab);
test(
  'an index',
  is,
  '<sitemapindex><sitemap><loc>http://a.example/</loc></sitemap><sitemap><loc>http://b.example/x</loc></sitemap></sitemapindex>',
  ab,
);
test('an empty one', is, urlset(''), []);
test(
  'whatever its namespace and media type',
  is,
  urlset(both, 'xmlns="http://www.google.com/schemas/sitemap/0.84"'),
  ab,
  'text/html',
);
test('without a namespace, as text', is, urlset(both, ''), ab, 'text/plain');
test(
  'with a prefix',
  is,
  '<s:urlset xmlns:s="x"><s:url><s:loc>http://a.example/</s:loc></s:url></s:urlset>',
  ['http://a.example/'],
);
test('in capitals', is, '<URLSET><URL><LOC>http://a.example/</LOC></URL></URLSET>', ['http://a.example/']);
test(
  'references, CDATA, comments and whitespace',
  is,
  urlset(
    loc('\n http://a.example/?a=1&amp;b=2&#38;c=3 \n') +
      loc('<![CDATA[ http://a.example/?a=1&b=2 ]]>') +
      loc('http://a.example/<!-- x -->y') +
      loc('http://a.example/?a=1&b=2&copy=3'),
  ),
  [
    'http://a.example/?a=1&b=2&c=3',
    'http://a.example/?a=1&b=2',
    'http://a.example/y',
    'http://a.example/?a=1&b=2&copy=3',
  ],
);
test(
  'relative ones, and what is no URL',
  is,
  urlset(loc('x') + loc('/y') + loc('//z.example') + loc('http://[') + loc('')),
  ['http://example.org/d/x', 'http://example.org/y', 'http://z.example/', 'http://['],
);
test(
  'only those of the entries',
  is,
  urlset(
    '<url><image:image><image:loc>http://i.example/</image:loc></image:image><image:loc>http://i.example/</image:loc><video><loc>http://i.example/</loc></video><xhtml:link rel="alternate" href="http://i.example/"/><loc>http://a.example/</loc></url><loc>http://i.example/</loc>',
  ),
  ['http://a.example/'],
);
test('as often as they occur', is, urlset(loc('http://a.example/') + loc('http://a.example/')), [
  'http://a.example/',
  'http://a.example/',
]);
test('an element that is closed by its parent', is, urlset('<url><loc>http://a.example/</url>'), [
  'http://a.example/',
]);
test('one that is cut', is, `<urlset>${loc('http://a.example/')}<url><loc>http://b.exam`, [
  'http://a.example/',
]);
test(
  'with a byte order mark, in UTF-16',
  is,
  Buffer.from(`\ufeff${urlset(loc('http://a.example/ä'))}`, 'utf16le'),
  ['http://a.example/%C3%A4'],
);
test('in a gzip file', is, gzipSync(urlset(both)), ab, 'application/x-gzip');
test('50,000 of them', (t) => {
  const urls = Array.from({ length: 50_000 }, (_, i) => `https://example.org/page/${i}`);
  t.deepEqual(sitemapUrls(pageOf(urlset(urls.map(loc).join('')), 'text/xml')), urls);
});

const item = '<title>t</title><link> http://a.example/ </link>';
test(
  'RSS',
  is,
  `<rss version="2.0" xmlns:atom="a"><channel><link>http://c.example/</link><atom:link rel="self" href="/f"/><item><atom:link href="http://i.example/"/>${item}</item><item><guid>http://g.example/</guid></item><item><guid isPermaLink="false">http://h.example/</guid></item><item><guid>17</guid><link><![CDATA[/z]]></link></item></channel></rss>`,
  ['http://a.example/', 'http://g.example/', 'http://example.org/z'],
  'application/rss+xml',
);
test(
  'RSS 1.0',
  is,
  `<rdf:RDF xmlns:rdf="r"><channel><link>http://c.example/</link></channel><item>${item}</item></rdf:RDF>`,
  ['http://a.example/'],
);
test(
  'Atom',
  is,
  '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/b/"><link href="http://c.example/"/><entry><link rel="self" href="s"/><link rel="alternate" href="a"/><link href="x"/></entry><entry xml:base="c/"><link href="../d"/><content><link href="n"/></content></entry><entry><link href=" e "/></entry><entry/></feed>',
  ['http://example.org/b/a', 'http://example.org/b/d', 'http://example.org/b/e'],
  'application/atom+xml',
);

test(
  'a text',
  is,
  '\ufeff\r\nhttp://a.example/\r\n\n  http://b.example/x  \nno URL\nhttp://c.example/ d\n',
  ab,
  'text/plain',
);
test('a text that is called HTML or bytes', is, 'http://a.example/\nhttp://b.example/x', ab, 'text/html');
test(
  'a text that is called bytes',
  is,
  'http://a.example/\nhttp://b.example/x',
  ab,
  'application/octet-stream',
);
test('a packed text', is, gzipSync('http://a.example/\nhttp://b.example/x'), ab, 'application/gzip');
test(
  'a robots.txt',
  is,
  'User-agent: *\nDisallow: /\n SITEMAP : /s.xml # x\n#Sitemap: /t.xml\nsitemap:http://a.example/',
  ['http://example.org/s.xml', 'http://a.example/'],
  'text/plain',
);
test('a robots.txt without one', is, 'User-agent: *\n', [], 'text/plain', 'http://example.org/robots.txt?x');

test(
  'a robots.txt that is called HTML',
  is,
  'User-agent: *\nSitemap: /s.xml',
  ['http://example.org/s.xml'],
  'text/html',
  'http://example.org/robots.txt',
);
test(
  'a page instead of a robots.txt',
  is,
  '<pre>\nSitemap: /s.xml',
  '',
  'text/html',
  'http://example.org/robots.txt',
);
test('another text', is, 'See http://a.example/', '', 'text/plain');
test('prose that begins with a URL', is, 'http://a.example/ is good\nhttp://b.example/', '', 'text/plain');
test('a page', is, '<!doctype html><a href=http://a.example/>a</a>', '', 'text/html');
test('other XML', is, '<opml><url><loc>http://a.example/</loc></url></opml>', '');
test('other files', is, Buffer.from([0x89, 0x50, 0x4e, 0x47]), '', 'image/png');
test('JSON', is, '["http://a.example/"]', '', 'application/json');
test('nothing', is, '', '', 'application/xml');

test('a long URL of the page does not fill the memory', (t) => {
  const page = pageOf(urlset(loc('?').repeat(100_000)), 'text/xml', `http://example.org/${'x'.repeat(8000)}`);
  t.throws(() => sitemapUrls(page), { instanceOf: RangeError });
});

test('nor does a long base in a feed', (t) => {
  const entries = '<entry><link href="//a.example/"/></entry>'.repeat(1000);
  const feed = `<feed xml:base="http://b.example/${'x'.repeat(100_000)}">${entries}</feed>`;
  t.throws(() => sitemapUrls(pageOf(feed, 'text/xml')), {
    instanceOf: RangeError,
    message: 'the links are many times as long as the page',
  });
});

test('deep nesting is refused', (t) => {
  const page = pageOf(`<urlset>${'<a xml:base="b/">'.repeat(10_000)}`, 'text/xml');
  t.throws(() => sitemapUrls(page), { instanceOf: RangeError });
});
