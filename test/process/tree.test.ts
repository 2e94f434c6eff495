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

const stopped = test.macro({
  exec: (t, css: string, body: string) => {
    t.throws(() => selectProcessor([`a=${css}`]).process(pageOf(body)), {
      instanceOf: RangeError,
      message: `--select a=${css}: the page is too large for this selector`,
    });
  },
  title: (what) => `so is one that looks through ${what}`,
});
const links = (count: number): string => '<a></a>'.repeat(count);
const attributes = Array.from({ length: 15_000 }, (_, i) => `x${i}`).join(' ');
test(
  'the same comments again and again',
  stopped,
  'x + b a',
  `<p>${'<!---->'.repeat(15_000)}<b>${links(15_000)}`,
);
test(
  'comments between siblings',
  stopped,
  'x ~ b',
  `<p>${'<!---->'.repeat(200_000)}${'<b></b>'.repeat(600)}`,
);
test(
  'comments for what is not empty',
  stopped,
  'b:empty a',
  `<b>${'<!---->'.repeat(15_000)}${links(15_000)}`,
);
test('many attributes for a class', stopped, '.y a', `<div ${attributes}>${links(15_000)}`);
test('many attributes for a pseudo-class', stopped, ':link a', `<div ${attributes}>${links(15_000)}`);
test('a long attribute', stopped, '[x*=z] a', `<div x="${'y'.repeat(200_000)}">${links(15_000)}`);
test('a long language', stopped, 'a:lang(y)', `<div lang="${'y'.repeat(200_000)}">${links(15_000)}`);
test('a fieldset for its legend', stopped, 'input:enabled', `<fieldset disabled>${'<input>'.repeat(15_000)}`);
test(
  'options for one with a value',
  stopped,
  'fieldset:valid',
  `${'<fieldset>'.repeat(4000)}<select required multiple>${'<option>'.repeat(30_000)}`,
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
