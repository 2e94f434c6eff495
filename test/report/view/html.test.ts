import test from 'ava';

import { html } from '../../../src/report/view/html.ts';
import { bar, duration, link, percent, size } from '../../../src/report/view/parts.ts';

test('values are text in elements and in attributes, and markup only when a template made it', (t) => {
  const name = `<b>"'&`;
  t.is(
    html`<td title="${name}">${name}</td>`.text,
    `<td title="&lt;b&gt;&quot;&#39;&amp;">&lt;b&gt;&quot;&#39;&amp;</td>`,
  );
  t.is(
    html`<tr>
      ${[html`<td>${1}</td>`, '<td>', null]}
    </tr>`.text.replaceAll('\n', ''),
    '<tr><td>1</td>&lt;td&gt;</tr>',
  );
});

test('only whole URLs of http and https are links', (t) => {
  t.regex(link('https://a.example/?q="').text, /^<a [^>]*href="https:\/\/a\.example\/\?q=&quot;"/);
  const others = [
    'javascript:alert(1)',
    'data:text/html,x',
    'https://a.example/cut…',
    'https://a.example/\\u202e',
    'https://',
    'https://a b/',
    ' https://a.example/',
    'ftp://a.example/',
  ];
  t.deepEqual(
    others.filter((url) => link(url).text.includes('href')),
    [],
  );
});

test('shares are neither nothing nor all unless they are', (t) => {
  t.deepEqual(
    [percent(0, 5), percent(1, 3), percent(1, 1e6), percent(999_999, 1e6), percent(5, 5), percent(0, 0)],
    ['0.0 %', '33.3 %', '< 0.1 %', '> 99.9 %', '100.0 %', '–'],
  );
});

test('sizes and durations in words', (t) => {
  t.deepEqual(
    [size(0), size(999), size(1000), size(999_600), size(1.5e12)],
    ['0 B', '999 B', '1.00 kB', '1.00 MB', '1.50 TB'],
  );
  t.deepEqual([0, 4200, 59_960, 200_000, 300_000, 7_500_000, 90_000_000].map(duration), [
    '0 s',
    '4.2 s',
    '1 min',
    '3 min 20 s',
    '5 min',
    '2 h 5 min',
    '1 d 1 h',
  ]);
});

test('a bar is never longer than its place', (t) => {
  t.regex(bar(7).text, /width="100\.00%"/);
  t.regex(bar(-1).text, /width="0\.00%"/);
});
