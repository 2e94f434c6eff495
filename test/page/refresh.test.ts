import test from 'ava';

import { ResponsePage } from '../../src/page/page.ts';
import { loadRefresh, refreshOf } from '../../src/page/refresh.ts';

test.before(loadRefresh);

interface Said {
  readonly header?: string;
  readonly type?: string;
}

const url = 'http://a.org/dir/page';

const leads = test.macro<[html: string, expected: string | null, said?: Said]>({
  exec: (t, html, expected, { header, type = 'text/html' } = {}) => {
    const headers = [...(header === undefined ? [] : ['Refresh', header]), 'Content-Type', type];
    const page = new ResponsePage(
      { cells: [], table: { names: [], header: true } },
      url,
      200,
      headers,
      type,
      Buffer.from(html),
    );
    t.is(refreshOf(page), expected);
  },
  title: (what) => `a page leads on: ${what}`,
});
const meta = (content: string): string => `<head><meta http-equiv="refresh" content="${content}"></head>`;

test('at once', leads, meta('0; url=/next'), 'http://a.org/next');
test('by a relative URL', leads, meta('0;url=next'), 'http://a.org/dir/next');
test('in five seconds', leads, meta('5; url=/next'), 'http://a.org/next');
test('not in six', leads, meta('6; url=/next'), null);
test('a part of a second', leads, meta('0.5; url=/next'), 'http://a.org/next');
test('from a point alone', leads, meta('.; url=/next'), 'http://a.org/next');
test('without a time not', leads, meta('url=/next'), null);
test('with a comma', leads, meta('0, url=/next'), 'http://a.org/next');
test('with a space', leads, meta('0 url=/next'), 'http://a.org/next');
test('without url=', leads, meta('0;/next'), 'http://a.org/next');
test('in quotes', leads, meta("0; URL = '/next'x"), 'http://a.org/next');
test('a reference', leads, meta('0;url=/?a&amp;b'), 'http://a.org/?a&b');
test('not to itself', leads, meta('0;url=page'), null);
test('not to nothing', leads, meta('0'), null);
test('not to nothing behind a semicolon', leads, meta('3;'), null);
test('not to a script', leads, meta('0;url=javascript:x()'), null);
test('not to what is no URL', leads, meta('0;url=http://['), null);
test(
  'the first that leads anywhere',
  leads,
  meta('0') + meta('0;url=/b') + meta('0;url=/c'),
  'http://a.org/b',
);
test(
  'without quotes around values',
  leads,
  '<META content=0;url=/next HTTP-EQUIV=Refresh />',
  'http://a.org/next',
);
test('in the body', leads, `<p>${meta('0;url=/next')}`, 'http://a.org/next');
test('in noscript', leads, `<noscript>${meta('0;url=/next')}</noscript>`, 'http://a.org/next');
test('not in a comment', leads, `<!-- ${meta('0;url=/next')} -->`, null);
test('behind a comment', leads, `<!-- <!-- -->${meta('0;url=/next')}`, 'http://a.org/next');
test('not in a script', leads, `<script>'${meta('0;url=/next')}'</script>`, null);
test('not in a template', leads, `<template>${meta('0;url=/next')}</template>`, null);
test('behind a style', leads, `<style>"</style >${meta('0;url=/next')}`, 'http://a.org/next');
test('a > in a value', leads, `<meta name="a>b" x='>'>${meta('0;url=/next')}`, 'http://a.org/next');
test('beyond ASCII', leads, meta('0;url=/ü'), 'http://a.org/%C3%BC');
test('not of another kind', leads, meta('0;url=/next'), null, { type: 'text/plain' });
test('the header', leads, '', 'http://a.org/next', { header: '0; url=/next' });
test('the header of what is no HTML', leads, '', 'http://a.org/next', {
  header: '2;/next',
  type: 'text/plain',
});
test('the header before the page', leads, meta('0;url=/b'), 'http://a.org/a', { header: '0;url=/a' });
test('another name of meta', leads, '<meta name="refresh" content="0;url=/next">', null);
test('hostile comments', leads, '<!--'.repeat(60_000) + meta('0;url=/next'), null);
test('hostile tags', leads, `refresh${'<meta a="'.repeat(30_000)}`, null);
test('hostile content', leads, meta(`0${' '.repeat(200_000)}`), null);
test('hostile digits', leads, meta(`${'1'.repeat(200_000)}x`), null);
test('hostile digits and points', leads, meta(`${'1.'.repeat(100_000)}x`), null);
test('a number with several points', leads, meta('1.2.3;url=/next'), 'http://a.org/next');
