import test from 'ava';

import { printable } from '../../src/watch/escape.ts';

const shows = test.macro({
  exec: (t, text: string, shown: string) => {
    t.is(printable(text), shown);
  },
  title: (what) => what ?? '',
});

test('plain text stays', shows, 'a b, "c": ä 大 😀 \\n', 'a b, "c": ä 大 😀 \\n');
test('nothing stays nothing', shows, '', '');
test('ESC is shown', shows, '\u001b[31mred\u001b[0m', String.raw`\u001b[31mred\u001b[0m`);
test('BEL and NUL are shown', shows, '\u0007\0', String.raw`\u0007\u0000`);
test('line ends and tabs are shown', shows, 'a\r\nb\tc', String.raw`a\u000d\u000ab\u0009c`);
test('DEL is shown', shows, '\u007f', String.raw`\u007f`);
test('the control characters of 8 bits are shown', shows, '\u009b2J\u0085', String.raw`\u009b2J\u0085`);
test('marks that turn the direction are shown', shows, 'a\u202eb\u202c', String.raw`a\u202eb\u202c`);
test('marks that isolate a direction are shown', shows, '\u2066a\u2069', String.raw`\u2066a\u2069`);
test('marks of a direction are shown', shows, '\u200e\u200f\u061c', String.raw`\u200e\u200f\u061c`);
test('what takes no room is shown', shows, 'a\u200bb\ufeff\u00ad', String.raw`a\u200bb\ufeff\u00ad`);
test('separators of lines and paragraphs are shown', shows, '\u2028\u2029', String.raw`\u2028\u2029`);
test('half a character is shown', shows, 'a\ud800b', String.raw`a\ud800b`);
test('each of several is shown', shows, '\u001b\u001b', String.raw`\u001b\u001b`);

test('a text of 300 characters is not cut', (t) => {
  t.is(printable('x'.repeat(300)), 'x'.repeat(300));
});

test('a longer text is cut, and it shows', (t) => {
  t.is(printable('x'.repeat(301)), `${'x'.repeat(300)}…`);
});

test('the length to cut at can be chosen', (t) => {
  t.is(printable('abcdef', 3), 'abc…');
});

test('a text is cut by what is shown of it', (t) => {
  t.is(printable('\u001b'.repeat(3), 12), `${String.raw`\u001b`.repeat(2)}…`);
});

test('no character is cut in half', (t) => {
  t.true(printable('ab😀', 3).isWellFormed());
});
