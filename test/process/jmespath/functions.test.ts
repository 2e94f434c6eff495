import test from 'ava';

import { compile } from '../../../src/process/jmespath/compile.ts';
import type { Json } from '../../../src/process/jmespath/values.ts';

const gives = test.macro({
  exec: (t, expression: string, data: Json, expected: Json) => {
    const before = JSON.stringify(data);
    t.deepEqual(compile(expression)(data), expected);
    t.is(JSON.stringify(data), before, 'the data is left as it is');
  },
  title: (_, expression: string, data: Json) => `${expression} of ${JSON.stringify(data)}`,
});

test(gives, 'abs(@)', -1.5, 1.5);
test(gives, 'avg(@)', [1, 2, 6], 3);
test(gives, 'avg(@)', [], null);
test(gives, 'ceil(@)', 1.2, 2);
test(gives, 'floor(@)', -1.2, -2);
test(gives, 'sum(@)', [1, 2.5], 3.5);
test(gives, 'sum(@)', [], 0);

test(gives, "contains(@, 'b')", 'abc', true);
test(gives, 'contains(@, `1`)', 'a1', false);
test(gives, 'contains(@, `2`)', [1, 2], true);
test(gives, 'contains(@, `{"a": [1]}`)', [{ a: [1] }], true);
test(gives, "starts_with(@, 'ab')", 'abc', true);
test(gives, "ends_with(@, 'abcd')", 'bcd', false);
test(gives, "join(', ', @)", ['a', 'b'], 'a, b');
test(gives, "join('', @)", [], '');

test(gives, 'length(@)', 'ä😀', 2);
test(gives, 'length(@)', [1, null], 2);
test(gives, 'length(@)', { a: 1 }, 1);
test(gives, 'keys(@)', { b: 1, a: 2 }, ['b', 'a']);
test(gives, 'values(@)', { b: 1, a: 2 }, [1, 2]);
test(gives, 'merge(@, `{"a": 3, "c": 4}`)', { a: 1, b: 2 }, { a: 3, b: 2, c: 4 });
test(gives, 'map(&a, @)', [{ a: 1 }, {}, { a: 0 }], [1, null, 0]);
test(gives, 'not_null(a, b, c)', { b: 0, c: 1 }, 0);
test(gives, 'not_null(a, b)', {}, null);
test(gives, 'reverse(@)', 'a😀', '😀a');
test(gives, 'reverse(@)', [1, 2], [2, 1]);

// A library that sorts numbers as text, or text by the system's language, gets these wrong.
test(gives, 'sort(@)', [10, 9, 1], [1, 9, 10]);
test(gives, 'sort(@)', ['b', 'B', 'ä', 'a'], ['B', 'a', 'b', 'ä']);
test(gives, 'sort(@)', ['😀', '\ufffd', 'a', ''], ['', 'a', '\ufffd', '😀']);
test(gives, 'sort(@)', [], []);
test(gives, 'max(@)', [9, 10], 10);
test(gives, 'min(@)', [9, 10], 9);
test(gives, 'max(@)', ['a', 'B'], 'a');
test(gives, 'min(@)', ['a', 'ab'], 'a');
test(gives, 'max(@)', [], null);
test(gives, 'min(@)', [], null);
test(
  gives,
  'sort_by(@, &k)[].v',
  [
    { k: 10, v: 1 },
    { k: 9, v: 2 },
    { k: 10, v: 3 },
  ],
  [2, 1, 3],
);
test(gives, 'sort_by(@, &k)', [], []);
test(
  gives,
  'max_by(@, &day).v',
  [
    { day: '2024-01-02', v: 1 },
    { day: '2024-02-01', v: 2 },
  ],
  2,
);
test(
  gives,
  'min_by(@, &day).v',
  [
    { day: '2024-01-02', v: 1 },
    { day: '2024-02-01', v: 2 },
  ],
  1,
);
test(
  gives,
  'max_by(@, &n).v',
  [
    { n: 2, v: 1 },
    { n: 2, v: 2 },
  ],
  1,
);
test(gives, 'min_by(@, &n)', [], null);

test(gives, 'to_array(@)', 'a', ['a']);
test(gives, 'to_array(@)', ['a'], ['a']);
test(gives, 'to_number(@)', '-1.5e1', -15);
test(gives, 'to_number(@)', 7, 7);
test(gives, 'to_number(@)', '', null);
test(gives, 'to_number(@)', '0x10', null);
test(gives, 'to_number(@)', [1], null);
test(gives, 'to_string(@)', 'a', 'a');
test(gives, 'to_string(@)', { a: [1, null] }, '{"a":[1,null]}');
test(
  gives,
  'map(&type(@), @)',
  [null, true, 1, 'a', [], {}],
  ['null', 'boolean', 'number', 'string', 'array', 'object'],
);

const fails = test.macro({
  exec: (t, expression: string, data: Json, message: string) => {
    t.throws(() => compile(expression)(data), { instanceOf: TypeError, message });
  },
  title: (_, expression: string, data: Json) => `${expression} of ${JSON.stringify(data)} fails`,
});

test(fails, 'length(@)', null, 'length() needs a string, an array or an object, got null');
test(fails, 'length(@)', 1, 'length() needs a string, an array or an object, got number');
test(fails, 'abs(@)', '1', 'abs() needs a number, got string');
test(fails, 'sum(@)', [1, null], 'sum() needs an array of numbers, got array');
test(fails, 'sort(@)', [1, 'a'], 'sort() needs an array of strings or one of numbers, got array');
test(fails, "join('', @)", [1], 'join() needs an array of strings, got array');
test(fails, 'keys(@)', [], 'keys() needs an object, got array');
test(fails, 'map(&a, @)', {}, 'map() needs an array, got object');
test(fails, 'merge(@, a)', { a: true }, 'merge() needs an object, got boolean');
test(fails, 'reverse(@)', {}, 'reverse() needs a string or an array, got object');
test(fails, 'sort_by(@, &a)', [{ a: 1 }, {}], 'sort_by() needs keys that are all strings or all numbers');
test(fails, 'max_by(@, &a)', [{}], 'max_by() needs keys that are all strings or all numbers');

test('large lists are no trouble', (t) => {
  const list = Array.from({ length: 300_000 }, (_, index) => index);
  t.is(compile('max(@)')(list), 299_999);
  t.is(compile('length(sort_by(@[?@ > `5`], &@))')(list), 299_994);
});
