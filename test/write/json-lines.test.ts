import test from 'ava';

import type { Row, Table } from '../../src/shared/records.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { converted, resultOf, tableOf, written } from './samples.ts';

const lines = { inputFormat: 'jsonl' } as const;
const toLines = { outputFormat: 'jsonl', columns: 'status,error' } as const;
const added = '"fetch_status":null,"fetch_error":"unsupported-scheme"';

/** A record of JSON Lines keeps its members as written, followed by the result columns. */
const comesBack = test.macro({
  exec: async (t, members: string, kept: string = members) => {
    const output = await converted(`{"url":"mailto:a",${members}}\n`, lines, toLines);
    t.is(output, `{"url":"mailto:a",${kept},${added}}\n`);
  },
  title: (what) => `${what} comes back as it was in JSON Lines`,
});

test('a text', comesBack, '"a":"b"');
test('a text with escapes', comesBack, String.raw`"a":"\"\\\/\n\u00e4\ud83d\ude00"`);
test('a text of special characters', comesBack, '"a":"ä,{}[]: 😀\u2028"');
test('half a character', comesBack, String.raw`"a":"\ud800"`);
test('a number', comesBack, '"a":1.50');
test('a large number', comesBack, '"a":123456789012345678901234567890');
test('a number with an exponent', comesBack, '"a":1E400');
test('minus zero', comesBack, '"a":-0');
test('true', comesBack, '"a":true');
test('null', comesBack, '"a":null');
test('a list', comesBack, '"a":[1, "}", {"b": []}]');
test('an object', comesBack, '"a":{"z": 1, "a": {"fetch_status": 2}}');
test('an empty name', comesBack, '"":1');
test('a name with escapes', comesBack, String.raw`"a\"b\n":1`);
test('the name __proto__', comesBack, '"__proto__":{"x":1}');
test('the order of names that look like numbers', comesBack, '"2":1,"1":2');
test('space around members', comesBack, ' "a" : 1 , "b" : [ ] ', '"a":1,"b":[ ]');
test('a member of an earlier run', comesBack, '"fetch_status":200,"a":1,"fetch_error":"x"', '"a":1');

test('records keep their own members, also those that the first does not have', async (t) => {
  const input = '{"url":"mailto:a","a":1}\n{"b":2,"url":"mailto:b"}\n';
  t.is(
    await converted(input, lines, toLines),
    `{"url":"mailto:a","a":1,${added}}\n{"b":2,"url":"mailto:b",${added}}\n`,
  );
});

test('a CSV becomes objects whose cells are texts', async (t) => {
  const output = await converted('id,url,text\n007,mailto:a,"a""b\n"\n', {}, toLines);
  t.is(output, `{"id":"007","url":"mailto:a","text":"a\\"b\\n",${added}}\n`);
});

test('NUL in a cell of the input is kept', async (t) => {
  const output = await converted('url,a\nmailto:a,x\0y\n', {}, toLines);
  t.is(output, `{"url":"mailto:a","a":"x\\u0000y",${added}}\n`);
});

test('columns of one name become different names', async (t) => {
  const output = await converted('url,a,a,a_2,a\nmailto:a,1,2,3,4\n', {}, toLines);
  const names = Object.keys(JSON.parse(output) as object).slice(0, 5);
  t.deepEqual(names.slice(0, 3), ['url', 'a', 'a_2']);
  t.is(new Set(names).size, 5);
  t.deepEqual(Object.values(JSON.parse(output) as object).slice(0, 5), ['mailto:a', '1', '2', '3', '4']);
});

test('a column called __proto__ is a member', async (t) => {
  const output = await converted('url,__proto__\nmailto:a,1\n', {}, toLines);
  t.is(output, `{"url":"mailto:a","__proto__":"1",${added}}\n`);
});

test('result columns keep their types', async (t) => {
  const output = await written([resultOf(tableOf('url'), ['a'])], { outputFormat: 'jsonl' });
  t.deepEqual(JSON.parse(output), {
    url: 'a',
    fetch_status: 200,
    fetch_error: null,
    fetch_url: 'http://example.org/',
    fetch_type: 'text/html',
    fetch_bytes: 5,
    fetch_ms: 12,
    fetch_attempts: 1,
    fetch_at: '2024-02-29T12:30:15.007Z',
  });
});

test('values of processors keep their types', async (t) => {
  const values = {
    a: true,
    b: 1.5,
    c: 'x',
    d: [1, { e: null }],
    f: { g: 'ä' },
    h: null,
    i: undefined,
    j: Number.NaN,
  };
  const processed = [...Object.keys(values), 'k', 'toString'];
  const result = resultOf(tableOf('url'), ['a'], { values });
  t.is(
    await written([result], { outputFormat: 'jsonl', columns: 'status', processed }),
    '{"url":"a","fetch_status":200,"a":true,"b":1.5,"c":"x","d":[1,{"e":null}],"f":{"g":"ä"},"h":null,"i":null,"j":null,"k":null,"toString":null}\n',
  );
});

test('JSON Lines become a CSV: texts without quotes, the rest as it was written', async (t) => {
  const input = '{"url":"mailto:a","t":"a\\"b","n":12345678901234567890,"b":true,"z":null,"l":[1, 2]}\n';
  const [row] = csvObjects(await converted(input, lines));
  t.like(row, { t: 'a"b', n: '12345678901234567890', b: 'true', z: '', l: '[1, 2]' });
});

test('in a CSV a record with a member that the first hundred do not have is a bad row that keeps it', async (t) => {
  const input = `${'{"url":"mailto:a"}\n'.repeat(100)}{"url":"mailto:b","x":[1]}\n`;
  const cwd = await temporaryFolder(t, { 'in.jsonl': input });
  const { stdout } = await urlmill(['-q', '--columns', 'error', 'in.jsonl'], { cwd });
  const first = 'mailto:a,unsupported-scheme\n'.repeat(100);
  t.is(stdout, `url,fetch_error\n${first}mailto:b,bad-row,"{""x"":[1]}"\n`);
});

test('a record with a member missing has an empty cell', async (t) => {
  const input = '{"url":"mailto:a","x":1}\n{"url":"mailto:b"}\n';
  const cwd = await temporaryFolder(t, { 'in.jsonl': input });
  const { stdout } = await urlmill(['-q', '--columns', 'error', 'in.jsonl'], { cwd });
  t.is(csvObjects(stdout)[1]?.['fetch_error'], 'unsupported-scheme');
  t.is(csvObjects(stdout)[1]?.['x'], '');
});

const keeps = test.macro(
  async (t, table: Table, row: Partial<Row>, processed: string[], expected: string) => {
    const base = resultOf(table, row.cells ?? []);
    const values = Object.fromEntries(processed.map((name) => [name, 'ours']));
    const result = { ...base, row: { ...base.row, ...row }, values };
    const output = await written([result], { outputFormat: 'jsonl', columns: ['status'], processed });
    t.is(output, `${expected}\n`);
  },
);

test(
  'a member with the name of a column of processing keeps its value, if it comes too late to be refused',
  keeps,
  tableOf('url'),
  { cells: ['a', '{"x":1}', '{"x_2":2}'], json: '{"x":1,"url":"a","x_2":2}' },
  ['x'],
  '{"x_3":1,"url":"a","x_2":2,"fetch_status":200,"x":"ours"}',
);
test(
  'a member with the name of one of our columns is still of an earlier run',
  keeps,
  tableOf('url'),
  { cells: ['a'], json: '{"fetch_title":"old","url":"a"}' },
  ['fetch_title'],
  '{"url":"a","fetch_status":200,"fetch_title":"ours"}',
);
test(
  'the second of two columns of one name does not get the name of an added one',
  keeps,
  tableOf('x', 'x'),
  { cells: ['a', 'b'] },
  ['x_2'],
  '{"x":"a","x_3":"b","fetch_status":200,"x_2":"ours"}',
);
test(
  'nor does a column without a header, which has a number for a name',
  keeps,
  { names: ['1', '2'], header: false },
  { cells: ['a', 'b'] },
  ['2'],
  '{"1":"a","2_2":"b","fetch_status":200,"2":"ours"}',
);
