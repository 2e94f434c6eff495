import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('published', html), expected);
  },
  title: (what) => what ?? '',
});

const meta = (name: string, content: string, attribute = 'name'): string =>
  `<meta ${attribute}="${name}" content="${content}">`;
const script = (value: unknown): string =>
  `<script type="application/ld+json">${typeof value === 'string' ? value : JSON.stringify(value)}</script>`;

test('none', is, '<p>Published on 2024-05-01', '');
test(
  'JSON-LD comes before meta',
  is,
  meta('article:published_time', '2024-05-02', 'property') +
    script({ '@type': 'NewsArticle', datePublished: '2024-05-01T10:00:00+02:00' }),
  '2024-05-01T10:00:00+02:00',
);
test(
  'JSON-LD in a graph',
  is,
  script({ '@graph': [{ '@type': 'WebSite' }, { '@type': 'Article', datePublished: '2024-05-01' }] }),
  '2024-05-01',
);
test(
  'JSON-LD of a main entity',
  is,
  script({ '@type': 'WebPage', mainEntity: { '@type': 'Recipe', datePublished: '2024-05-01' } }),
  '2024-05-01',
);
test(
  'an article comes before other items',
  is,
  script([
    { '@type': 'WebPage', datePublished: '2020-01-01' },
    { '@type': ['Thing', 'BlogPosting'], datePublished: ['2024-05-01'] },
  ]),
  '2024-05-01',
);
test(
  'JSON-LD of what the page only mentions',
  is,
  script({ '@type': 'Product', review: { '@type': 'Review', datePublished: '2024-05-01' } }),
  '',
);
test('a typed value', is, script({ datePublished: { '@value': '2024-05-01' } }), '2024-05-01');
test('JSON-LD that is mended', is, script('{"datePublished":"2024-05-01",}'), '2024-05-01');
test(
  'JSON-LD that is none, or nested without end',
  is,
  script('{"datePublished":') +
    script('['.repeat(1e5) + ']'.repeat(1e5)) +
    script(`${'{"@graph":['.repeat(1000)}${']}'.repeat(1000)}`) +
    script({ datePublished: 5 }) +
    meta('date', '2024-05-01'),
  '2024-05-01',
);

for (const name of [
  'article:published_time',
  'og:published_time',
  'citation_publication_date',
  'parsely-pub-date',
  'sailthru.date',
  'DC.date.issued',
  'dcterms.issued',
  'dc:date',
  'pubdate',
  'publish-date',
  'date',
]) {
  test(`meta ${name}`, is, meta(name, '2024-05-01'), '2024-05-01');
}
test('meta with itemprop', is, meta('datePublished', '2024-05-01', 'itemprop'), '2024-05-01');
test(
  'the more exact name first, wherever it stands',
  is,
  meta('date', '2020-01-01') + meta('article:published_time', '2024-05-01', 'property'),
  '2024-05-01',
);
test(
  'dates of changes',
  is,
  meta('article:modified_time', '2024-05-01') + meta('last-modified', '2024-05-01'),
  '',
);
test(
  'what is no date is passed over',
  is,
  script({ datePublished: 'yesterday' }) +
    meta('article:published_time', '', 'property') +
    meta('pubdate', '0000-00-00 00:00:00') +
    meta('date', '2024-05-01'),
  '2024-05-01',
);
test(
  'a whole date before one that lacks its day',
  is,
  meta('citation_publication_date', '2024/05') + meta('date', '2024-05-01'),
  '2024-05-01',
);
test('a month when there is no more', is, meta('citation_publication_date', '2024/05'), '2024-05');

test(
  'the time element that says so',
  is,
  '<article><time datetime="2020-01-01">x</time><time pubdate datetime="2024-05-01">x</time></article>',
  '2024-05-01',
);
test(
  'a time element by its itemprop',
  is,
  '<time itemprop="datePublished" datetime="2024-05-01T10:00Z">',
  '2024-05-01T10:00Z',
);
test(
  'the first time in the first article',
  is,
  '<article><time datetime="10:30">x</time><time>1 May 2024</time><time>2 May 2024</time></article>',
  '2024-05-01',
);
test(
  'a time element with content',
  is,
  '<time itemprop="datePublished" content="2024-05-01">x</time>',
  '2024-05-01',
);
test(
  'hAtom',
  is,
  '<abbr class="dt published" title="2024-05-01T00:55:00-07:00">12:55 AM</abbr>',
  '2024-05-01T00:55:00-07:00',
);
test(
  'other abbreviations',
  is,
  '<abbr title="2024-05-01">x</abbr><abbr class="updated" title="2024-05-01">x</abbr>',
  '',
);
test(
  'an abbreviation in the text of a time',
  is,
  '<time pubdate>1 <abbr title="x">May</abbr> 2024</time>',
  '2024-05-01',
);
test('a time in a later article', is, '<article>x</article><article><time>2024-05-01</time></article>', '');
test('a time elsewhere', is, '<time datetime="2024-05-01">x</time>', '');
test(
  'the time of a change',
  is,
  '<article><time itemprop="dateModified" datetime="2024-05-01">x</time></article>',
  '',
);
test(
  'an article in an article',
  is,
  '<article><article>x</article><time>2024-05-01</time></article>',
  '2024-05-01',
);
test('many articles that do not end', is, `${'<article>'.repeat(1e5)}<time>2024-05-01`, '');

test('in XHTML', async (t) => {
  const html =
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><meta name="date" content="2024-05-01"/></head><body/></html>';
  t.is(await valueOf('published', html, 'application/xhtml+xml'), '2024-05-01');
});
