import test from 'ava';

import { likenessOf } from '../../src/page/likeness.ts';
import { isAlike } from '../../src/shared/likeness.ts';
import type { Likeness } from '../../src/shared/likeness.ts';

const madeUp = 'http://a.test/docs/qwxzvkjpyhqwxzvkjpyhqwxz.html';

function likeness(body: string, url: string, type = 'text/html; charset=utf-8'): Likeness {
  const found = likenessOf(Buffer.from(body), type, url);
  if (found === null) throw new TypeError(`${type} is text`);
  return found;
}

/** Whether the page of a URL is recognized as the page of a made-up one. */
function isSame(
  body: (url: URL) => string,
  url: string,
  other: (url: URL) => string = body,
  type?: string,
): boolean | null {
  return isAlike(likeness(body(new URL(url)), url, type), likeness(other(new URL(madeUp)), madeUp, type));
}

const lastOf = ({ pathname }: URL): string => decodeURIComponent(pathname.split('/').at(-1) ?? '');

/** Ways in which servers repeat the URL on the page for a missing one. */
const echoes: Readonly<Record<string, (url: URL) => string>> = {
  'nothing of it': () => '<h1>Not found</h1>',
  'all of it': ({ href }) => `<p>${href.replaceAll('&', '&amp;')} was not found</p>`,
  'the part behind the scheme': ({ host, pathname }) => `<p>//${host}${pathname}</p>`,
  'its path': ({ pathname }) => `<p>There is no ${pathname}. Is there a page?</p>`,
  'its path and query': ({ pathname, search }) => `<p>GET ${pathname}${search}: no</p>`,
  'the name': (url) => `<title>${lastOf(url)}</title><p>no ${lastOf(url)} here</p>`,
  'its words': (url) => `<p>Results for "${lastOf(url).replace('.html', '').replaceAll('-', ' ')}": none</p>`,
  'it in an attribute': ({ href }) => `<p>Nothing</p><a href="${href}">again</a>`,
  'it in capitals': ({ pathname }) => `<P>NO ${pathname.toUpperCase()}</P>`,
  'it in a parameter': ({ href }) => `<p>goto?url=${encodeURIComponent(href)} fails</p>`,
};

for (const [what, body] of Object.entries(echoes)) {
  test(`a page that says ${what} is the same for any URL`, (t) => {
    for (const path of [
      'old-page.html',
      'old%20page.html',
      '%C3%A9t%C3%A9',
      'x_y.php?a=1&b=2',
      '2024-01-02.html',
    ])
      t.true(isSame(body, `http://a.test/docs/${path}`), path);
  });
}

test('a path is told apart from the same letters in a text', (t) => {
  t.true(
    isSame(({ pathname }) => `<p>There is a page, and not at ${pathname}: nota/bene</p>`, 'http://a.test/a'),
  );
  t.false(
    isSame(
      () => '<p>a page</p>',
      'http://a.test/a',
      () => '<p>a pageant</p>',
    ),
  );
});

test('numbers, comments, scripts and styles do not count', (t) => {
  let n = 10;
  const body = (): string =>
    `<!-- ${++n} --><script>var word${'x'.repeat(n)}</script><style>.${'y'.repeat(n)}{}</style>` +
    `<p>Not found, request ${++n}f3ab, 12:0${n} in 0.${n} s</p>`;
  t.true(isSame(body, 'http://a.test/docs/a.html'));
});

const says =
  (text: string): (() => string) =>
  () =>
    text;

test('what a page has more, or in another way, counts', (t) => {
  const page = says('<title>Shop</title><p>Red shoes</p>');
  t.false(isSame(page, 'http://a.test/x', says('<title>Shop</title><p>Nothing found</p>')));
  t.false(isSame(says('<p>one two</p>'), 'http://a.test/x', says('<p>two one</p>')));
  t.false(isSame(page, 'http://a.test/x', says('')));
  t.true(isSame(says(''), 'http://a.test/x'));
});

test('of a page that shows no text its tags count', (t) => {
  const [one, other] = ['one', 'other'].map((name) =>
    says(`<title>Site</title><div><img src="/${name}.png"></div>`),
  );
  t.true(one && isSame(one, 'http://a.test/x'));
  t.false(one && isSame(one, 'http://a.test/x', other));
});

const record =
  (id: number): (() => string) =>
  () =>
    `{"id":${id},"request":"a${Math.random()}b"}`;

test('in data short numbers count', (t) => {
  t.false(isSame(record(1), 'http://a.test/x', record(2), 'application/json'));
  t.true(isSame(record(1), 'http://a.test/x', record(1), 'application/json'));
  t.false(
    isSame(
      () => '17',
      'http://a.test/x',
      () => '18',
      'text/plain',
    ),
  );
});

const words = (from: number, count: number): string =>
  Array.from({ length: count }, (_, n) =>
    String(from + n).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? ''),
  ).join(' ');

test('a long page may differ a little, and under another title it is another one', (t) => {
  const frame = words(1000, 500);
  const of = (title: string, more: string) => (): string => `<title>${title}</title><p>${frame} ${more}</p>`;
  t.true(isSame(of('Shop', words(5000, 5)), 'http://a.test/x', of('Shop', words(7000, 5))));
  t.false(isSame(of('Shoes', words(5000, 5)), 'http://a.test/x', of('Shop', words(7000, 5))));
  t.false(isSame(of('Shop', words(5000, 200)), 'http://a.test/x', of('Shop', words(7000, 5))));
});

test('the part that two pages share is estimated', (t) => {
  const frame = words(1000, 400);
  const of = (more: number) => (): string => `<p>${frame} ${words(3000, more)}</p>`;
  t.true(isSame(of(4), 'http://a.test/x', of(0)));
  t.false(isSame(of(150), 'http://a.test/x', of(0)));
});

test('what is no text has no likeness, and what HEAD gives cannot be compared', (t) => {
  t.is(likenessOf(Buffer.from('x'), 'image/png', madeUp), null);
  t.is(likenessOf(null, 'image/png', madeUp), null);
  const head = likenessOf(null, 'text/html', madeUp);
  t.is(head && isAlike(head, likeness('x', madeUp)), null);
});

test('hostile pages take no long time', (t) => {
  const megabyte = 1024 * 1024;
  for (const part of ['<script', '<!--', '<title>', '<', '<a ', 'a', 'a ', '/a', '&amp;'])
    likeness(part.repeat(megabyte / part.length), `http://a.test/${'a'.repeat(200)}`);
  // A redirect may lead to such URLs.
  for (const path of [`${'a'.repeat(megabyte)}/b`, `a${'/'.repeat(megabyte)}b`])
    likeness('<p>b</p>', `http://a.test/${path}`);
  t.pass();
});

test('an encoding that is not known is the same one twice', (t) => {
  const body = Buffer.from([0x3c, 0x70, 0x3e, 0xe9, 0x74, 0xe9, 0x20, 0xff]);
  const one = likenessOf(body, 'text/html', madeUp);
  const other = likenessOf(body, 'text/html', 'http://a.test/x');
  t.true(one !== null && other !== null && isAlike(one, other));
});
