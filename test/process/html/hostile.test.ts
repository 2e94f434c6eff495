import test from 'ava';

import { chosenExtractors, extractors } from '../../../src/process/extractors.ts';
import { pageOf } from '../pages.ts';

const million = 1_000_000;

/** A page of a few MB that would take minutes if anything were quadratic; a second is much for it otherwise. */
const isRead = test.macro({
  exec: async (t, html: string, charset?: string) => {
    const [processor] = await chosenExtractors(Object.keys(extractors).join(','), '');
    const start = process.cpuUsage();
    const values = await processor?.process(pageOf(html, `text/html; charset=${charset ?? 'utf-8'}`));
    t.is(Object.keys(values ?? {}).length, 10);
    t.true(process.cpuUsage(start).user < 20_000_000);
  },
  title: (what) => what ?? '',
});

test('a million blocks in one another', isRead, '<div>'.repeat(million) + '</span>'.repeat(million));
test(
  'a million end tags',
  isRead,
  '<h1><ul>' + '<div>'.repeat(million / 2) + '</h2></ol>'.repeat(million / 2),
);
test('a million headings', isRead, '<h1><div><h2>'.repeat(million / 4) + '</h1>'.repeat(million));
test(
  'a drawing of a million groups',
  isRead,
  '<svg>' + '<g>'.repeat(million) + '</x></a>'.repeat(million / 2),
);
test(
  'drawings and HTML in turn',
  isRead,
  '<svg><a><desc>'.repeat(million / 5) + '</g></a>'.repeat(million / 2),
);
test(
  'templates',
  isRead,
  '<svg><a></a><desc><template>'.repeat(million / 10) + '</a></svg>'.repeat(million / 2),
);
test('a million attributes', isRead, `<a ${'x=1 '.repeat(million)}href=y><meta ${'y '.repeat(million)}>`);
test('a long attribute', isRead, `<a href="${'a/'.repeat(2 * million)}">`);
test('a long title', isRead, `<title>${'&amp; x'.repeat(million)}`);
test('a long heading', isRead, `<h1>${' <b>x'.repeat(million)}`);
test('a long name', isRead, `<${'a'.repeat(5 * million)}>`);
test('a million links', isRead, '<a href=x>'.repeat(million / 2));
test('links that are no URLs', isRead, '<a href=//[>'.repeat(million / 5));
test('queries in letters that the page lacks', isRead, '<a href=?&eth;&eth;>'.repeat(million / 5), 'big5');
test('a million line ends', isRead, `<pre>${'\r\n'.repeat(million)}${'<br>'.repeat(million / 2)}x`);
test('a million cells', isRead, '<td>'.repeat(million));
test('scripts with comments', isRead, '<script><!--</script>'.repeat(million / 5));
test('scripts before a comment', isRead, `${'<script></script>'.repeat(million / 5)}<script><!--`);
test('sections that do not end', isRead, '<![CDATA['.repeat(million / 2));
test(
  'sections of a drawing that do not end',
  isRead,
  `<svg>${'<![CDATA[]]>'.repeat(million / 4)}${'<![CDATA['.repeat(million / 4)}`,
);
test('dashes of a comment', isRead, `<!--${'--!-'.repeat(million)}`);
test('signs that begin nothing', isRead, '<'.repeat(million) + '&'.repeat(million) + '</'.repeat(million));
test(
  'references',
  isRead,
  '&CounterClockwiseContourIntegra&#'.repeat(million / 10) + '&#' + '9'.repeat(million),
);

test('links that a long base would blow up fail the row', async (t) => {
  const [processor] = await chosenExtractors('links', '');
  const html = `<base href="/${'x'.repeat(million)}/">${'<a href=y>'.repeat(million / 10)}`;
  t.throws(() => processor?.process(pageOf(html)), {
    instanceOf: RangeError,
    message: /the links are many times/,
  });
});
