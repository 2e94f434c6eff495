/* oxlint-disable no-underscore-dangle -- Readability's names */
import { Readability } from '@mozilla/readability';
import test from 'ava';

import { DomDocument } from '../../../src/process/article/dom.ts';
import { LinearReadability } from '../../../src/process/article/readability.ts';
import { Steps, TooLarge } from '../../../src/process/tree/limits.ts';
import { treeOf } from '../../../src/process/tree/tree.ts';

function readability(steps: Steps): LinearReadability {
  return new LinearReadability(new DomDocument(treeOf('<p>a', 'html'), 'http://example.org/', steps));
}

const theirs = Readability.prototype as unknown as LinearReadability;
const inTheirWay = Object.assign(Object.create(theirs) as LinearReadability, {
  REGEXPS: (theirs as unknown as { readonly REGEXPS: object }).REGEXPS,
});

for (const [first, second] of [
  ['The old mill', 'the OLD mill'],
  ['The old mill at the river', 'A mill'],
  ['a b c', 'a x b x c x'],
  ['', 'a'],
  ['a', ''],
  ['Мельница', 'Мельница'],
  ['constructor', '__proto__ constructor'],
] as const) {
  test(`as similar as for Readability: "${first}" and "${second}"`, (t) => {
    t.is(readability(new Steps())._textSimilarity(first, second), inTheirWay._textSimilarity(first, second));
  });
}

test('comparing texts is counted', (t) => {
  t.throws(() => readability(new Steps(1000))._textSimilarity('a'.repeat(900), 'b'.repeat(900)), {
    instanceOf: TooLarge,
  });
});
