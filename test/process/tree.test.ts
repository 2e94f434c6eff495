import test from 'ava';

import { selectProcessor } from '../../src/process/select.ts';
import { pageOf } from './pages.ts';

const refuses = test.macro({
  exec: (t, said: string, body: string, message: string) => {
    t.throws(() => selectProcessor([said]).process(pageOf(body)), { instanceOf: RangeError, message });
  },
  title: (what) => what ?? '',
});

test(
  'a page of too many elements is not read to its end',
  refuses,
  'a=b',
  '<p>'.repeat(1_000_001),
  'the page has more than 1000000 elements, texts and attributes',
);
test(
  'a page of too many attributes is not either',
  refuses,
  'a=b',
  `<p${Array.from({ length: 1_000_000 }, (_, i) => ` a${i}`).join('')}>`,
  'the page has more than 1000000 elements, texts and attributes',
);
test(
  'nor is one that is nested too deep',
  refuses,
  'a=b',
  '<div>'.repeat(5001),
  'the page is nested more than 5000 elements deep',
);
test(
  'a selector that looks through siblings of siblings is stopped',
  refuses,
  'a*=p:has(~ b)',
  '<p>'.repeat(30_000),
  '--select a*=p:has(~ b): the page is too large for this selector',
);
test(
  'so is one whose matches hold one another',
  refuses,
  'a*=div',
  `<div>${'x'.repeat(100)}`.repeat(4000),
  '--select a*=div: the page is too large for this selector',
);

test('a page just within the limits is read', (t) => {
  const deep = `${'<div>'.repeat(4990)}<b>x</b>`;
  t.deepEqual(selectProcessor(['a=b', 'b=div div b']).process(pageOf(deep)), { a: 'x', b: 'x' });
});

test('each selector has its own limit', async (t) => {
  const body = `<p>${'x'.repeat(1_000_000)}`;
  const said = Array.from({ length: 120 }, (_, i) => `c${i}=p`);
  const values = Object.values(await selectProcessor(said).process(pageOf(body)));
  t.true(values.length === 120 && values.every((value) => value === values[0]));
});
