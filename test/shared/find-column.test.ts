import test from 'ava';

import { findColumn } from '../../src/shared/find-column.ts';

const finds = test.macro((t, names: readonly string[], name: string, expected: number) => {
  t.is(findColumn(names, name), expected);
});

test('a column is found by its name', finds, ['a', 'b', 'c'], 'b', 1);
test('a column is found in any case', finds, ['a', 'Page'], 'pAGE', 1);
test('spaces around do not matter', finds, ['a', ' b '], 'b', 1);
test('spaces around what is looked for do not matter', finds, ['a', 'b'], ' b ', 1);
test('the same case is better', finds, ['A', 'a'], 'a', 1);
test('the same spaces are better', finds, ['a', ' a'], ' a', 1);
test('the first of two is found', finds, ['x', 'a', 'a'], 'a', 1);
test('the first of two in other case is found', finds, ['x', 'a', 'a'], 'A', 1);
test('a column without a name is found', finds, ['x', ''], '', 1);
test('part of a name is not the name', finds, ['ab', 'ba'], 'a', -1);
test('a number is a name here', finds, ['a', 'b'], '1', -1);
test('among no columns nothing is found', finds, [], 'a', -1);
test('what every object has is no column', finds, ['a'], 'length', -1);
