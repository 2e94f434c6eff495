import test from 'ava';

import { growth, linear } from '../../helpers/steps.ts';
import { chosenExtractors, extractors } from '../../../src/process/extractors.ts';
import { pageOf } from '../pages.ts';

/**
 * All extractors except those of the article: their cost also grows with the depth of a page, and their steps
 * are limited instead.
 */
const names = Object.keys(extractors).filter((name) => !/^(?:article|byline)/.test(name));

/**
 * A page with some thousand repetitions of a part: the cost must grow linearly with its length, and all
 * values must be there.
 */
const isRead = test.macro({
  exec: async (t, html: (count: number) => string, charset?: string) => {
    const [processor] = await chosenExtractors(names.join(','), '');
    const ratio = await growth(500, async (count) => {
      const values = await processor?.process(
        pageOf(html(count), `text/html; charset=${charset ?? 'utf-8'}`),
      );
      t.is(Object.keys(values ?? {}).length, names.length);
    });
    t.true(ratio < linear, `eight times as much takes ${ratio.toFixed(1)} times as many steps`);
  },
  title: (what) => what ?? '',
});

test.serial('many blocks in one another', isRead, (n) => '<div>'.repeat(n) + '</span>'.repeat(n));
test.serial('many end tags', isRead, (n) => '<h1><ul>' + '<div>'.repeat(n / 2) + '</h2></ol>'.repeat(n / 2));
test.serial('many headings', isRead, (n) => '<h1><div><h2>'.repeat(n / 4) + '</h1>'.repeat(n));
test.serial('a drawing of many groups', isRead, (n) => '<svg>' + '<g>'.repeat(n) + '</x></a>'.repeat(n / 2));
test.serial(
  'drawings and HTML in turn',
  isRead,
  (n) => '<svg><a><desc>'.repeat(n / 5) + '</g></a>'.repeat(n / 2),
);
test.serial(
  'templates',
  isRead,
  (n) => '<svg><a></a><desc><template>'.repeat(n / 10) + '</a></svg>'.repeat(n / 2),
);
test.serial('many attributes', isRead, (n) => `<a ${'x=1 '.repeat(n)}href=y><meta ${'y '.repeat(n)}>`);
test.serial('a long attribute', isRead, (n) => `<a href="${'a/'.repeat(2 * n)}">`);
test.serial('a long title', isRead, (n) => `<title>${'&amp; x'.repeat(n)}`);
test.serial('a long heading', isRead, (n) => `<h1>${' <b>x'.repeat(n)}`);
test.serial('a long name', isRead, (n) => `<${'a'.repeat(5 * n)}>`);
test.serial('many links', isRead, (n) => '<a href=x>'.repeat(n / 2));
test.serial('links that are no URLs', isRead, (n) => '<a href=//[>'.repeat(n / 5));
test.serial(
  'queries in letters that the page lacks',
  isRead,
  (n) => '<a href=?&eth;&eth;>'.repeat(n / 5),
  'big5',
);
test.serial('many addresses', isRead, (n) => 'a@b.example '.repeat(n / 5) + '@'.repeat(n));
test.serial('a long address', isRead, (n) => `<p>${'a'.repeat(5 * n)}@${'b.'.repeat(5 * n)}`);
test.serial('many images without a source', isRead, (n) => '<img srcset="a 2x, b 3x,(">'.repeat(n / 5));
test.serial(
  'a picture of many sources and images',
  isRead,
  (n) => `<picture>${'<source srcset=a>'.repeat(n / 4)}${'<img>'.repeat(n / 2)}`,
);
test.serial('a long srcset', isRead, (n) => `<picture><source srcset="${'a (,'.repeat(n)}"><img>`);
test.serial(
  'many rules for robots',
  isRead,
  (n) => `<meta name=robots content="${'a : '.repeat(n)}${' '.repeat(n)}">`,
);
test.serial('many icons and alternates', isRead, (n) =>
  '<link rel="icon alternate" hreflang=a sizes="1x1 2x2" href=a type=application/rss+xml>'.repeat(n / 20),
);
test.serial('many sizes of an icon', isRead, (n) => `<link rel=icon href=a sizes="${'11x11 '.repeat(n)}">`);
test.serial('many line ends', isRead, (n) => `<pre>${'\r\n'.repeat(n)}${'<br>'.repeat(n / 2)}x`);
test.serial('many cells', isRead, (n) => '<td>'.repeat(n));
test.serial('scripts with comments', isRead, (n) => '<script><!--</script>'.repeat(n / 5));
test.serial('scripts before a comment', isRead, (n) => `${'<script></script>'.repeat(n / 5)}<script><!--`);
test.serial('sections that do not end', isRead, (n) => '<![CDATA['.repeat(n / 2));
test.serial(
  'sections of a drawing that do not end',
  isRead,
  (n) => `<svg>${'<![CDATA[]]>'.repeat(n / 4)}${'<![CDATA['.repeat(n / 4)}`,
);
test.serial('dashes of a comment', isRead, (n) => `<!--${'--!-'.repeat(n)}`);
test.serial('signs that begin nothing', isRead, (n) => '<'.repeat(n) + '&'.repeat(n) + '</'.repeat(n));
test.serial(
  'references',
  isRead,
  (n) => '&CounterClockwiseContourIntegra&#'.repeat(n / 10) + '&#' + '9'.repeat(n),
);

test('links that a long base would blow up fail the row', async (t) => {
  const [processor] = await chosenExtractors('links', '');
  const html = `<base href="/${'x'.repeat(1_000_000)}/">${'<a href=y>'.repeat(1000)}`;
  t.throws(() => processor?.process(pageOf(html)), {
    instanceOf: RangeError,
    message: /the links are many times/,
  });
});
