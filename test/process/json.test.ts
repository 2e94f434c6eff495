import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { jsonProcessor } from '../../src/process/json.ts';
import { pageOf } from './pages.ts';

const gives = test.macro({
  exec: (t, said: readonly string[], body: string, expected: object, type: string = 'application/json') => {
    const processor = jsonProcessor(said);
    t.deepEqual(
      processor.columns,
      said.map((text) => text.slice(0, text.indexOf('='))),
    );
    t.deepEqual(processor.process(pageOf(body, type)), expected);
  },
  title: (what) => what ?? '',
});

const types = '{"s":"a","n":1.5,"b":false,"z":null,"l":[1,"x"],"o":{"p":{}}}';

test('values keep their types', gives, ['a=s', 'b=n', 'c=b', 'd=l', 'e=o'], types, {
  a: 'a',
  b: 1.5,
  c: false,
  d: [1, 'x'],
  e: { p: {} },
});
test('null and what is missing are empty', gives, ['a=z', 'b=y.y'], types, { a: null, b: null });
test('an expression may hold "="', gives, ["a=l[?@ == 'x']"], types, { a: ['x'] });
test('null as the whole body is a value', gives, ['a=@', 'b=type(@)'], 'null', { a: null, b: 'null' });

test(
  'integers beyond 2^53 are texts, as they would lose digits',
  gives,
  ['a=@'],
  '[9007199254740993, -12345678901234567890]',
  {
    a: ['9007199254740993', '-12345678901234567890'],
  },
);
test(
  'others are numbers',
  gives,
  ['a=@'],
  '[9007199254740991, 1.12345678901234567, 12345678901234567e3, "9007199254740993", "\\"9007199254740993"]',
  {
    a: [
      9_007_199_254_740_991,
      1.123_456_789_012_345_7,
      12_345_678_901_234_567_000,
      '9007199254740993',
      '"9007199254740993',
    ],
  },
);

test(
  'numbers beyond all are texts',
  gives,
  ['a=@'],
  '[1e400, -1E+400, 1.5e999, 1e308, 1e-400, 0.1e3, "1e400"]',
  { a: ['1e400', '-1E+400', '1.5e999', 1e308, 0, 100, '1e400'] },
);
test(`${'9'.repeat(400)} and its like are texts`, gives, ['a=@'], `${'9'.repeat(400)}.5`, {
  a: `${'9'.repeat(400)}.5`,
});
test('a sum beyond all numbers is empty', gives, ['a=sum(@)'], '[1e308, 1e308]', { a: null });

const matches = test.macro({
  exec: (t, expression: string, expected: readonly unknown[], body: string = types) => {
    const processor = jsonProcessor([`m*=${expression}`]);
    t.deepEqual(processor.columns, ['m']);
    t.deepEqual(processor.process(pageOf(body, 'text/html')), { m: expected });
  },
  title: (_, expression: string, _expected, body: string = '') => `as a list: ${expression} ${body}`,
});
test(matches, 'l', [1, 'x']);
test(matches, 's', ['a']);
test(matches, 'b', [false]);
test(matches, 'o', [{ p: {} }]);
test(matches, 'z', []);
test(matches, 'y.y', []);
test(matches, 's', [], '<html>');

const names = '{"x":"Müller – 東京"}';
test('JSON that is called HTML is UTF-8', gives, ['a=x'], names, { a: 'Müller – 東京' }, 'text/html');
test(
  'so it is with another charset',
  gives,
  ['a=x'],
  names,
  { a: 'Müller – 東京' },
  'text/html; charset=iso-8859-1',
);
test('so it is as text', gives, ['a=x'], `\ufeff${names}`, { a: 'Müller – 東京' }, 'text/plain; charset=gbk');
test('JSON that is not UTF-8 is what it says', (t) => {
  const body = Buffer.from('{"x":"M\xfcller"}', 'latin1');
  t.deepEqual(jsonProcessor(['a=x']).process(pageOf(body, 'text/html; charset=iso-8859-1')), { a: 'Müller' });
});

test('JSON that says to be text is JSON', gives, ['a=x'], '{"x":1}', { a: 1 }, 'text/plain');
test('an HTML page has no values', gives, ['a=x'], '<html>', { a: null }, 'text/html; charset=utf-8');
test('nothing has no values', gives, ['a=x'], '', { a: null });
test('blanks have none', gives, ['a=x'], ' \n', { a: null });

const fails = test.macro({
  exec: (t, body: string, type: string) => {
    const message = /^--json: the body is not JSON: ./;
    t.throws(() => jsonProcessor(['a=x']).process(pageOf(body, type)), { instanceOf: SyntaxError, message });
  },
  title: (what) => what ?? '',
});

test('JSON that is cut off is a failure', fails, '{"x":1', 'application/json');
test('so it is with a parameter', fails, '{"x":1', 'application/json; charset=utf-8');
test('so it is as a problem', fails, 'x', 'application/problem+json');
test('so it is as text/json', fails, 'x', 'text/JSON');
test('so it is without a type', fails, 'x', '');

test('a value of the wrong type for a function is a failure that names the column', (t) => {
  t.throws(() => jsonProcessor(['n=length(x)']).process(pageOf('{}', 'application/json')), {
    message: '--json n: length() needs a string, an array or an object, got null',
  });
});

test('what nests too deep to be compared is a failure', (t) => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const processor = jsonProcessor(['a=[0] == [1]']);
  t.throws(() => processor.process(pageOf(`[${deep},${deep}]`, 'application/json')), {
    instanceOf: RangeError,
    message: /^--json a: /,
  });
});

const refuses = test.macro({
  exec: (t, said: string, message: string) => {
    t.throws(() => jsonProcessor([said]), { instanceOf: UsageError, message });
  },
  title: (_, said: string) => `refused: ${said}`,
});

test(refuses, 'a=b.', '--json: a=b.: the end comes too early');
test(refuses, 'a=b-c', '--json: a=b-c: unexpected "-" at character 2');
test(refuses, 'a=size(b)', '--json: a=size(b): there is no function size() at character 1');
