import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import type { OutputFormat } from '../../src/write/formats.ts';
import { refuseOutputName } from '../../src/write/output-name.ts';

const format = (output: string, name: string): string =>
  `--output: ${output} would be CSV, not ${name}; name it .csv, .tsv, .tab, .jsonl, .ndjson, with or without .gz, or say --output-format`;
const compression = (output: string): string =>
  `--output: ${output} would not be compressed; only a name that ends in .gz is`;

const refused = test.macro({
  exec: (t, output: string, message: string, outputFormat?: OutputFormat) => {
    t.throws(() => refuseOutputName({ output, outputFormat }), { instanceOf: UsageError, message });
  },
  title: (_, output: string, _message: string, said?: string) =>
    `${output} is refused with --output-format ${said ?? 'left out'}`,
});

const taken = test.macro({
  exec: (t, output: string | undefined, outputFormat?: OutputFormat) => {
    t.notThrows(() => refuseOutputName({ output, outputFormat }));
  },
  title: (_, output?: string, said?: string) =>
    `${output ?? 'standard output'} is taken with --output-format ${said ?? 'left out'}`,
});

for (const name of 'json xlsx xls ods parquet feather arrow avro html xml db sqlite tar 7z'.split(' ')) {
  test(refused, `out.${name}`, format(`out.${name}`, name));
  test(taken, `out.${name}`, 'csv');
}
test(refused, 'a.b/OUT.Json', format('a.b/OUT.Json', 'json'));
test(refused, 'out.json.gz', format('out.json.gz', 'json'));
test(refused, 'out.csv.xlsx', format('out.csv.xlsx', 'xlsx'));
test(taken, 'out.json.gz', 'jsonl');

for (const name of 'zst br bz2 xz lz4 Z zip tgz gzip'.split(' ')) {
  test(refused, `out.csv.${name}`, compression(`out.csv.${name}`));
  test(refused, `out.${name}`, compression(`out.${name}`), 'csv');
}
test(refused, 'out.csv.ZST', compression('out.csv.ZST'));
test(refused, 'out.zst.gz', compression('out.zst.gz'));

test(taken, undefined);
for (const output of [
  'out',
  'out.txt',
  'out.tmp',
  '/dev/stdout',
  'out.csv',
  'out.CSV.GZ',
  'out.gz',
  'out.tab',
  'out.ndjson.gz',
  'out.json.csv',
  'data.json/out',
  'outjson',
  'out.2026-11-28',
  'out.constructor',
]) {
  test(taken, output);
}
