import { join } from 'node:path';
import { readFile } from 'node:fs/promises';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvRecords } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Runs the command on a file with this content; the rows need no network. */
async function ran(t: ExecutionContext, name: string, content: string, args: readonly string[] = []) {
  const cwd = await temporaryFolder(t, { [name]: content });
  const ended = await urlmill(['--progress', 'never', '--ordered', '--columns', 'error', ...args, name], {
    cwd,
  });
  return { ...ended, cwd, records: csvRecords(ended.stdout) };
}

const taken = /^urlmill: in\.csv: its first line holds a URL and is taken for a row, [^\n]+--header[^\n]+\n/;

test('a first line that is a row is told', async (t) => {
  const { stderr, records } = await ran(t, 'in.csv', '1,ftp://a.test/1\n2,ftp://a.test/2\n');
  t.regex(stderr, taken);
  t.deepEqual(records, [
    ['1', 'ftp://a.test/1', 'unsupported-scheme'],
    ['2', 'ftp://a.test/2', 'unsupported-scheme'],
  ]);
});

test('--no-header says so beforehand', async (t) => {
  const { stderr, records } = await ran(t, 'in.csv', '1,ftp://a.test/1\n', ['--no-header']);
  t.notRegex(stderr, taken);
  t.is(records.length, 1);
});

test('--header makes a header of it', async (t) => {
  const { stderr, records } = await ran(t, 'in.csv', '1,ftp://a.test/1\n2,ftp://a.test/2\n', ['--header']);
  t.notRegex(stderr, taken);
  t.deepEqual(records, [
    ['1', 'ftp://a.test/1', 'fetch_error'],
    ['2', 'ftp://a.test/2', 'unsupported-scheme'],
  ]);
});

test('--header and --no-header are refused together', async (t) => {
  const { stderr, code } = await ran(t, 'in.csv', 'url\nftp://a.test/\n', ['--header', '--no-header']);
  t.is(stderr, 'urlmill: --header and --no-header cannot both be true\n');
  t.is(code, 2);
});

test('a column that is named is taken without a URL in it, and that is told', async (t) => {
  const { stderr, records, code } = await ran(t, 'in.csv', 'id,page\n1,a b\n2,c d\n', ['-u', 'page']);
  t.regex(stderr, /^urlmill: --url-column page: none of the first 2 cells looks like a URL\n/);
  t.is(records.length, 3);
  t.is(code, 0);
});

test('one URL in its first hundred cells is enough', async (t) => {
  const rows = `${'1,a b\n'.repeat(99)}2,ftp://a.test/\n${'1,a b\n'.repeat(99)}`;
  const { stderr } = await ran(t, 'in.csv', `id,page\n${rows}`, ['-u', 'page']);
  t.notRegex(stderr, /--url-column/);
});

test('an input without a row is told', async (t) => {
  const { stderr, code } = await ran(t, 'in.csv', 'id,url\n');
  t.regex(stderr, /^urlmill: the input holds no row\n/);
  t.is(code, 0);
});

test('--limit takes the first rows, whatever line ends are in them', async (t) => {
  const { records } = await ran(t, 'in.csv', 'n,url\n"1\n",ftp://a\n"2\n",ftp://b\n3,ftp://c\n', [
    '--limit',
    '2',
  ]);
  t.deepEqual(
    records.map(([n]) => n),
    ['n', '1\n', '2\n'],
  );
});

test('--limit counts the rows of all files', async (t) => {
  const cwd = await temporaryFolder(t, {
    'a.csv': 'url\nftp://a/1\nftp://a/2\n',
    'b.csv': 'url\nftp://b/1\nftp://b/2\n',
  });
  const { stdout } = await urlmill(
    ['-q', '--ordered', '--columns', 'row', '--limit', '3', 'a.csv', 'b.csv'],
    {
      cwd,
    },
  );
  t.is(stdout, 'url,fetch_row\nftp://a/1,1\nftp://a/2,2\nftp://b/1,3\n');
});

test('--skip-lines passes over what stands above the header', async (t) => {
  const { records } = await ran(t, 'in.csv', 'Title, of it\r\n"\r\n\r\nid,url\r\n1,ftp://a\r\n', [
    '--skip-lines',
    '3',
  ]);
  t.deepEqual(records[0], ['id', 'url', 'fetch_error']);
  t.is(records.length, 2);
});

test('lines are numbered with those that were skipped', async (t) => {
  const { stdout } = await ran(t, 'in.csv', 'x\nid,url\n1,ftp://a\n2,"ftp://b\n', [
    '--skip-lines',
    '1',
    '--columns',
    'error_detail',
  ]);
  t.regex(stdout, /line 4 opens a quote that is never closed/);
});

test('--comment begins lines of a CSV that are no rows', async (t) => {
  const { records, stderr } = await ran(t, 'in.csv', '%x\nn,url\n%y\n"1\n%z",ftp://a\n', ['--comment', '%']);
  t.deepEqual(records, [
    ['n', 'url', 'fetch_error'],
    ['1\n%z', 'ftp://a', 'unsupported-scheme'],
  ]);
  t.regex(stderr, /^urlmill: 1 rows, 2 comments besides, in /);
});

test('comments of a list are counted, and are no rows', async (t) => {
  const list = '# a\nftp://a # b\n  # c\nftp://b#d\n';
  const { records, stderr, cwd } = await ran(t, 'in.txt', list, ['--summary', 'summary.json']);
  t.deepEqual(
    records.map(([url]) => url),
    ['url', 'ftp://a # b', 'ftp://b#d'],
  );
  t.regex(stderr, /^urlmill: 2 rows, 2 comments besides, in /);
  t.like(JSON.parse(await readFile(join(cwd, 'summary.json'), 'utf8')), { rows: 2, comments: 2 });
});

test('--quote and --escape say how cells are quoted', async (t) => {
  const content = "id,url,n\n1,ftp://a,^a \\^b\\^, c^\n2,ftp://b,it's\n";
  const { records } = await ran(t, 'in.csv', content, ['--quote', '^', '--escape', '\\']);
  t.deepEqual(
    records.map(([, , n]) => n),
    ['n', 'a ^b^, c', "it's"],
  );
});

test('--quote none makes a quote a letter', async (t) => {
  const { records } = await ran(t, 'in.csv', 'id,url,n\n1,ftp://a,"x\n2,ftp://b,"y"\n', ['--quote', 'none']);
  t.deepEqual(
    records.map(([, , n]) => n),
    ['n', '"x', '"y"'],
  );
});

test('--escape makes a delimiter a letter where there are no quotes', async (t) => {
  const content = 'id,url,n\n1,ftp://a,x\\,y\\\\\n2,ftp://b,z\n';
  const { records } = await ran(t, 'in.csv', content, ['--quote', 'none', '--escape', '\\']);
  t.deepEqual(
    records.map(([, , n]) => n),
    ['n', 'x,y\\', 'z'],
  );
});

const refused = test.macro({
  exec: async (t, args: readonly string[], message: RegExp) => {
    const { stderr, code } = await ran(t, 'in.csv', 'url\nftp://a\n', args);
    t.regex(stderr, message);
    t.is(code, 2);
  },
  title: (_, args: readonly string[]) => `${args.join(' ')} is refused`,
});

test(refused, ['--quote', 'ab'], /^urlmill: --quote: one ASCII character is needed, got "ab"\n$/);
test(refused, ['--escape', 'none'], /^urlmill: --escape: one ASCII character is needed/);
test(refused, ['--comment', '//'], /^urlmill: --comment: one ASCII character is needed/);
test(refused, ['--limit', '0'], /^urlmill: --limit: a whole number of at least 1 is needed/);
