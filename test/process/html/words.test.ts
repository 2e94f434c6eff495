import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: number) => {
    t.is(await valueOf('words', html), expected);
  },
  title: (what) => what ?? '',
});

test('what stands between spaces', is, '<p>It’s a well-known fact:&nbsp;3.14 (or so)', 7);
test('signs are no words', is, '<p>a &amp; b – “c” … /d/ ***', 4);
test('blocks and cells end words', is, '<h1>a</h1>b<br>c<table><td>d<td>e', 5);
test('elements within a word', is, 'w<b>or</b>d', 1);
test('what is not text of the page', is, '<title>a</title><script>b</script>c', 1);
test('letters with marks, and beyond the first plane', is, 'école e\u0301cole 𝒳𝒴 हिन्दी', 4);
test('Chinese and Japanese by letters', is, '我是 中国人。データ', 8);
test('Latin words among them', is, '我用Linux系统、Debian。', 6);
test('Korean by spaces', is, '나는 한국 사람', 3);
test('an empty page', is, '', 0);
test('none of a text of signs', is, '('.repeat(100_000), 0);
