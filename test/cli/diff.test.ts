import { readFile, readdir } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

import test from 'ava';

import { startUrlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import {
  oldAndNew,
  allChanges,
  changes,
  compared,
  files,
  good,
  line,
  now,
  old,
  result,
} from './two-results.ts';

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
  t.is((await compared(t, torn, ['-q', ...oldAndNew])).stderr, '');
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

/** A result of many rows. @param order gives each row's name */
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
