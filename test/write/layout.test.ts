import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { layoutOf } from '../../src/write/layout.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { converted, resultOf, tableOf, written } from './samples.ts';

const columns = { columns: 'status,error' };

test('the result columns stand behind the own ones, those of processors behind them', (t) => {
  const added = { results: ['status', 'row'], processed: ['m', 'fetch_title'], prefix: 'fetch_' };
  t.deepEqual(layoutOf(tableOf('url', 'id'), added).names, [
    'url',
    'id',
    'fetch_status',
    'fetch_row',
    'm',
    'fetch_title',
  ]);
});

test('a header alone gives a header with the result columns and code 0', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'id,url\n' });
  const { code, stdout } = await urlmill(['-q', '--columns', 'status,error', 'in.csv'], { cwd });
  t.is(stdout, 'id,url,fetch_status,fetch_error\n');
  t.is(code, 0);
});

test('a header alone gives no line of JSON', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'id,url\n' });
  const { code, stdout } = await urlmill(['-q', '--output-format', 'jsonl', 'in.csv'], { cwd });
  t.is(stdout, '');
  t.is(code, 0);
});

test('columns of an earlier run are replaced in their new places, not doubled', async (t) => {
  const input = 'fetch_status,id,fetch_error,url\n200,1,,mailto:a\n';
  t.deepEqual(csvRecords(await converted(input, {}, columns)), [
    ['id', 'url', 'fetch_status', 'fetch_error'],
    ['1', 'mailto:a', '', 'unsupported-scheme'],
  ]);
});

test('an output as input gives the same columns again', async (t) => {
  const first = await converted('id,url\n1,mailto:a\n');
  const second = await converted(first);
  t.deepEqual(csvRecords(second)[0], csvRecords(first)[0]);
  t.like(csvObjects(second)[0], { id: '1', url: 'mailto:a', fetch_error: 'unsupported-scheme' });
});

test('a column of another prefix is not replaced', async (t) => {
  const output = await converted('id,url,fetch_status\n1,mailto:a,200\n', {}, { prefix: 'web_', ...columns });
  t.deepEqual(csvRecords(output), [
    ['id', 'url', 'fetch_status', 'web_status', 'web_error'],
    ['1', 'mailto:a', '200', '', 'unsupported-scheme'],
  ]);
});

test('a column that only looks like a result column is kept', async (t) => {
  const output = await converted('url,Fetch_Status,fetch_status2\nmailto:a,x,y\n', {}, columns);
  t.deepEqual(csvRecords(output)[1]?.slice(0, 3), ['mailto:a', 'x', 'y']);
});

test('all columns of one name are replaced', async (t) => {
  const output = await converted('url,fetch_status,fetch_status\nmailto:a,x,y\n', {}, columns);
  t.deepEqual(csvRecords(output)[0], ['url', 'fetch_status', 'fetch_error']);
});

test('without a header nothing is replaced', async (t) => {
  const output = await converted(
    'mailto:a,fetch_status\n',
    { noHeader: true, urlColumn: '1', inputFormat: 'csv' },
    columns,
  );
  t.deepEqual(csvRecords(output), [['mailto:a', 'fetch_status', '', 'unsupported-scheme']]);
});

test('columns of one name stay side by side', async (t) => {
  const output = await converted('url,a,a,\nmailto:a,1,2,3\n', {}, columns);
  t.deepEqual(csvRecords(output), [
    ['url', 'a', 'a', '', 'fetch_status', 'fetch_error'],
    ['mailto:a', '1', '2', '3', '', 'unsupported-scheme'],
  ]);
});

test('a column called __proto__ is a column', async (t) => {
  const output = await converted('__proto__,url,constructor\n1,mailto:a,2\n', {}, columns);
  t.deepEqual(csvRecords(output), [
    ['__proto__', 'url', 'constructor', 'fetch_status', 'fetch_error'],
    ['1', 'mailto:a', '2', '', 'unsupported-scheme'],
  ]);
});

const clashes = test.macro({
  exec: (t, names: readonly string[], processed: readonly string[], prefix: string) => {
    t.throws(() => layoutOf(tableOf(...names), { results: ['status'], processed, prefix }), {
      instanceOf: UsageError,
      message: /column "[^"]+"/,
    });
  },
  title: (what) => `${what} is refused`,
});

test('a column of a processor that the input has', clashes, ['url', 'm'], ['m'], 'fetch_');
test('a column of a processor that the input has, without a prefix', clashes, ['url', 'm'], ['m'], '');
test('a column of two processors', clashes, ['url'], ['m', 'm'], 'fetch_');
test('a column of a processor that is a result column', clashes, ['url'], ['fetch_status'], 'fetch_');

test('without a header a column of a processor clashes with nothing', (t) => {
  const added = { results: ['status'], processed: ['1'], prefix: 'fetch_' };
  t.deepEqual(layoutOf({ names: ['1', '2'], header: false }, added).names, ['1', '2', 'fetch_status', '1']);
});

const valueBecomes = test.macro({
  exec: async (t, value: string | number | boolean | object | null | undefined, cell: string) => {
    const result = resultOf(tableOf('url'), ['a'], { values: { m: value } });
    const output = await written([result], { columns: 'status', processed: ['m'] });
    t.is(csvObjects(output)[0]?.['m'], cell);
  },
  title: (what) => `${what} of a processor becomes its cell`,
});

test('text', valueBecomes, 'a"b', 'a"b');
test('a number', valueBecomes, 1.5, '1.5');
test('zero', valueBecomes, 0, '0');
test('no number', valueBecomes, Number.NaN, '');
test('an endless number', valueBecomes, Number.POSITIVE_INFINITY, '');
test('true', valueBecomes, true, 'true');
test('false', valueBecomes, false, 'false');
test('null', valueBecomes, null, '');
test('undefined', valueBecomes, undefined, '');
test('a list', valueBecomes, ['a', 1], '["a",1]');
test('an object', valueBecomes, { a: { b: 1 } }, '{"a":{"b":1}}');
test('text with NUL', valueBecomes, 'a\0b', 'a\ufffdb');

test('a value that a processor did not give is an empty cell', async (t) => {
  const output = await written([resultOf(tableOf('url'), ['a'])], { columns: 'status', processed: ['m'] });
  t.is(csvObjects(output)[0]?.['m'], '');
});
