import test from 'ava';

import { UsageError } from '../../../src/shared/errors.ts';
import { compileCellText } from '../../../src/fetch/request/cell-text.ts';

const names = ['id', 'Full Name', 'größe', 'a.b-c', '{odd', 'id'];
const cells = ['7', 'Ann Lee', 'XL', 'dots', 'odd', 'second'];

const text = test.macro({
  exec: (t, template: string, expected: string) => {
    t.is(compileCellText(template, names, '--data')(cells), expected);
  },
  title: (_, template: string) => `text with cells: ${template === '' ? 'empty' : template}`,
});

test(text, '', '');
test(text, 'nothing to replace', 'nothing to replace');
test(text, '{id}', '7');
test(text, 'a {id} b {Full Name} c', 'a 7 b Ann Lee c');
test(text, '{id}{id}', '77');
test(text, '{ID} {full name}', '7 Ann Lee');
test(text, '{größe}', 'XL');
test(text, '{a.b-c}', 'dots');
test(text, '{{id}}', '{id}');
test(text, '{{nothing}}', '{nothing}');
test(text, '{{id}} {id}', '{id} 7');
test(text, '{"id": "{id}", "name": "{Full Name}"}', '{"id": "7", "name": "Ann Lee"}');
test(text, '{"id":{id}}', '{"id":7}');
test(text, '[{"a":{"b":[]}},{}]', '[{"a":{"b":[]}},{}]');
test(text, '{ "a": 1 }', '{ "a": 1 }');
test(text, '{\n}', '{\n}');
test(text, '{a:1}', '{a:1}');
test(text, '{[1]}', '{[1]}');
test(text, '}{', '}{');
test(text, '{', '{');
test(text, '{id', '{id');
test(text, 'id}', 'id}');
test(text, '{}', '{}');

test('a cell is put in as it is, braces and all', (t) => {
  t.is(compileCellText('{id}!', ['id'], '--data')(['{id} $& {{x}}']), '{id} $& {{x}}!');
});

test('a row that is too short gives an empty text', (t) => {
  t.is(compileCellText('<{b}>', ['a', 'b'], '--data')(['x']), '<>');
});

const unknown = test.macro({
  exec: (t, template: string, message: string) => {
    t.throws(() => compileCellText(template, names, '--header X'), { instanceOf: UsageError, message });
  },
  title: (_, template: string) => `an unknown column is refused: ${template}`,
});

test(unknown, '{nme}', '--header X: there is no column "nme"; write {{nme}} for the text {nme} itself');
test(unknown, '{id}{x y}', '--header X: there is no column "x y"; write {{x y}} for the text {x y} itself');
test(unknown, '{Ürün}', '--header X: there is no column "Ürün"; write {{Ürün}} for the text {Ürün} itself');
test(unknown, '{_}', '--header X: there is no column "_"; write {{_}} for the text {_} itself');
test(unknown, '{9}', '--header X: there is no column "9"; write {{9}} for the text {9} itself');
