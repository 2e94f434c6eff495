import test from 'ava';

import { choice, count, list, names, text, toggle } from '../../src/options/define.ts';
import type { Option } from '../../src/options/define.ts';

const means = test.macro((t, option: Option<unknown, unknown>, said: unknown, expected: unknown) => {
  t.deepEqual(option.read(said), expected);
});

const refuses = test.macro((t, option: Option<unknown, unknown>, said: unknown, message: string) => {
  t.throws(() => option.read(said), { instanceOf: RangeError, message });
});

const shows = test.macro(
  (t, option: Option<unknown, unknown>, expected: Readonly<Record<string, string | null>>) => {
    const { kind, short, hint, help, fallback } = option;
    t.deepEqual({ kind, short, hint, help, fallback }, expected);
  },
);

const help = 'What it does.';

const quiet = toggle({ short: 'q', help });

test('a switch shows what it is', shows, quiet, { kind: 'switch', short: 'q', hint: '', help, fallback: '' });
test('a switch may have no letter', shows, toggle({ help }), {
  kind: 'switch',
  short: null,
  hint: '',
  help,
  fallback: '',
});
test('a switch is off unless said', means, quiet, undefined, false);
test('a switch can be true', means, quiet, true, true);
test('a switch can be false', means, quiet, false, false);
test('a switch can be "true"', means, quiet, 'true', true);
test('a switch can be "1"', means, quiet, '1', true);
test('a switch can be "false"', means, quiet, 'false', false);
test('a switch can be "0"', means, quiet, '0', false);
test('a switch is no number', refuses, quiet, 1, 'true or false is needed, got 1');
test('a switch is no other word', refuses, quiet, 'yes', 'true or false is needed, got "yes"');
test('a switch is not empty', refuses, quiet, '', 'true or false is needed, got ""');
test('a switch is not null', refuses, quiet, null, 'true or false is needed, got null');

const some = count({ short: 'c', min: 1, fallback: 100, help });
const any = count({ min: 0, fallback: 10, help });
const atLeast1 = 'a whole number of at least 1 is needed, got';

test('a count shows what it is', shows, some, {
  kind: 'value',
  short: 'c',
  hint: 'N',
  help,
  fallback: '100',
});
test('a count has a default', means, some, undefined, 100);
test('a count can be text', means, some, '25', 25);
test('a count can be text with spaces around', means, some, ' 25\n', 25);
test('a count can be a number', means, some, 25, 25);
test('the least is enough', means, some, '1', 1);
test('0 is enough where it is the least', means, any, '0', 0);
test('the largest safe number is a count', means, some, '9007199254740991', Number.MAX_SAFE_INTEGER);
test('a larger one is none', refuses, some, '9007199254740992', `${atLeast1} "9007199254740992"`);
test('less than the least is refused', refuses, some, '0', `${atLeast1} "0"`);
test('less than the least is refused as a number', refuses, some, 0, `${atLeast1} 0`);
test('the message names the least', refuses, any, -1, 'a whole number of at least 0 is needed, got -1');
test('a negative text is no count', refuses, any, '-1', 'a whole number of at least 0 is needed, got "-1"');
test('a fraction is no count', refuses, some, 1.5, `${atLeast1} 1.5`);
test('a fraction as text is none', refuses, some, '1.5', `${atLeast1} "1.5"`);
test('an exponent is none', refuses, some, '1e3', `${atLeast1} "1e3"`);
test('a hexadecimal number is none', refuses, some, '0x10', `${atLeast1} "0x10"`);
test('a word is no count', refuses, some, 'many', `${atLeast1} "many"`);
test('nothing is no count', refuses, some, '', `${atLeast1} ""`);
test('null is no count', refuses, some, null, `${atLeast1} null`);
test('true is no count', refuses, some, true, `${atLeast1} true`);
test('a list is no count', refuses, some, ['5'], `${atLeast1} a list`);
test('Infinity is no count', refuses, some, Infinity, `${atLeast1} Infinity`);
test('a function is no count', refuses, some, () => 5, `${atLeast1} a function`);

test('what JSON cannot hold is refused like anything else', (t) => {
  t.throws(() => some.read(5n), { instanceOf: RangeError });
});

const format = choice({ short: 'f', hint: 'F', choices: ['csv', 'tsv'], help });
const when = choice({ hint: 'WHEN', choices: ['auto', 'never'], fallback: 'auto', help });
const oneOf = 'one of csv, tsv is needed, got';

test('a choice shows what it is', shows, format, {
  kind: 'value',
  short: 'f',
  hint: 'F',
  help,
  fallback: '',
});
test('a choice shows its default', shows, when, {
  kind: 'value',
  short: null,
  hint: 'WHEN',
  help,
  fallback: 'auto',
});
test('a choice can be any of its words', means, format, 'tsv', 'tsv');
test('a choice may have no default', means, format, undefined, undefined);
test('a choice may have one', means, when, undefined, 'auto');
test('what is said beats the default', means, when, 'never', 'never');
test('another word is no choice', refuses, format, 'xml', `${oneOf} "xml"`);
test('another case is no choice', refuses, format, 'CSV', `${oneOf} "CSV"`);
test('nothing is no choice', refuses, format, '', `${oneOf} ""`);
test('null is no choice', refuses, format, null, `${oneOf} null`);
test('a property of objects is no choice', refuses, format, 'constructor', `${oneOf} "constructor"`);

function noSpaces(said: string): void {
  if (said.includes(' ')) throw new RangeError(`a space in ${said}`);
}

const prefix = text({ short: 'p', hint: 'S', fallback: 'fetch_', help, check: noSpaces });
const name = text({ hint: 'NAME', help });

test('a text shows what it is', shows, prefix, {
  kind: 'value',
  short: 'p',
  hint: 'S',
  help,
  fallback: 'fetch_',
});
test('a text without a default shows none', shows, name, {
  kind: 'value',
  short: null,
  hint: 'NAME',
  help,
  fallback: '',
});
test('a text has a default', means, prefix, undefined, 'fetch_');
test('a text may have none', means, name, undefined, undefined);
test('a text is taken as it is', means, name, ' a ', ' a ');
test('a text may be empty', means, prefix, '', '');
test(
  'what is before an @ is not repeated',
  refuses,
  count({ min: 1, help }),
  'u:p@h',
  'a whole number of at least 1 is needed, got "…@h"',
);
test('a number can be a text', means, name, 3, '3');
test('a text that will not do is refused with its reason', refuses, prefix, 'a b', 'a space in a b');
test('true is no text', refuses, name, true, 'text is needed, got true');
test('null is no text', refuses, name, null, 'text is needed, got null');
test('a list is no text', refuses, name, ['a'], 'text is needed, got a list');

const headers = list({ short: 'H', hint: 'K', help, check: noSpaces });

test('a list shows what it is', shows, headers, { kind: 'list', short: 'H', hint: 'K', help, fallback: '' });
test('a list is empty unless said', means, headers, undefined, []);
test('a list keeps its order', means, headers, ['b', 'a', 'b'], ['b', 'a', 'b']);
test('one text is a list of it', means, headers, 'a', ['a']);
test('an empty list is one', means, headers, [], []);
test('each text of a list is checked', refuses, headers, ['a', 'b c'], 'a space in b c');

test(
  'a list is of texts only, and a number is not repeated',
  refuses,
  headers,
  ['a', 5],
  'text is needed, got a number',
);

test('a list is no object', (t) => {
  t.throws(() => headers.read({ a: 'b' }), { instanceOf: RangeError, message: /^text is needed/ });
});

const named = names({ hint: 'LIST', fallback: '', help });

test('names can be one text', means, named, 'a, b', 'a, b');
test('names can be a list, which is the same as a text', means, named, ['a', '+b'], 'a,+b');
test('names that hold a comma stay apart', means, named, ['a,b', 'c'], ['a,b', 'c']);
test('no names are the default', means, named, [], '');
test('a name is text', refuses, named, ['a', 1], 'text is needed, got a number');
test('names are not one number of many', refuses, named, { a: 1 }, 'text is needed, got an object');
