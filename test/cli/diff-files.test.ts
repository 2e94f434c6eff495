import { readFile, readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import {
  oldAndNew,
  allChanges,
  changes,
  compared,
  files,
  header,
  line,
  now,
  old,
  result,
} from './two-results.ts';
import type { Files } from './two-results.ts';

function objects(text: string): string {
  return csvObjects(text)
    .map((object) => `${JSON.stringify({ n: 1.5, ...object })}\n`)
    .join('');
}

test('the files may be of different formats, packed and in other dialects', async (t) => {
  const excel = gzipSync(`\ufeff${old.replaceAll(',', ';').replaceAll('\n', '\r\n')}`);
  const args = ['old.csv.gz', 'new.jsonl', '--output-format', 'csv'];
  const { stdout } = await compared(t, { 'old.csv.gz': excel, 'new.jsonl': objects(now) }, args);
  t.deepEqual(changes(stdout), allChanges);
});

test('the output is CSV for Excel where NEW is', async (t) => {
  const excel = `\ufeff${now.replaceAll(',', ';').replaceAll('\n', '\r\n')}`;
  const { cwd } = await compared(t, { 'old.csv': old, 'new.csv': excel }, [
    'old.csv',
    'new.csv',
    '-o',
    'diff',
  ]);
  t.regex(await readFile(`${cwd}/diff`, 'utf8'), /^\ufeffchange;url;.*\r\nnew;/);
});

test('the output is TSV where NEW is', async (t) => {
  const tabs = { 'old.csv': old, 'new.tsv': now.replaceAll(',', '\t') };
  const { stdout } = await compared(t, tabs, ['old.csv', 'new.tsv']);
  t.regex(stdout, /^change\turl\t.*\nnew\t/);
});

test('the output is JSON Lines where NEW is, and values of the list keep their types', async (t) => {
  const { stdout } = await compared(t, { 'old.csv': old, 'new.jsonl': objects(now) }, [
    'old.csv',
    'new.jsonl',
  ]);
  const lines = stdout.trimEnd().split('\n');
  t.regex(lines[0] ?? '', /^\{"change":"new","n":1.5,"url":"https:/);
  const given = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
  t.deepEqual(
    given.map(({ change, name }) => [change, name]),
    allChanges,
  );
  t.like(given[2], { fetch_status_before: 503, fetch_status_after: 200, fetch_error_after: null });
  t.deepEqual(given[2]?.['fetch_status'], undefined);
});

test('an object without members is a row too', async (t) => {
  const given = { 'old.csv': old, 'new.jsonl': `${objects(now)}{}\n{ }\n` };
  const { stdout, code } = await compared(t, given, ['old.csv', 'new.jsonl']);
  t.is(code, 0);
  t.like(JSON.parse(stdout.trimEnd().split('\n').at(-2) ?? ''), { change: 'new', fetch_status_after: null });
});

test('texts that --excel-safe has made harmless in one file are the same', async (t) => {
  const { stdout } = await compared(t, {
    'old.csv': result(line('a', '200  text/html 10 =1+1')),
    'new.csv': result(line('a', "200  text/html 10 '=1+1")),
  });
  t.deepEqual(changes(stdout), []);
});

test('formulas of the web are made harmless where that is asked for', async (t) => {
  const both = { 'old.csv': result(line('a', '200  t 10 =1')), 'new.csv': result(line('a', '200  t 10 =2')) };
  const { stdout } = await compared(t, both, ['old.csv', 'new.csv', '--excel-safe']);
  t.like(csvObjects(stdout)[0], { fetch_title_before: "'=1", fetch_title_after: "'=2" });
});

test('NEW may be standard input', async (t) => {
  const { stdout, code } = await compared(t, files, ['old.csv', '-'], { input: now });
  t.is(code, 0);
  t.deepEqual(changes(stdout), allChanges);
});

test('OLD may be a pipe', async (t) => {
  const cwd = await temporaryFolder(t, files);
  const { stdout, stderr, code } = await shell(
    'mkfifo pipe; cat old.csv > pipe & "$@" diff -q pipe new.csv; code=$?; wait; exit $code',
    [],
    { cwd },
  );
  t.deepEqual([stderr, code], ['', 0]);
  t.deepEqual(changes(stdout), allChanges);
});

const refused = test.macro(
  async (t, given: Files, args: readonly string[], expected: number, message: RegExp) => {
    const { code, stdout, stderr, cwd } = await compared(t, given, args);
    t.is(code, expected);
    t.is(stdout, '');
    t.regex(stderr.replaceAll(cwd, ''), message);
    t.deepEqual((await readdir(cwd)).toSorted(), Object.keys(given).toSorted());
  },
);

test('one file is told', refused, files, ['old.csv'], 2, /^urlmill: Usage: urlmill diff \[options\] OLD NEW/);
test(
  'a missing OLD is told',
  refused,
  files,
  ['x.csv', 'new.csv'],
  3,
  /^urlmill: x\.csv: there is no such file\n$/,
);
test(
  'a missing NEW is told',
  refused,
  files,
  ['old.csv', 'x.csv'],
  3,
  /^urlmill: x\.csv: there is no such file\n$/,
);
test('OLD cannot be standard input', refused, files, ['-', 'new.csv'], 2, /OLD is to be a file/);
test(
  'a list is no result',
  refused,
  { ...files, 'new.csv': 'url\na.org\n' },
  oldAndNew,
  2,
  /^urlmill: new\.csv has no column "fetch_status"; is it a result/,
);
test(
  'a result without a header is told',
  refused,
  { ...files, 'old.csv': old.slice(header.length + 1) },
  oldAndNew,
  2,
  /^urlmill: old\.csv has no column "fetch_status"; is it a result/,
);
test(
  'a URL column that cannot be told is asked for',
  refused,
  { ...files, 'new.csv': 'a,b,fetch_status\n1,2,200\n' },
  oldAndNew,
  2,
  /^urlmill: new\.csv: no column looks like URLs; name one with --key: "a"/,
);
test(
  'an unknown column is told',
  refused,
  files,
  [...oldAndNew, '--columns', 'titel'],
  2,
  /^urlmill: --columns: OLD and NEW have no result column "titel" in common; they have fetch_status, .*did you mean "?fetch_title/,
);
test(
  'the output cannot be an input',
  refused,
  files,
  [...oldAndNew, '-o', 'new.csv'],
  2,
  /^urlmill: --output: new\.csv is the input/,
);
test(
  'a list with a column "change" is told',
  refused,
  { 'a.csv': 'url,change,fetch_status\na.org,1,200\n' },
  ['a.csv', 'a.csv'],
  2,
  /^urlmill: the list has a column "change"; rename it/,
);
test(
  'a damaged file is told',
  refused,
  { ...files, 'old.csv.gz': gzipSync(old).subarray(0, 99) },
  ['old.csv.gz', 'new.csv'],
  3,
  /^urlmill: old\.csv\.gz: the compressed data is cut off/,
);
