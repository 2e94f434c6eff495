import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { regexProcessor } from '../../src/process/regex.ts';
import { pageOf } from './pages.ts';

const gives = test.macro({
  exec: (t, said: string, expected: string | null, body: string = 'Price: 12 EUR\nprice: 7 €\n😀') => {
    t.deepEqual(regexProcessor([said]).process(pageOf(body, 'text/plain; charset=utf-8')), { m: expected });
  },
  title: (what, said: string) => `${what}: ${said}`,
});

test('the whole match without a group', gives, 'm=\\d+ \\w+', '12 EUR');
test('the first group', gives, 'm=(\\d+) (\\w+)', '12');
test('a group that does not capture is none', gives, 'm=(?:Price): \\d+', 'Price: 12');
test('a named group is one', gives, 'm=: (?<amount>\\d+)', '12');
test('the first match', gives, 'm=rice: (\\d+)', '12');
test('no match', gives, 'm=x', null);
test('a group that took no part', gives, 'm=(x)?Price', null);
test('an empty group', gives, 'm=Pri(x?)ce', '');
test('"=" in the expression', gives, 'm=a=(.)', 'b', 'a=b');
test('case matters', gives, 'm=PRICE', null);
test('(?i)', gives, 'm=(?i)PRICE: (\\d)', '1');
test('without (?m) ^ is the start of the text', gives, 'm=^price: (\\d)', null);
test('(?m)', gives, 'm=(?m)^price: (\\d)', '7');
test('without (?s) . is no line end', gives, 'm=EUR.price', null);
test('(?is)', gives, 'm=(?is)eur.price: (.)', '7');
test('. is a whole character', gives, 'm=€\\n(.)$', '😀');
test('Unicode properties', gives, 'm=\\p{Sc}', '€');
test('slashes are themselves', gives, 'm=/a/(\\d+)/', '7', 'x/a/7/');
test('an empty text', gives, 'm=(.+)', null, '');

test('the text is decoded', (t) => {
  const page = pageOf(Buffer.from([0x67, 0x72, 0xfc, 0x6e]), 'text/html; charset=iso-8859-1');
  t.deepEqual(regexProcessor(['a=r(.)n']).process(page), { a: 'ü' });
});

const matches = test.macro({
  exec: (t, said: string, expected: readonly string[]) => {
    const processor = regexProcessor([said]);
    t.deepEqual(processor.columns, ['m']);
    const page = pageOf('UA-1 ua-2 UA-3');
    t.deepEqual(processor.process(page), { m: expected });
    t.deepEqual(processor.process(page), { m: expected });
  },
  title: (_, said: string) => `all matches: ${said}`,
});
test(matches, 'm*=UA-\\d', ['UA-1', 'UA-3']);
test(matches, 'm*=(?i)UA-(\\d)', ['1', '2', '3']);
test(matches, 'm*=x', []);
test(matches, 'm*=UA-(?:(1)|3)', ['1']);
test(matches, 'm*=^|$', ['', '']);

test('several expressions keep their order', (t) => {
  const processor = regexProcessor(['b=b', 'a=a']);
  t.deepEqual(processor.columns, ['b', 'a']);
  t.deepEqual(processor.process(pageOf('ab')), { b: 'b', a: 'a' });
});

const refuses = test.macro({
  exec: (t, said: string, reason: string) => {
    t.throws(() => regexProcessor([said]), {
      instanceOf: UsageError,
      message: `--regex: ${said}: ${reason}`,
    });
  },
  title: (_, said: string) => `refused: ${said}`,
});

test(refuses, 'm=(', 'Unterminated group');
test(refuses, 'm=a: (', 'Unterminated group');
test(refuses, 'm=[b-a]', 'Range out of order in character class');
test(refuses, 'm=*', 'Nothing to repeat');
test(refuses, 'm=\\-', 'Invalid escape');
test(refuses, 'm=(?x)a', 'Invalid group');
