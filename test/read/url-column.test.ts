import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { findUrlColumn, needsSample } from '../../src/read/url-column.ts';

type Sample = readonly (readonly string[])[];

const finds = test.macro(
  (t, names: readonly string[], expected: number, said?: string, sample: Sample = []) => {
    t.is(findUrlColumn(names, said, sample), expected);
  },
);

const usual = test.macro({
  exec(t, name: string) {
    t.is(findUrlColumn(['id', 'name', name, 'x'], undefined, []), 2);
  },
  title: (_, name: string) => `a column called ${name} holds the URL`,
});

test(usual, 'url');
test(usual, 'uri');
test(usual, 'link');
test(usual, 'href');
test(usual, 'homepage');
test(usual, 'website');
test(usual, 'address');

test('the only column holds the URL, whatever its name', finds, ['note'], 0, undefined, [['x'], ['a.org']]);
test('the case of a usual name does not matter', finds, ['id', 'HomePage'], 1);
test('spaces around a usual name do not matter', finds, ['id', ' URL '], 1);
test('part of a name is not the name', finds, ['url_old', 'url'], 1);
test('cells that are URLs beat a usual name', finds, ['a', 'link'], 0, undefined, [['https://a.org', 'x']]);
test('a usual name beats other URLs', finds, ['a', 'link'], 1, undefined, [['https://a.org', 'a.org']]);

const urls: Sample = [
  ['1', 'x', 'https://a.org'],
  ['2', 'y', 'http://b.org'],
];

test('the column whose cells are URLs holds the URL', finds, ['a', 'b', 'c'], 2, undefined, urls);
test('www. makes a cell a URL', finds, ['a', 'b'], 1, undefined, [['a.org', 'WWW.b.org']]);
test('a host name alone makes none', finds, ['a', 'b'], 1, undefined, [['a.org', 'ftp://b.org']]);
test('a text that begins with www. is none', finds, ['a', 'b'], 1, undefined, [['www. x', 'http://b.org']]);
test('spaces before a URL do not matter', finds, ['a', 'b'], 1, undefined, [['x', ' https://b.org']]);
test('cells that are missing do not matter', finds, ['a', 'b'], 1, undefined, [
  ['x'],
  ['y', 'https://b.org'],
]);
test('empty cells do not count', finds, ['a', 'b'], 1, undefined, [
  ['1', ''],
  ['2', '  '],
  ['3', 'https://a.org'],
]);
test('more than half of the cells do', finds, ['a', 'b'], 1, undefined, [
  ['https://x.org', 'https://a.org'],
  ['y', 'https://b.org'],
  ['z', 'none'],
]);
test('the first hundred cells count', finds, ['a', 'b'], 1, undefined, [
  ...Array.from({ length: 100 }, () => ['x', 'https://a.org']),
  ...Array.from({ length: 300 }, () => ['https://a.org', 'x']),
]);

test('many cells count, not the first few', finds, ['a', 'b'], 1, undefined, [
  ...Array.from({ length: 40 }, () => ['x', 'none']),
  ...Array.from({ length: 60 }, () => ['x', 'https://a.org']),
]);

test('a column can be said by name', finds, ['url', 'b', 'c'], 2, 'c');
test('case does not matter for what is said', finds, ['url', 'Home Page'], 1, 'home page');
test('spaces do not matter for what is said', finds, ['url', ' b '], 1, 'b  ');
test('the same case is better than another', finds, ['PAGE', 'page', 'Page'], 1, 'page');
test('a column can be said by number', finds, ['a', 'b', 'c'], 1, '2');
test('the first number is 1', finds, ['a', 'b'], 0, '1');
test('the last number is the number of columns', finds, ['a', 'b'], 1, '2');
test('a name that is a number comes before the number', finds, ['2', 'b', 'c'], 0, '2');
test('a column without a name can be said', finds, ['id', ''], 1, '');
test('__proto__ can be said', finds, ['id', '__proto__'], 1, '__proto__');

const refuses = test.macro(
  (t, names: readonly string[], message: string, said?: string, sample: Sample = []) => {
    t.throws(() => findUrlColumn(names, said, sample), { instanceOf: UsageError, message });
  },
);

const none = 'no column looks like URLs; name one with --url-column:';
const several = 'several columns may hold the URL; choose one with --url-column:';

test('no column that fits: all are named', refuses, ['a', 'b"c'], String.raw`${none} "a", "b\"c"`);
test(
  'half of the cells are not most',
  refuses,
  ['a', 'b'],
  `${none} "a" ("x"), "b" ("https://a.org")`,
  undefined,
  [
    ['x', 'https://a.org'],
    ['y', 'z'],
  ],
);
test('cells that are all empty are no URLs', refuses, ['a', 'b'], `${none} "a", "b"`, undefined, [['', '']]);
test(
  'two usual names: both are named, no others',
  refuses,
  ['id', 'Url', 'x', 'link'],
  `${several} "Url", "link"`,
);
test('a usual name twice is two candidates', refuses, ['url', 'url'], `${several} "url", "url"`);
test('two columns of URLs: both are named', refuses, ['a', 'b', 'c'], `${several} "a", "c"`, undefined, [
  ['https://a.org', 'x', 'https://b.org'],
]);
test(
  'of many columns twenty are named',
  refuses,
  Array.from({ length: 23 }, (_, index) => `c${index}`),
  `${none} ${Array.from({ length: 20 }, (_, index) => `"c${index}"`).join(', ')} and 3 more`,
);

const unknown = (said: string): string =>
  `--url-column: there is no column "${said}"; the columns are "a", "b"`;

test('a name that is none is refused', refuses, ['a', 'b'], unknown('c'), 'c');
test('the number 0 is refused', refuses, ['a', 'b'], unknown('0'), '0');
test('a number above the columns is refused', refuses, ['a', 'b'], unknown('3'), '3');
test('a negative number is refused', refuses, ['a', 'b'], unknown('-1'), '-1');
test('a broken number is refused', refuses, ['a', 'b'], unknown('1.0'), '1.0');
test(
  'a name does not fit because a usual one is there',
  refuses,
  ['url', 'b'],
  '--url-column: there is no column "link"; the columns are "url", "b"',
  'link',
);
test(
  'a name that two columns have is refused',
  refuses,
  ['a', 'b', 'a'],
  '--url-column: columns 1 and 3 are both called "a"; give a number',
  'a',
);
test(
  'a name that two columns have in other case is refused',
  refuses,
  ['Page', 'b', 'PAGE'],
  '--url-column: columns 1 and 3 are both called "page"; give a number',
  'page',
);

const needs = test.macro(
  (t, names: readonly string[], said: string | undefined, expected: boolean, sample: Sample = []) => {
    t.is(needsSample(names, said, sample), expected);
  },
);

test('two names that say nothing need cells', needs, ['a', 'b'], undefined, true);
test('one column needs a cell', needs, ['a'], undefined, true);
test('one column needs no other behind a URL', needs, ['a'], undefined, false, [['x'], ['a.org']]);
test('a usual name needs a cell', needs, ['a', ' Url'], undefined, true, [['a.org', '']]);
test('a usual name needs no other behind a URL', needs, ['a', ' Url'], undefined, false, [['x', 'a.org']]);
test('two usual names need cells', needs, ['url', 'link'], undefined, true, [['a.org', 'b.org']]);
test('what is said needs none', needs, ['a', 'b'], '1', false);
