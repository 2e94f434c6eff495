import { join } from 'node:path';
import { readFile } from 'node:fs/promises';

import test from 'ava';

import { endOf, runningUrlmill } from '../helpers/running.ts';
import { shell } from '../helpers/shell.ts';
import { urlmill } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const good = 'url,fetch_status,fetch_error\nmailto:a,200,\n';

/** The command ends with this code and this one line, and writes no row. */
const refused = test.macro({
  exec: async (t, text: string | null, args: readonly string[], code: number, message: string) => {
    const cwd = await temporaryFolder(t, text === null ? {} : { 'old.csv': text });
    const ended = await urlmill(['--retry-failed', 'old.csv', ...args], { cwd });
    t.is(ended.stderr, `urlmill: ${message}\n`);
    t.is(ended.stdout, '');
    t.is(ended.code, code);
  },
  title: (what) => `${what} is refused`,
});

const noStatus = (name: string): string =>
  `--retry-failed: the file has no column "${name}"; is it a result, and written with this --prefix?`;

test('a file without a column of statuses', refused, 'url\nmailto:a\n', [], 2, noStatus('fetch_status'));
test('a header without one', refused, 'url,fetch_error\n', [], 2, noStatus('fetch_status'));
test('a result of another prefix', refused, good, ['--prefix', 'web_'], 2, noStatus('web_status'));
test(
  'a list of URLs',
  refused,
  'mailto:a\n',
  [],
  2,
  `old.csv: its first line holds a URL and is taken for a row, as --no-header does; with --header it is the header\nurlmill: ${noStatus('fetch_status')}`,
);
test(
  'a file without a column of statuses, with --columns',
  refused,
  'url,x\nmailto:a,1\n',
  ['--columns', 'error'],
  2,
  noStatus('fetch_status'),
);
test(
  'another FILE',
  refused,
  good,
  ['in.csv'],
  2,
  '--retry-failed: its FILE is the only input; in.csv cannot be read too',
);
test(
  'standard input as a FILE',
  refused,
  good,
  ['-'],
  2,
  '--retry-failed: its FILE is the only input; - cannot be read too',
);
test(
  '--no-header',
  refused,
  good,
  ['--no-header'],
  2,
  '--retry-failed: the columns of a result are known by its header; leave out --no-header',
);
test('a missing file', refused, null, [], 3, 'old.csv: there is no such file');
test(
  'an empty file',
  refused,
  '',
  [],
  3,
  'old.csv: is empty; a header line is needed, or --no-header and a row',
);

test('a refused file that is the output too stays as it is', async (t) => {
  const cwd = await temporaryFolder(t, { 'old.csv': 'url\nmailto:a\n' });
  const { code } = await urlmill(['--retry-failed', 'old.csv', '-o', 'old.csv'], { cwd });
  t.is(code, 2);
  t.is(await readFile(join(cwd, 'old.csv'), 'utf8'), 'url\nmailto:a\n');
});

test('a result without rows gives its header', async (t) => {
  const header = 'url,fetch_error,fetch_status\n';
  const cwd = await temporaryFolder(t, { 'old.csv': header });
  const { code, stdout } = await urlmill(['-q', '--retry-failed', 'old.csv'], { cwd });
  t.is(stdout, header);
  t.is(code, 0);
});

test('a result whose last line is damaged keeps it', async (t) => {
  const cwd = await temporaryFolder(t, { 'old.csv': `${good}mailto:b,"200,\n` });
  const { code, stderr } = await urlmill(['--retry-failed', 'old.csv', '-o', 'old.csv'], { cwd });
  t.regex(stderr, /old\.csv: line 3 opens a quote that is never closed/);
  t.is(code, 0);
  const lines = (await readFile(join(cwd, 'old.csv'), 'utf8')).split('\n');
  t.is(lines.length, 4);
  t.regex(lines[2] ?? '', /^mailto:b,.*bad-row/);
});

test('standard input is not read: a run ends though it stays open', async (t) => {
  const cwd = await temporaryFolder(t, { 'old.csv': good });
  const child = runningUrlmill(t, ['-q', '--retry-failed', 'old.csv'], {
    cwd,
    input: 'url\nmailto:z\n',
    inputStaysOpen: true,
  });
  const { code, stdout } = await endOf(child);
  t.is(stdout, good);
  t.is(code, 0);
});

test('a terminal on standard input is not a missing FILE', async (t) => {
  const cwd = await temporaryFolder(t, { 'old.csv': good });
  const line = `script -qec "'$1' '$2' -q --retry-failed old.csv -o new.csv" /dev/null`;
  const { code, stdout } = await shell(line, [], { cwd });
  t.is(stdout, '');
  t.is(code, 0);
  t.is(await readFile(join(cwd, 'new.csv'), 'utf8'), good);
});

test('- is standard input', async (t) => {
  const cwd = await temporaryFolder(t, { '-': 'url\nmailto:z\n' });
  const { stdout } = await urlmill(['-q', '--retry-failed', '-'], { cwd, input: good });
  t.is(stdout, good);
});

test('the environment may say it', async (t) => {
  const cwd = await temporaryFolder(t, { 'old.csv': good });
  const { stdout } = await urlmill(['-q'], { cwd, environment: { URLMILL_RETRY_FAILED: 'old.csv' } });
  t.is(stdout, good);
});
