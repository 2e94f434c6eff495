import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: readonly string[], type?: string) => {
    const urls = await valueOf('images', html, type, 'http://example.org/d/page');
    const paths = (urls as string[]).map((url) => url.replace('http://example.org', ''));
    t.deepEqual(paths, expected);
  },
  title: (what) => what ?? '',
});

test(
  'absolute, in order, each once',
  is,
  '<img src=a.png><p><img src=/b.png><img src=" a.png\n"><img src=https://Example.com/c>',
  ['/d/a.png', '/b.png', 'https://example.com/c'],
);
test('a base behind', is, '<img src=a.png><base href=/b/>', ['/b/a.png']);
test(
  'src before srcset and the sources of a picture',
  is,
  '<picture><source srcset=w.webp><img src=a.png srcset="b.png 2x"></picture>',
  ['/d/a.png'],
);
test(
  'without src the largest of srcset',
  is,
  '<img srcset="a.png, b.png 2x, c.png 1.5x"><img srcset="d.png 100w,e.png 900w , f.png 300w"><img srcset="g.png,h.png 1x">',
  ['/d/b.png', '/d/e.png', '/d/g.png,h.png'],
);
test(
  'a placeholder is none',
  is,
  '<img src="data:image/gif;base64,AAAA" data-src=a.png><img src=" DATA:x" srcset="data:y 1w, b.png 2w"><img src="about:blank" data-original=c.png>',
  ['/d/a.png', '/d/b.png', '/d/c.png'],
);
test(
  'attributes of scripts',
  is,
  '<img data-lazy-src=a.png data-src="data:x"><img data-srcset="b.png 1x, c.png 2x"><img src=d.png data-src=e.png>',
  ['/d/a.png', '/d/c.png', '/d/d.png'],
);
test(
  'sources of the picture',
  is,
  '<picture><source srcset="a.webp 1x, b.webp 2x"><source srcset=c.jpg><img></picture><picture><img></picture><img>',
  ['/d/b.webp'],
);
test('the source of a video is none', is, '<video><source src=a.mp4 srcset=b.png></video><img>', []);
test('image is img, but not in drawings', is, '<image src=a.png><svg><image href=b.png src=c.png></svg>', [
  '/d/a.png',
]);
test('nothing to load', is, '<img><img src="">', []);
test('in noscript, once', is, '<img src="data:," data-src=a.png><noscript><img src=a.png></noscript>', [
  '/d/a.png',
]);
test('what is no URL', is, '<img src="http://[">', ['http://[']);
test(
  'candidates with odd descriptors',
  is,
  '<img srcset="a.png 1x, b.png foo(1, 2), c.png 3x x, ,, d.png 0.5x"><img srcset=",">',
  ['/d/c.png'],
);
test('a long srcset', is, `<img srcset="${'a.png (,'.repeat(200_000)}">`, ['/d/a.png']);
// Each of these takes minutes if its cost is quadratic.
test('a long number in a srcset', is, `<img srcset="a.png ${'1'.repeat(4_000_000)}">`, ['/d/a.png']);
test('many long URLs of the same length', async (t) => {
  const padding = `<!--${' '.repeat(9_000_000)}-->`;
  const images = Array.from({ length: 8000 }, (_, i) => `<img src=${1_000_000 + (i % 7999)}>`).join('');
  const html = `<base href="/${'x'.repeat(8200)}/${'x'.repeat(8200)}/">${padding}${images}`;
  t.is(((await valueOf('images', html)) as string[]).length, 7999);
});
test(
  'XHTML',
  is,
  '<html xmlns="http://www.w3.org/1999/xhtml"><img src="a.png"/></html>',
  ['/d/a.png'],
  'application/xhtml+xml',
);
