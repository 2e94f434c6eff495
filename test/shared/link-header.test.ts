import test from 'ava';

import { headerLinks } from '../../src/shared/link-header.ts';

const reads = test.macro({
  exec: (t, headers: readonly string[], expected: readonly (readonly string[])[]) => {
    const found = headerLinks(headers).map(({ target, types, parameter }) =>
      [target, types.join(' ')].concat(parameter('hreflang'), parameter('title')),
    );
    t.deepEqual(found, expected);
  },
  title: (what) => what ?? '',
});

test('one', reads, ['</a>; rel=next'], [['/a', 'next']]);
test(
  'several in one header and in several',
  reads,
  ['</a>;rel="next" , <b> ; REL = "Prev Up"', '<c>'],
  [
    ['/a', 'next'],
    ['b', 'prev up'],
    ['c', ''],
  ],
);
test(
  'commas and semicolons in quotes and in URLs',
  reads,
  ['<a,b;c>; title="x, <y>; rel=z \\"q\\""; rel=up, <d>; rel=next'],
  [
    ['a,b;c', 'up', 'x, <y>; rel=z "q"'],
    ['d', 'next'],
  ],
);
test('only the first rel counts', reads, ['<a>; rel=up; rel=next'], [['a', 'up']]);
test(
  'several languages',
  reads,
  ['<a>; rel=alternate; hreflang=de; hreflang="en"'],
  [['a', 'alternate', 'de', 'en']],
);
test(
  'a link of another page is left out',
  reads,
  ['<a>; rel=next; anchor="/x", <b>; rel=next'],
  [['b', 'next']],
);
test(
  'a flag, an empty part and what is no parameter',
  reads,
  ['<a>; crossorigin ;; rel=next x y, <b>'],
  [
    ['a', 'next'],
    ['b', ''],
  ],
);
test('a quote that does not close', reads, ['<a>; title="x, <b>; rel=next'], [['a', '', 'x, <b>; rel=next']]);
test('what is no link', reads, ['a; rel=next', '<a', ''], []);
test(
  'a long header of spaces',
  reads,
  [`<a>;${' '.repeat(100_000)}x${' '.repeat(100_000)};rel=up`],
  [['a', 'up']],
);
