import test from 'ava';

import { objectMembers } from '../../src/shared/json-object.ts';

const splits = test.macro((t, text: string, expected: readonly (readonly [string, string])[]) => {
  t.deepEqual(objectMembers(text), expected);
});

test('an empty object has no members', splits, '{}', []);
test('spaces alone are no members', splits, ' { \n } ', []);
test('members keep their order', splits, '{"b":1,"a":2,"1":3}', [
  ['b', '1'],
  ['a', '2'],
  ['1', '3'],
]);
test('values keep their text', splits, '{"a":1.00,"b":12345678901234567890,"c":-1E+400}', [
  ['a', '1.00'],
  ['b', '12345678901234567890'],
  ['c', '-1E+400'],
]);
test('words and strings keep theirs', splits, String.raw`{"a":true,"b":null,"c":"\u0041\n"}`, [
  ['a', 'true'],
  ['b', 'null'],
  ['c', String.raw`"\u0041\n"`],
]);
test('spaces around keys and values are left out', splits, '{ "a" : 1 ,\t"b"\n:\r\n[ 1 ] }', [
  ['a', '1'],
  ['b', '[ 1 ]'],
]);
test('nested values stay whole', splits, '{"a":{"x":{"y":[1,2]},"z":3},"b":[[{}],[]],"c":{}}', [
  ['a', '{"x":{"y":[1,2]},"z":3}'],
  ['b', '[[{}],[]]'],
  ['c', '{}'],
]);
test('brackets, commas and colons within strings are text', splits, '{"a,":"}],:{[","b:{":["]}"]}', [
  ['a,', '"}],:{["'],
  ['b:{', '["]}"]'],
]);
test('quotes within strings are text', splits, String.raw`{"a\"":"\",\"b\":1","c\\":"\\"}`, [
  ['a"', String.raw`"\",\"b\":1"`],
  ['c\\', String.raw`"\\"`],
]);
test('keys are decoded', splits, String.raw`{"\u00e9\t\/":1}`, [['é\t/', '1']]);
test('a key may be empty', splits, '{"":1}', [['', '1']]);
test('a key may come twice', splits, '{"a":1,"a":2}', [
  ['a', '1'],
  ['a', '2'],
]);
test('a key may be __proto__', splits, '{"__proto__":{"x":1}}', [['__proto__', '{"x":1}']]);
test('separators of Unicode are characters', splits, '{"a\u2028":"\u2029"}', [['a\u2028', '"\u2029"']]);

test('a string may be of many millions of characters', (t) => {
  const long = 'x'.repeat(12 * 2 ** 20);
  const [member] = objectMembers(`{"a":"${long}"}`);
  t.is(member?.[1].length, long.length + 2);
});

test('a value may be nested a thousand times', (t) => {
  const deep = '['.repeat(1000) + ']'.repeat(1000);
  t.deepEqual(objectMembers(`{"a":${deep},"b":1}`), [
    ['a', deep],
    ['b', '1'],
  ]);
});

const refuses = test.macro((t, text: string) => {
  t.throws(() => objectMembers(text), { instanceOf: SyntaxError });
});

test('an array is no object', refuses, '[1]');
test('null is no object', refuses, 'null');
test('a string is no object', refuses, '"{}"');
test('a number is no object', refuses, '1');
test('nothing is no object', refuses, '');
test('an object that breaks off is none', refuses, '{"a":1');
test('two objects are none', refuses, '{}{}');
test('a comma behind the last member is wrong', refuses, '{"a":1,}');
test('a key without quotes is wrong', refuses, '{a:1}');
