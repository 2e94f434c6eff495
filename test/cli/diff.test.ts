import { readFile, readdir } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { startUrlmill, urlmill } from '../helpers/cli.ts';
import type { Ended, RunSettings } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

type Files = Readonly<Record<string, string | Buffer>>;

interface Compared extends Ended {
  readonly cwd: string;
}

async function compared(
  t: ExecutionContext,
  files: Files,
  args: readonly string[] = ['old.csv', 'new.csv'],
  settings: Partial<RunSettings> = {},
): Promise<Compared> {
  const cwd = await temporaryFolder(t, files);
  return { ...(await urlmill(['diff', ...args], { cwd, ...settings })), cwd };
}

const header =
  'url,name,fetch_status,fetch_error,fetch_type,fetch_bytes,fetch_ms,fetch_attempts,fetch_at,fetch_title';

/** A line of a result. @param found status, failure code, type, bytes, title */
function line(name: string, found: string, ms = 5): string {
  const [status, error, type, bytes, title] = found.split(' ');
  const url = `https://${name}.example/`;
  return [url, name, status, error, type, bytes, ms, 1, `2026-11-27T00:00:0${ms}.000Z`, title].join(',');
}

function result(...lines: readonly string[]): string {
  return [header, ...lines, ''].join('\n');
}

const good = '200  text/html 10 T';
const old = result(
  line('same', good),
  line('changed', good),
  line('failed', good),
  line('lost', good),
  line('recovered', '503  text/html 3 '),
  line('still', ' connect-timeout   '),
  line('down', '500  text/html 3 '),
  line('gone', good),
);
const now = result(
  line('new', good, 6),
  line('down', '500  text/html 3 ', 7),
  line('still', ' dns-not-found   ', 7),
  line('recovered', good, 7),
  line('lost', ' connect-refused   ', 7),
  line('failed', '404  text/html 9 N', 7),
  line('changed', '200  text/html 10 U', 7),
  line('same', good, 7),
);
const files = { 'old.csv': old, 'new.csv': now };

function changes(text: string): (string | undefined)[][] {
  return csvObjects(text).map(({ change, name }) => [change, name]);
}

const allChanges = [
  ['new', 'new'],
  ['still-failing', 'still'],
  ['recovered', 'recovered'],
  ['failed', 'lost'],
  ['failed', 'failed'],
  ['changed', 'changed'],
  ['gone', 'gone'],
];

test('rows that differ are written, in the order of NEW, with what was and is', async (t) => {
  const { stdout, stderr, code } = await compared(t, files);
  t.is(stderr, 'urlmill: 9 rows: 1 new, 1 gone, 1 changed, 2 failed, 1 recovered, 1 still-failing\n');
  t.is(code, 0);
  t.deepEqual(changes(stdout), allChanges);
  t.deepEqual(csvObjects(stdout)[4], {
    change: 'failed',
    url: 'https://failed.example/',
    name: 'failed',
    fetch_status_before: '200',
    fetch_status_after: '404',
    fetch_error_before: '',
    fetch_error_after: '',
    fetch_type_before: 'text/html',
    fetch_type_after: 'text/html',
    fetch_bytes_before: '10',
    fetch_bytes_after: '9',
    fetch_title_before: 'T',
    fetch_title_after: 'N',
  });
});

test('columns in which no row differs are left out', async (t) => {
  const { stdout } = await compared(t, {
    'old.csv': result(line('a', good), line('b', good)),
    'new.csv': result(line('a', '200  text/html 11 T', 9), line('b', good, 9)),
  });
  t.is(
    stdout,
    'change,url,name,fetch_status_before,fetch_status_after,fetch_error_before,fetch_error_after,fetch_bytes_before,fetch_bytes_after\n' +
      'changed,https://a.example/,a,200,200,,,10,11\n',
  );
});

test('columns that are named are compared and written, whatever they measure', async (t) => {
  const { stdout } = await compared(t, files, ['old.csv', 'new.csv', '--columns', 'ms,fetch_title']);
  t.is(
    stdout.split('\n')[0],
    'change,url,name,fetch_ms_before,fetch_ms_after,fetch_title_before,fetch_title_after',
  );
  t.deepEqual(changes(stdout).at(-2), ['changed', 'same']);
});

test('columns can be added to the default and dropped from it', async (t) => {
  const { stdout } = await compared(t, files, ['old.csv', 'new.csv', '--columns', '-title,-bytes,+attempts']);
  t.deepEqual(
    changes(stdout),
    allChanges.filter(([change]) => change !== 'changed'),
  );
  t.false(stdout.includes('title'));
});

test('what is the same is written with --all', async (t) => {
  const { stdout } = await compared(t, files, ['old.csv', 'new.csv', '--all']);
  t.deepEqual(
    changes(stdout).filter(([change]) => change === 'same'),
    [
      ['same', 'down'],
      ['same', 'same'],
    ],
  );
});

test('two results without a difference give a header', async (t) => {
  const { stdout, stderr, code } = await compared(t, files, ['old.csv', 'old.csv', '--fail-on', '0']);
  t.is(
    stdout,
    'change,url,name,fetch_status_before,fetch_status_after,fetch_error_before,fetch_error_after\n',
  );
  t.is(stderr, 'urlmill: 8 rows: all are the same\n');
  t.is(code, 0);
});

test('rows of one URL are compared in their order, each once', async (t) => {
  const { stdout } = await compared(t, {
    'old.csv': result(line('a', good), line('a', '404    '), line('b', good), line('a', good)),
    'new.csv': result(line('b', good), line('a', good), line('a', good), line('a', good), line('a', good)),
  });
  t.deepEqual(changes(stdout), [
    ['recovered', 'a'],
    ['new', 'a'],
  ]);
});

test('rows can be found by another column', async (t) => {
  const { stdout, code } = await compared(
    t,
    { 'old.csv': now, 'new.csv': now.replaceAll('https:', 'http:') },
    ['old.csv', 'new.csv', '--key', 'Name'],
  );
  t.deepEqual(changes(stdout), []);
  t.is(code, 0);
});

test('bytes that are no text come back as they were', async (t) => {
  const lines = ['a', '\xe9'].map((title) => result(line('\xe9', ` bad-row   ${title}`)));
  const [before = '', after = ''] = lines;
  const given = { 'old.csv': Buffer.from(before, 'latin1'), 'new.csv': Buffer.from(after, 'latin1') };
  const { cwd, stderr } = await compared(t, given, ['old.csv', 'new.csv', '-o', 'diff.csv']);
  t.is(stderr, 'urlmill: 1 rows: 1 still-failing\n');
  const [, written = ''] = (await readFile(`${cwd}/diff.csv`, 'latin1')).split('\n');
  t.is(written, 'still-failing,https://\xe9.example/,\xe9,,,bad-row,bad-row,a,\xe9');
});

test('a line that cannot be read is told on standard error, but with -q', async (t) => {
  const torn = { 'old.csv': old, 'new.csv': `${now}"https://torn.example/,x,200\n` };
  const { stderr, code } = await compared(t, torn);
  t.is(
    stderr.split('\n')[0],
    'urlmill: new.csv: line 10 opens a quote that is never closed; such rows are compared as far as they can be read',
  );
  t.is(code, 0);
  t.is((await compared(t, torn, ['-q', ...both])).stderr, '');
});

test('rows without a URL, and rows with cells beyond the header, are found by what they have', async (t) => {
  const lines = [',x,,no-url,,,,0,,', ',y,,no-url,,,,0,,', `${line('z', ' bad-row   ')},more`];
  const { stdout, stderr } = await compared(t, {
    'old.csv': result(...lines),
    'new.csv': result(lines[1] ?? '', lines[0] ?? '', lines[2] ?? ''),
  });
  t.deepEqual(changes(stdout), []);
  t.is(stderr, 'urlmill: 3 rows: all are the same\n');
});

test("cells of the list are those of NEW, and columns that only OLD's list has stand behind them", async (t) => {
  const { stdout } = await compared(t, {
    'old.csv': 'page,note,fetch_status\nhttps://a.org,old,200\nhttps://b.org,old,200\n',
    'new.csv': 'url,note,more,fetch_status\nhttps://a.org,new,m,404\n',
  });
  t.is(
    stdout,
    'change,url,note,more,page,fetch_status_before,fetch_status_after\n' +
      'failed,https://a.org,new,m,,200,404\ngone,,old,,https://b.org,200,\n',
  );
});

test('columns of values without the prefix are compared', async (t) => {
  const { stdout } = await compared(t, {
    'old.csv': 'url,price,fetch_status,price_now\nhttps://a.org,1,200,5\n',
    'new.csv': 'url,price,fetch_status,price_now\nhttps://a.org,2,200,6\n',
  });
  t.is(
    stdout,
    'change,url,price,fetch_status_before,fetch_status_after,price_now_before,price_now_after\n' +
      'changed,https://a.org,2,200,200,5,6\n',
  );
});

test('results may have another prefix, or none', async (t) => {
  const other = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, text.replaceAll('fetch_', 'x.')]),
  );
  const { stdout } = await compared(t, other, ['old.csv', 'new.csv', '--prefix', 'x.']);
  t.deepEqual(changes(stdout), allChanges);
  const none = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, text.replace('url', 'page').replaceAll('fetch_', '')]),
  );
  const without = await compared(t, none, ['old.csv', 'new.csv', '--prefix', '']);
  t.deepEqual(changes(without.stdout), allChanges);
});

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

test('the output is a file when all is in it', async (t) => {
  const { stdout, stderr, code, cwd } = await compared(t, { ...files, 'diff.csv.gz': 'x' }, [
    'old.csv',
    'new.csv',
    '-q',
    '--output',
    'diff.csv.gz',
  ]);
  t.deepEqual([stdout, stderr, code], ['', '', 0]);
  t.deepEqual(changes(gunzipSync(await readFile(`${cwd}/diff.csv.gz`)).toString()), allChanges);
  t.deepEqual((await readdir(cwd)).toSorted(), ['diff.csv.gz', 'new.csv', 'old.csv']);
});

test('the figures are written as JSON', async (t) => {
  const { cwd, stderr } = await compared(t, files, ['old.csv', 'new.csv', '-q', '--summary', 'sum.json']);
  t.is(stderr, '');
  const summary: unknown = JSON.parse(await readFile(`${cwd}/sum.json`, 'utf8'));
  t.deepEqual(summary, {
    rowsBefore: 8,
    rowsAfter: 8,
    rows: 9,
    different: 7,
    byChange: { new: 1, gone: 1, changed: 1, failed: 2, recovered: 1, 'still-failing': 1, same: 2 },
    byColumn: { fetch_status: 3, fetch_error: 2, fetch_type: 1, fetch_bytes: 3, fetch_title: 4 },
  });
  const toError = await compared(t, files, ['old.csv', 'new.csv', '-q', '--summary', '-']);
  t.deepEqual(JSON.parse(toError.stderr), summary);
});

test('more differences than --fail-on allows are exit code 5', async (t) => {
  const { code, stderr } = await compared(t, files, ['old.csv', 'new.csv', '-q', '--fail-on', '77']);
  t.is(code, 5);
  t.is(stderr, 'urlmill: 7 of 9 rows differ: 77.8 %, more than --fail-on 77 allows\n');
  t.is((await compared(t, files, ['old.csv', 'new.csv', '--fail-on', '78'])).code, 0);
});

/** A result of many rows. @param order gives the name of each */
function manyRows(type: string, count: number, order = (n: number): number => n): string {
  return result(...Array.from({ length: count }, (_, n) => line(`h${order(n)}`, `200  ${type} 1 T`)));
}

test('a reader that goes away ends the command', async (t) => {
  const cwd = await temporaryFolder(t, {
    'old.csv': manyRows('a/b', 50_000),
    'new.csv': manyRows('a/c', 50_000),
  });
  const child = startUrlmill(['diff', 'old.csv', 'new.csv'], { cwd });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await new Promise<[number | null]>((resolve) =>
    child.on('close', (ended) => resolve([ended])),
  );
  t.is(code, 141);
});

test('differences wait in a file, and a small memory for the index is enough', async (t) => {
  const { stdout, stderr } = await compared(
    t,
    { 'old.csv': manyRows('a/b', 20_000), 'new.csv': manyRows('a/c', 20_000, (n) => (n * 7) % 20_000) },
    ['old.csv', 'new.csv', '--since-memory', '1kB'],
  );
  t.is(stderr, 'urlmill: 20,000 rows: 20,000 changed\n');
  t.deepEqual(
    csvObjects(stdout).map(({ name, fetch_type_before: before, fetch_type_after: after }) => [
      name,
      before,
      after,
    ]),
    Array.from({ length: 20_000 }, (_, n) => [`h${(n * 7) % 20_000}`, 'a/b', 'a/c']),
  );
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
const both = ['old.csv', 'new.csv'];

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
  both,
  2,
  /^urlmill: new\.csv has no column "fetch_status"; is it a result/,
);
test(
  'a result without a header is told',
  refused,
  { ...files, 'old.csv': old.slice(header.length + 1) },
  both,
  2,
  /^urlmill: old\.csv has no column "fetch_status"; is it a result/,
);
test(
  'a URL column that cannot be told is asked for',
  refused,
  { ...files, 'new.csv': 'a,b,fetch_status\n1,2,200\n' },
  both,
  2,
  /^urlmill: new\.csv: no column looks like URLs; name one with --key: "a"/,
);
test(
  'an unknown column is told',
  refused,
  files,
  [...both, '--columns', 'titel'],
  2,
  /^urlmill: --columns: OLD and NEW have no result column "titel" in common; they have fetch_status, .*did you mean "?fetch_title/,
);
test(
  'the output cannot be an input',
  refused,
  files,
  [...both, '-o', 'new.csv'],
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
