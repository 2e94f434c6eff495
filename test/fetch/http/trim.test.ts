import test from 'ava';

import { withoutBlanks, withoutCrs } from '../../../src/fetch/http/trim.ts';

test('blanks and tabs around a text are left out, those within it stay', (t) => {
  t.is(withoutBlanks('\t a \t b '), 'a \t b');
  t.is(withoutBlanks('x: a ;', 2, 5), 'a');
  t.is(withoutBlanks(' \t'), '');
  t.is(withoutBlanks('\u00a0'), '\u00a0');
});

test('CRs at the end of a line are left out, others stay', (t) => {
  t.is(withoutCrs('a\rb\r\r'), 'a\rb');
  t.is(withoutCrs('\r'), '');
});
