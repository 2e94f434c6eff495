import test from 'ava';

import { formatOf } from '../../src/write/formats.ts';
import type { OutputFormat } from '../../src/write/formats.ts';
import { resultOf, tableOf, written } from './samples.ts';

const formatIs = test.macro({
  exec: (t, output: string | undefined, outputFormat: OutputFormat | undefined, format: OutputFormat) => {
    t.is(formatOf({ output, outputFormat }), format);
  },
  title: (_, output: string | undefined, said: string | undefined, format: string) =>
    `${output ?? 'standard output'} ${said === undefined ? '' : `with --output-format ${said} `}is ${format}`,
});

test(formatIs, undefined, undefined, 'csv');
test(formatIs, 'out', undefined, 'csv');
test(formatIs, 'out.csv', undefined, 'csv');
test(formatIs, 'out.csv.gz', undefined, 'csv');
test(formatIs, 'out.gz', undefined, 'csv');
test(formatIs, 'out.txt', undefined, 'csv');
test(formatIs, 'out.tsv', undefined, 'tsv');
test(formatIs, 'out.TSV', undefined, 'tsv');
test(formatIs, 'out.tab', undefined, 'tsv');
test(formatIs, 'out.tsv.gz', undefined, 'tsv');
test(formatIs, 'out.jsonl', undefined, 'jsonl');
test(formatIs, 'out.ndjson', undefined, 'jsonl');
test(formatIs, 'out.jsonl.GZ', undefined, 'jsonl');
test(formatIs, 'tsv', undefined, 'csv');
test(formatIs, 'out.tsv/results', undefined, 'csv');
test(formatIs, 'out.tsv', 'csv', 'csv');
test(formatIs, undefined, 'jsonl', 'jsonl');

test('a CSV has LF line ends, and quotes only where they are needed', async (t) => {
  const table = tableOf('url', 'two words', 'a,b');
  const result = resultOf(table, ['a', ' b ', 'c"d'], { type: 'text/plain' });
  t.is(
    await written([result, result], { columns: 'status,type' }),
    'url,two words,"a,b",fetch_status,fetch_type\n' +
      'a, b ,"c""d",200,text/plain\n' +
      'a, b ,"c""d",200,text/plain\n',
  );
});

test('a TSV needs no quotes for commas, but for tabs', async (t) => {
  const result = resultOf(tableOf('url', 'a'), ['a,b', 'c\td']);
  t.is(
    await written([result], { outputFormat: 'tsv', columns: 'status' }),
    'url\ta\tfetch_status\na,b\t"c\td"\t200\n',
  );
});

test('NUL from the web is never written', async (t) => {
  const web = { detail: 'a\0b', type: 'te\0xt', url: 'http://a/\0', values: { m: '\0', n: ['\0'] } };
  for (const outputFormat of ['csv', 'tsv', 'jsonl'] as const) {
    const output = await written([resultOf(tableOf('url'), ['a'], web)], {
      outputFormat,
      columns: 'all',
      processed: ['m', 'n'],
    });
    t.false(output.includes('\0'));
    t.true(output.includes('a\ufffdb') && output.includes('te\ufffdxt'));
  }
});

test('a record of one empty cell is no blank line', async (t) => {
  const nothing = resultOf(tableOf('fetch_status'), ['404'], { status: null });
  t.is(await written([nothing], { columns: 'status' }), 'fetch_status\n""\n');
});
