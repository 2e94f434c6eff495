import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: unknown) => {
    t.deepEqual(await valueOf('microdata', html), expected);
  },
  title: (what) => what ?? '',
});

test('none', is, '<p itemprop=a>x', []);
test(
  'an item with its type and properties',
  is,
  '<div itemscope itemtype="https://schema.org/Person  https://schema.org/Thing"><b itemprop="name">A <i>B</i></b><b itemprop="x y x">C</b></div>',
  [
    {
      type: ['https://schema.org/Person', 'https://schema.org/Thing'],
      properties: { name: ['A B'], x: ['C'], y: ['C'] },
    },
  ],
);
test('a global identifier', is, '<div itemscope itemtype="t:a" itemid="b"></div>', [
  { type: ['t:a'], id: 'http://example.org/b', properties: {} },
]);
test(
  'values by element',
  is,
  '<base href="/d/"><div itemscope><meta itemprop=meta content=" m "><meta itemprop=meta>' +
    '<img itemprop=src src=i><video itemprop=src src="//[">x</video><img itemprop=src>' +
    '<a itemprop=href href="a?b">x</a><link itemprop=href href=" l "><object itemprop=data data=o>x</object>' +
    '<data itemprop=value value=v>x</data><meter itemprop=value value=0.5>x</meter>' +
    '<time itemprop=time datetime=2024>x</time><time itemprop=time>2025</time></div>',
  [
    {
      properties: {
        meta: [' m ', ''],
        src: ['http://example.org/d/i', '', ''],
        href: ['http://example.org/d/a?b', 'http://example.org/d/l'],
        data: ['http://example.org/d/o'],
        value: ['v', '0.5'],
        time: ['2024', '2025'],
      },
    },
  ],
);
test(
  'an item in an item',
  is,
  '<div itemscope><div itemprop=a itemscope itemtype=t><b itemprop=b>x</b></div><b itemprop=c>y</b></div>',
  [{ properties: { a: [{ type: ['t'], properties: { b: ['x'] } }], c: ['y'] } }],
);
test(
  'an item in an item that is no property of it',
  is,
  '<div itemscope><b itemprop=a>1</b><div itemscope><b itemprop=b>2</b></div></div>',
  [{ properties: { a: ['1'] } }, { properties: { b: ['2'] } }],
);
test(
  'references, in the order of the page',
  is,
  '<p id=a>x<b itemprop=p>1</b></p><div itemscope itemref=" b a none a"><b itemprop=p>2</b></div><b id=b itemprop=p>3</b><b id=b itemprop=p>4</b>',
  [{ properties: { p: ['1', '2', '3'] } }],
);
test(
  'a property of several items',
  is,
  '<div itemscope itemref=a></div><div itemscope itemref=a></div><b id=a itemprop=p>1</b>',
  [{ properties: { p: ['1'] } }, { properties: { p: ['1'] } }],
);
test(
  'an item that contains itself',
  is,
  '<div itemscope itemref=a></div><div id=a itemscope itemprop=p itemref=b></div><div id=b itemscope itemprop=q itemref=a></div>',
  [{ properties: { p: [{ properties: { q: [{ properties: { p: ['ERROR'] } }] } }] } }],
);
test('an item that refers to its own parent', is, '<div id=a itemscope itemref=a><b itemprop=p>1</b></div>', [
  { properties: { p: ['1'] } },
]);
test('names that all objects have', is, '<div itemscope><b itemprop="__proto__ constructor">1</b></div>', [
  {
    properties: Object.fromEntries([
      ['__proto__', ['1']],
      ['constructor', ['1']],
    ]),
  },
]);
test(
  'templates and drawings have none',
  is,
  '<template><div itemscope></div></template><svg itemscope></svg>',
  [],
);
test(
  'items that would grow without limit',
  is,
  Array.from({ length: 60 }, (_, i) =>
    ['a', 'b']
      .map((name) => `<i itemscope id=${name}${i} itemprop=${name} itemref="a${i + 1} b${i + 1}"></i>`)
      .join(''),
  ).join('') + '<i itemscope itemref=a0></i>',
  '',
);
const shares = (attributes: string): string =>
  `<b id=a itemprop=p ${attributes}>x</b>${'<b itemscope itemref=a></b>'.repeat(1000)}`;
test(
  'many items that share an element with many names',
  is,
  shares('').replace('=p', `="${'p q '.repeat(5000)}"`),
  '',
);
test(
  'many items that share one of a long type',
  is,
  shares(`itemscope itemtype="${'a'.repeat(20_000)}"`),
  '',
);
test(
  'many items that share one with many references',
  is,
  shares(`itemscope itemref="${'c d '.repeat(5000)}"`),
  '',
);
test('items deep in one another', is, '<b itemscope>' + '<b itemscope itemprop=a>'.repeat(1000), '');
test('a page that is too deep for a tree', is, `<b itemscope>${'<div>'.repeat(100_000)}`, '');

test('in XHTML', async (t) => {
  const html =
    '<html xmlns="http://www.w3.org/1999/xhtml"><body><p itemscope=""><a itemprop="a" href="b"/></p></body></html>';
  t.deepEqual(await valueOf('microdata', html, 'application/xhtml+xml'), [
    { properties: { a: ['http://example.org/b'] } },
  ]);
});

test('other XML has none', async (t) => {
  t.is(await valueOf('microdata', '<a itemscope=""/>', 'application/xml'), '');
});
