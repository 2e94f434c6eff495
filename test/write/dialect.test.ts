import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { dialectOf, harmless, plainDialect } from '../../src/write/dialect.ts';
import type { DialectOptions } from '../../src/write/dialect.ts';
import { formatters } from '../../src/write/formats.ts';
import type { OutputFormat } from '../../src/write/formats.ts';
import { layoutOf } from '../../src/write/layout.ts';
import { resultOf, tableOf } from './samples.ts';

for (const sign of ['=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20', ' =', '\u200b=', '\ufeff+']) {
  test(`text that begins a formula is made harmless: ${JSON.stringify(sign)}`, (t) => {
    t.is(harmless(`${sign}cmd|'/c calc'!A1`), `'${sign}cmd|'/c calc'!A1`);
  });
}

for (const text of ['\t', '\t=1', '\r', '\r\n=1', '\n=1', '-1+1', '+1-1', '-1,2;3', '=', '@', '=1']) {
  test(`so is ${JSON.stringify(text)}`, (t) => t.is(harmless(text), `'${text}`));
}

for (const text of [
  '',
  'a',
  "'=1",
  '1',
  '-5',
  '+49',
  '-1.5',
  '-1,234.5',
  '-',
  '1=1',
  'a\t=1',
  'http://a/?=b',
  'é',
]) {
  test(`other text stays: ${JSON.stringify(text)}`, (t) => t.is(harmless(text), text));
}

const none: DialectOptions = {
  outputDelimiter: undefined,
  outputBom: false,
  crlf: false,
  excelSafe: false,
  excel: false,
};

test('without options it is plain CSV', (t) => {
  t.deepEqual(dialectOf(none, 'csv'), plainDialect);
});

test('--excel is all of them, and a delimiter that is said is taken', (t) => {
  const excel = { delimiter: ';', bom: true, lineEnd: '\r\n', isSafe: true };
  t.deepEqual(dialectOf({ ...none, excel: true }, 'csv'), excel);
  t.deepEqual(dialectOf({ ...none, excel: true, outputDelimiter: ',' }, 'csv'), { ...excel, delimiter: ',' });
  t.is(dialectOf({ ...none, outputDelimiter: 'tab' }, 'csv').delimiter, '\t');
});

const refused = test.macro({
  exec: (t, said: Partial<DialectOptions>, format: OutputFormat) => {
    t.throws(() => dialectOf({ ...none, ...said }, format), { instanceOf: UsageError });
  },
  title: (_, said: object, format: string) => `${format} has no ${Object.keys(said).join()}`,
});

test(refused, { excel: true }, 'jsonl');
test(refused, { excelSafe: true }, 'jsonl');
test(refused, { outputBom: true }, 'jsonl');
test(refused, { crlf: true }, 'jsonl');
test(refused, { outputDelimiter: ';' }, 'jsonl');
test(refused, { outputDelimiter: ';' }, 'tsv');

/** A header and a line with these values from processors. */
function written(values: Readonly<Record<string, string | number>>, dialect = plainDialect): string {
  const table = tableOf('own', 'url');
  const layout = layoutOf(table, { results: ['type', 'bytes'], processed: Object.keys(values), prefix: '' });
  const result = { ...resultOf(table, ['=own', 'a']), type: '=web', bytes: -5, values };
  const csv = formatters.csv(dialect);
  return csv.header(layout) + csv.records(result, layout)(values);
}

test('only what a run adds is made harmless, and no number', (t) => {
  const values = { x: '=1', y: -1, z: 'plain' };
  t.is(
    written(values, { ...plainDialect, isSafe: true }),
    "own,url,type,bytes,x,y,z\n=own,a,'=web,-5,'=1,-1,plain\n",
  );
  t.is(written(values), 'own,url,type,bytes,x,y,z\n=own,a,=web,-5,=1,-1,plain\n');
});

test('a delimiter of other readers cannot begin a cell', (t) => {
  const [, line = ''] = written(
    { x: 'a;=1', y: 'b\t=1', z: 'c|=1' },
    { ...plainDialect, isSafe: true },
  ).split('\n');
  t.is(line, '=own,a,\'=web,-5,"a;=1","b\t=1","c|=1"');
});

for (const delimiter of [';', '|', '^', ']', '\\', '\t', ' ']) {
  test(`a cell with the delimiter ${JSON.stringify(delimiter)} is quoted, and no other`, (t) => {
    const [, line = ''] = written({ x: `a${delimiter}b`, y: 'ab,^c"' }, { ...plainDialect, delimiter }).split(
      '\n',
    );
    t.is(line, ['=own', 'a', '=web', '-5', `"a${delimiter}b"`, '"ab,^c"""'].join(delimiter));
  });
}

for (const [delimiter, number] of [
  ['.', 1.5],
  ['-', -3],
  ['0', 200],
] as const) {
  test(`a number with the delimiter ${delimiter} is quoted too`, (t) => {
    const [, line = ''] = written({ x: number, y: 'y' }, { ...plainDialect, delimiter }).split('\n');
    t.true(line.endsWith(`${delimiter}"${number}"${delimiter}y`), line);
  });
}

test('a byte order mark comes first, and lines end as said', (t) => {
  const dialect = { ...plainDialect, bom: true, lineEnd: '\r\n' as const };
  t.is(written({ x: 'a"\n' }, dialect), '\ufeffown,url,type,bytes,x\r\n=own,a,=web,-5,"a""\n"\r\n');
});
