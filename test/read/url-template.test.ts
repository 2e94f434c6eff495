import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { compileUrlTemplate } from '../../src/read/url-template.ts';

/** The variables in RFC 6570, section 3.2. */
const variables: Readonly<Record<string, string>> = {
  var: 'value',
  hello: 'Hello World!',
  half: '50%',
  path: '/foo/bar',
  base: 'http://example.com/home/',
  who: 'fred',
  dub: 'me/too',
  v: '6',
  x: '1024',
  y: '768',
  empty: '',
};

const rfc = test.macro({
  exec(t, template: string, expected: string) {
    const expand = compileUrlTemplate(template, Object.keys(variables));
    t.is(expand(Object.values(variables)), expected);
  },
  title: (_, template: string) => `RFC 6570 expands ${template}`,
});

// Section 1.2, levels 1 and 2
test(rfc, '{var}', 'value');
test(rfc, '{hello}', 'Hello%20World%21');
test(rfc, '{+var}', 'value');
test(rfc, '{+hello}', 'Hello%20World!');
test(rfc, '{+path}/here', '/foo/bar/here');
test(rfc, 'here?ref={+path}', 'here?ref=/foo/bar');
test(rfc, 'X{#var}', 'X#value');
test(rfc, 'X{#hello}', 'X#Hello%20World!');
// Section 3.2.2
test(rfc, '{half}', '50%25');
test(rfc, 'O{empty}X', 'OX');
test(rfc, '?{x}', '?1024');
// Section 3.2.3
test(rfc, '{+half}', '50%25');
test(rfc, '{base}index', 'http%3A%2F%2Fexample.com%2Fhome%2Findex');
test(rfc, '{+base}index', 'http://example.com/home/index');
test(rfc, 'O{+empty}X', 'OX');
test(rfc, 'up{+path}{var}/here', 'up/foo/barvalue/here');
// Section 3.2.4
test(rfc, '{#half}', '#50%25');
test(rfc, '{#path}', '#/foo/bar');

test('text without a variable stays as it is', (t) => {
  t.is(compileUrlTemplate('https://a.org/%41 b?c=d', ['a'])(['1']), 'https://a.org/%41 b?c=d');
});

test('variables may follow each other', (t) => {
  t.is(compileUrlTemplate('{a}{b}-{a}', ['a', 'b'])(['1', '2']), '12-1');
});

const gives = test.macro((t, template: string, name: string, value: string, expected: string) => {
  t.is(compileUrlTemplate(template, ['id', name])(['-', value]), expected);
});

test(
  'what is not unreserved is encoded',
  gives,
  '{v}',
  'v',
  `-._~aZ9!*'();/ü`,
  '-._~aZ9%21%2A%27%28%29%3B%2F%C3%BC',
);
test('reserved characters stay behind +', gives, '{+v}', 'v', `:/?#[]@!$&'()*+,;=`, `:/?#[]@!$&'()*+,;=`);
test(
  'what is neither is encoded behind +',
  gives,
  '{+v}',
  'v',
  'ü "<>\\^`{|}',
  '%C3%BC%20%22%3C%3E%5C%5E%60%7B%7C%7D',
);
test('%XX stays behind +', gives, '{+v}', 'v', '%c3%BC%', '%c3%BC%25');
test('%XX stays behind #', gives, '{#v}', 'v', '%20%2', '#%20%252');
test('%XX is encoded without an operator', gives, '{v}', 'v', '%20', '%2520');
test('half a surrogate pair becomes the replacement character', gives, '{v}', 'v', '\ud83d', '%EF%BF%BD');
test('behind + too', gives, '{+v}', 'v', 'a\udc00', 'a%EF%BF%BD');
test('a name may hold spaces', gives, '{page name}', 'page name', 'a', 'a');
test('a name may be of any script', gives, '{名前}', '名前', 'a', 'a');
test('the case of a name does not matter', gives, '{NAME}', 'Name', 'a', 'a');
test('a name may hold punctuation further on', gives, '{a.b-c,d:1}', 'a.b-c,d:1', 'x', 'x');
test('a name may hold a newline', gives, '{a\nb}', 'a\nb', 'x', 'x');
test('__proto__ is a name like others', gives, '{__proto__}', '__proto__', 'x', 'x');
test('a column without a name can be named', gives, 'a{}b', '', 'x', 'axb');

test('a cell that is missing is empty', (t) => {
  t.is(compileUrlTemplate('a{b}c{#b}', ['a', 'b'])(['1']), 'ac');
});

test('the same case of a name is better than another', (t) => {
  t.is(compileUrlTemplate('{a}', ['A', 'a'])(['1', '2']), '2');
});

const refuses = test.macro((t, template: string, message: string) => {
  t.throws(() => compileUrlTemplate(template, ['a', 'b']), { instanceOf: UsageError, message });
});

const unknown = (name: string): string =>
  `--url-template: there is no column "${name}"; the columns are a, b`;

test('an unknown column is refused', refuses, 'https://a.org/{c}', unknown('c'));
test('an unknown column behind an operator is refused', refuses, '{+c}', unknown('c'));
test('an expression without a name is refused', refuses, 'x{}', unknown(''));
test('several names in one expression are refused', refuses, '{a,b}', unknown('a,b'));
test('a length is refused', refuses, '{a:3}', unknown('a:3'));
test('an explosion is refused', refuses, '{a*}', unknown('a*'));

const beyond = test.macro({
  exec(t, operator: string) {
    const expression = `{${operator}a}`;
    t.throws(() => compileUrlTemplate(`https://a.org/{b}${expression}`, ['a', 'b']), {
      instanceOf: UsageError,
      message: `--url-template: ${expression} is beyond level 2 of RFC 6570`,
    });
  },
  title: (_, operator: string) => `the operator ${operator} is refused`,
});

test(beyond, '.');
test(beyond, '/');
test(beyond, ';');
test(beyond, '?');
test(beyond, '&');
test(beyond, '=');
test(beyond, ',');
test(beyond, '!');
test(beyond, '@');
test(beyond, '|');

const unclosed = test.macro((t, template: string) => {
  t.throws(() => compileUrlTemplate(template, ['a', 'b', '']), {
    instanceOf: UsageError,
    message: '--url-template: a brace is not closed',
  });
});

test('a brace that is not closed is refused', unclosed, 'https://a.org/{a');
test('a brace that is not closed at the beginning is refused', unclosed, '{a');
test('a brace that is not closed behind an expression is refused', unclosed, 'https://a.org/{a}{b');
test('a brace that is not closed before an expression is refused', unclosed, 'https://a.org/{{a}');
test('a brace that is not opened is refused', unclosed, 'https://a.org/a}');
test('a brace that is not opened behind an expression is refused', unclosed, '{a}}');
