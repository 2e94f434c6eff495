import test from 'ava';

import { compile } from '../../../src/process/jmespath/compile.ts';
import type { Json } from '../../../src/process/jmespath/values.ts';

const shop = {
  name: 'shop',
  open: true,
  none: null,
  zero: 0,
  blank: '',
  empty: [],
  nothing: {},
  'with space': 1,
  ä: 2,
  items: [
    { id: 1, price: 12.5, tags: ['a', 'b'], size: { w: 3, h: 4 } },
    { id: 2, price: 8, tags: ['c'] },
    { id: 3, tags: [] },
  ],
  nested: [[1, 2], [3, [4]], []],
  n: [0, 1, 2, 3, 4, 5],
};

const gives = test.macro({
  exec: (t, expression: string, expected: Json, data: Json = shop) => {
    t.deepEqual(compile(expression)(data), expected);
  },
  title: (what, expression: string) => [what, expression].filter(Boolean).join(': '),
});

test('a member', gives, 'name', 'shop');
test('a member of a member', gives, 'items[0].size.w', 3);
test('a missing member', gives, 'items[0].size.d', null);
test('a member of nothing', gives, 'missing.a.b', null);
test('a member that is null', gives, 'none', null);
test('a member of a string', gives, 'name.length', null);
test('a member of a list', gives, 'items.id', null);
test('a quoted name', gives, '"with space"', 1);
test('an escape in a quoted name', gives, String.raw`"\u00e4"`, 2);
test('space', gives, ' items [ 0 ] \n . \t id ', 1);
test('what is given', gives, '@.name', 'shop');

test('what all objects have is no member', gives, 'constructor', null);
test('nor is __proto__', gives, '__proto__', null);
test('but both may be there', gives, '[constructor.name, __proto__]', ['Me', 2], {
  constructor: { name: 'Me' },
  ['__proto__']: 2,
});

test('an index', gives, 'n[1]', 1);
test('from the end', gives, 'n[-1]', 5);
test('too large', gives, 'n[6]', null);
test('too small', gives, 'n[-7]', null);
test('an index of an object', gives, 'items[0][0]', null);
test('an index of a string', gives, 'name[0]', null);

test('a slice', gives, 'n[1:3]', [1, 2]);
test('a slice without a start', gives, 'n[:2]', [0, 1]);
test('a slice without a stop', gives, 'n[4:]', [4, 5]);
test('a slice in steps', gives, 'n[::2]', [0, 2, 4]);
test('a slice backwards', gives, 'n[::-2]', [5, 3, 1]);
test('a slice between indices from the end', gives, 'n[-3:-1]', [3, 4]);
test('a slice beyond both ends', gives, 'n[-100:100]', [0, 1, 2, 3, 4, 5]);
test('a slice backwards beyond both ends', gives, 'n[100:-100:-1]', [5, 4, 3, 2, 1, 0]);
test('a slice backwards to an index', gives, 'n[4:1:-1]', [4, 3, 2]);
test('a slice of a string', gives, 'name[1:]', null);
test('a slice begins a projection', gives, 'items[:2].id', [1, 2]);

test('all items', gives, 'items[*].id', [1, 2, 3]);
test('what is null is left out', gives, 'items[*].price', [12.5, 8]);
test('an index applies to each item', gives, 'items[*].tags[0]', ['a', 'c']);
test('a pipe ends that', gives, 'items[*].tags | [0]', ['a', 'b']);
test('parentheses do', gives, '(items[*].tags)[0]', ['a', 'b']);
test('lists of lists stay', gives, 'items[*].tags[*]', [['a', 'b'], ['c'], []]);
test('they are joined by []', gives, 'items[*].tags[]', ['a', 'b', 'c']);
test('one level of them', gives, 'nested[]', [1, 2, 3, [4]]);
test('two levels', gives, 'nested[][]', [1, 2, 3, 4]);
test('all items of the top', gives, '[*].a', [1], [{ a: 1 }, { b: 2 }]);
test('the top joined', gives, '[].a', [1, 2], [[{ a: 1 }], { a: 2 }]);
test('no list', gives, 'name[*]', null);
test('no list joined', gives, 'name[]', null);
test('all values', gives, 'items[0].size.*', [3, 4]);
test('all values of the top', gives, '*.a', [1], { x: { a: 1 }, y: 2 });
test('members of values', gives, 'x.*.*', [[1], [2]], { x: { y: { a: 1 }, z: { b: 2 } } });
test('values of a list', gives, 'items.*', null);

test('a filter', gives, 'items[?price > `10`].id', [1]);
test(
  'a filter by a string',
  gives,
  "[?a == 'x'].b",
  [1],
  [
    { a: 'x', b: 1 },
    { a: 'y', b: 2 },
  ],
);
test('a filter by being there', gives, 'items[?size].id', [1]);
test('a filter by not being there', gives, 'items[?!price].id', [3]);
test('a filter on a filter', gives, 'items[?price][?id > `1`]', [], shop);
test('the first that a filter finds', gives, 'items[?id == `2`] | [0].price', 8);
test('a filter of no list', gives, 'name[?a]', null);

test('equal lists', gives, 'items[0].tags == `["a", "b"]`', true);
test('equal objects whatever their order', gives, 'items[0].size == `{"h": 4, "w": 3}`', true);
test('objects with more members', gives, 'items[0].size == `{"w": 3}`', false);
test('objects with others', gives, '@ == `{"b": null}`', false, { a: null });
test('not equal', gives, "name != 'x'", true);
test('a number is no string', gives, "zero == '0'", false);
test('order', gives, '[zero < `1`, zero <= `0`, zero > `0`, zero >= `0`]', [true, true, false, true]);
test('order of what are no numbers', gives, "name > 'a'", null);

test('or', gives, 'missing || name', 'shop');
test('or takes the first', gives, "name || 'x'", 'shop');
test('false are', gives, '[none || `1`, blank || `1`, empty || `1`, nothing || `1`]', [1, 1, 1, 1]);
test('zero is not', gives, 'zero || `1`', 0);
test('and', gives, 'open && name', 'shop');
test('and takes what is false', gives, 'blank && name', '');
test('not', gives, '[!open, !zero, !blank]', [false, false, true]);
test('and binds more than or', gives, "none && none || 'x'", 'x');
test('comparison binds more than and', gives, 'zero == `0` && open', true);

test('a list of values', gives, 'items[0].[id, price]', [1, 12.5]);
test('an object of values', gives, 'items[1].{i: id, "the price": price, x: y}', {
  i: 2,
  'the price': 8,
  x: null,
});
test('objects of items', gives, 'items[*].{i: id}', [{ i: 1 }, { i: 2 }, { i: 3 }]);
test('a list of values of nothing', gives, 'missing.[a]', null);
test('an object of values of nothing', gives, 'missing.{a: b}', null);
test('an object with a member __proto__', (t) => {
  const made = compile('{__proto__: name}')(shop);
  t.is(JSON.stringify(made), '{"__proto__":"shop"}');
});

test('JSON', gives, '`{"a": [1, null]}`', { a: [1, null] });
test('JSON with a backtick', gives, '`"a\\`b"`', 'a`b');
test('a string', gives, "'a\"b'", 'a"b');
test('a string with a quote', gives, String.raw`'it\'s'`, "it's");
test('a string with a backslash', gives, String.raw`'a\nb'`, String.raw`a\nb`);
test('a string with a line end', gives, "'a\nb'", 'a\nb');

const refuses = test.macro({
  exec: (t, expression: string, message: string) => {
    t.throws(() => compile(expression), { instanceOf: SyntaxError, message });
  },
  title: (_, expression: string) => `refused: ${expression}`,
});

test(refuses, '', 'the end comes too early');
test(refuses, 'a.', 'the end comes too early');
test(refuses, 'a[', 'the end comes too early');
test(refuses, 'a[?b', 'the end comes too early');
test(refuses, 'a b', 'unexpected b at character 3');
test(refuses, 'a..b', 'unexpected . at character 3');
test(refuses, 'a.1', 'unexpected 1 at character 3');
test(refuses, 'a[b]', 'unexpected b at character 3');
test(refuses, 'a[1', 'the end comes too early');
test(refuses, 'a[1 2]', 'unexpected 2 at character 5');
test(refuses, 'a[1:2 3]', 'unexpected 3 at character 7');
test(refuses, 'a[1:2:3:4]', 'unexpected 4 at character 9');
test(refuses, 'a[:::]', 'too many ":" in the slice at character 3');
test(refuses, 'a[::0]', 'the step of the slice at character 3 is 0');
test(refuses, 'a-b', 'unexpected "-" at character 2');
test(refuses, 'a = b', 'unexpected "=" at character 3');
test(refuses, 'a #', 'unexpected "#" at character 3');
test(refuses, '{a b}', 'unexpected b at character 4');
test(refuses, '{1: b}', 'unexpected 1 at character 2');
test(refuses, '{}', 'unexpected } at character 2');
test(refuses, '[a,]', 'unexpected ] at character 4');
test(refuses, '[a b]', 'unexpected b at character 4');
test(refuses, '(a', 'the end comes too early');
test(refuses, '&a', 'unexpected & at character 1');
test(refuses, '"a"(b)', 'unexpected ( at character 4');
test(refuses, "'a", "the ' at character 1 is not closed");
test(refuses, 'a."b', 'the " at character 3 is not closed');
test(refuses, '`1', 'the ` at character 1 is not closed');
test(refuses, '`a`', "`a` at character 1 is not JSON; a text is written 'text'");
test(refuses, String.raw`"\x"`, String.raw`"\x" at character 1 is not JSON`);
test(refuses, 'a.f(b)', 'there is no function f() at character 3');
test(refuses, 'constructor(a)', 'there is no function constructor() at character 1');
test(refuses, 'length()', 'length() takes 1 argument, got 0 at character 1');
test(refuses, 'join(a, b, c)', 'join() takes 2 arguments, got 3 at character 1');
test(refuses, 'not_null()', 'not_null() takes at least 1 argument, got 0 at character 1');
test(refuses, 'length(a,)', 'unexpected ) at character 10');
test(refuses, 'length(a', 'the end comes too early');
test(refuses, 'length(&a)', 'argument 1 of length() must be a value, not an expression at character 1');
test(refuses, 'sort_by(a, b)', 'argument 2 of sort_by() must be an expression like &name at character 1');
