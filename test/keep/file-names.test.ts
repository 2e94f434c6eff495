import test from 'ava';

import { folded, numbered, safePath } from '../../src/keep/file-names.ts';

const becomes = test.macro({
  exec: (t, components: readonly string[], expected: string) => t.is(safePath(components), expected),
  title: (_, components: readonly string[]) => `${JSON.stringify(components).slice(0, 60)} is made safe`,
});

test(becomes, ['cat', '1.jpg'], 'cat/1.jpg');
test(becomes, ['..', '.', '...'], '__/_/__');
test(becomes, ['', ' ', '\u00a0'], '_/_/_');
test(becomes, ['a/b', String.raw`c\d`, 'e:f'], 'a_b/c_d/e_f');
test(becomes, ['a.', 'b. . ', ' c'], 'a_/b_/_c');
test(becomes, ['.urlmill-saved.jsonl'], '_urlmill-saved.jsonl');
test(
  becomes,
  ['CON', 'nul.tar.gz', 'Com1 .txt', 'lpt²', 'conin$'],
  '_CON/_nul.tar.gz/_Com1 .txt/_lpt²/_conin$',
);
test(becomes, ['console', 'com10', 'com'], 'console/com10/com');
test(becomes, ['a\u0000b\u0085\u202ec\u2028'], 'a_b__c_');
test(becomes, ['e\u0301', 'a\ud800b'], '\u00e9/a_b');

test('what is too long is cut by bytes, with a hash, and keeps its end', (t) => {
  const long = `${'ä'.repeat(300)}.jpg`;
  const cut = safePath([long]);
  t.regex(cut, /^ä+-[0-9a-f]{16}\.jpg$/);
  t.true(Buffer.byteLength(cut) <= 200 && Buffer.byteLength(cut) >= 198);
  t.not(safePath([`${'ä'.repeat(301)}.jpg`]), cut);
  t.regex(safePath([`${'\u{1f600}'.repeat(100)}.tar.gz`], '.tar.gz'), /^\u{1f600}+-[0-9a-f]{16}\.tar\.gz$/u);
  t.is(safePath(['x'.repeat(200)]), 'x'.repeat(200));
});

test('a path is cut where it is too long in all, in each part by its share', (t) => {
  for (const count of [5, 16]) {
    const parts = Array.from({ length: count }, (_, i) => `${i}${'y'.repeat(190)}`);
    const path = safePath([...parts.slice(1), 'last.jpg']);
    t.true(Buffer.byteLength(path) <= 800, String(path.length));
    t.is(path.split('/').length, count);
    t.regex(path, /\/last\.jpg$/);
  }
});

test('a number stands before the extension', (t) => {
  t.is(numbered('cat/1.jpg', 1), 'cat/1.jpg');
  t.is(numbered('cat/1.jpg', 2), 'cat/1-2.jpg');
  t.is(numbered('cat.d/1', 12), 'cat.d/1-12');
  t.is(numbered('v1.2', 2), 'v1.2-2');
  t.is(numbered('a.tar.gz', 2, '.tar.gz'), 'a-2.tar.gz');
});

test('one file on some system is one name', (t) => {
  for (const [a, b] of [
    ['Cat/É', 'cat/e\u0301'],
    ['straße', 'STRASSE'],
    ['\u212a', 'k'],
    ['ς', 'Σ'],
  ] as const)
    t.is(folded(a), folded(b));
  t.not(folded('a'), folded('ä'));
});
