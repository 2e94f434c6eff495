import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

interface Fetched {
  /** Paths requested, in order. */
  readonly paths: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Runs the command on a file with this name and content, in which `BASE` stands for the server's URL. */
async function fetched(
  t: ExecutionContext,
  name: string,
  content: string,
  args: readonly string[] = [],
): Promise<Fetched> {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const filled = (text: string): string =>
    text.replaceAll('BASE', server.url).replaceAll('HOST', `127.0.0.1:${server.port}`);
  const cwd = await temporaryFolder(t, { [name]: filled(content) });
  const ended = await urlmill(['-q', '-c', '1', '--columns', 'status,error', ...args.map(filled), name], {
    cwd,
  });
  return { paths: server.requests.map(({ url }) => url), ...ended };
}

test('-u names the column of the URL, whatever its case', async (t) => {
  const { paths } = await fetched(t, 'in.csv', 'url,Target\nBASE/a,BASE/b\n', ['-u', 'TARGET']);
  t.deepEqual(paths, ['/b']);
});

test('--url-column gives its number', async (t) => {
  const { paths } = await fetched(t, 'in.csv', 'url,link\nBASE/a,BASE/b\n', ['--url-column', '2']);
  t.deepEqual(paths, ['/b']);
});

test('--url-template makes the URL from columns', async (t) => {
  const content = 'id,name,path\n7,a b&c,x/y\n';
  const { paths } = await fetched(t, 'in.csv', content, ['--url-template', 'BASE/{+path}/{id}?q={name}']);
  t.deepEqual(paths, ['/x/y/7?q=a%20b%26c']);
});

test('--default-scheme stands before a cell without a scheme', async (t) => {
  const { paths, stdout } = await fetched(t, 'in.csv', 'id,url\n1,HOST/a\n', ['--default-scheme', 'http']);
  t.deepEqual(paths, ['/a']);
  t.regex(stdout, /^1,127\.0\.0\.1:\d+\/a,200,$/m);
});

test('without --default-scheme such a cell is fetched over https', async (t) => {
  const { paths, stdout } = await fetched(t, 'in.csv', 'id,url\n1,HOST/a\n');
  t.deepEqual(paths, []);
  t.is(csvObjects(stdout)[0]?.['fetch_error'], 'tls-handshake');
});

test('--default-scheme https,http asks by http where there is no https, and http is what is shown', async (t) => {
  const args = ['--default-scheme', 'https,http', '--once', '-c', '1', '--columns', 'status,url,attempts'];
  const { paths, stdout } = await fetched(t, 'in.csv', 'id,url\n1,HOST/a\n2,HOST/a\n3,BASE/b\n', args);
  t.deepEqual(paths, ['/a', '/b']);
  const rows = csvRecords(stdout).slice(1);
  t.deepEqual(
    rows.map(([id, , status, url, attempts]) => [id, status, url?.replace(/:\d+/, ''), attempts]),
    [
      ['1', '200', 'http://127.0.0.1/a', '1'],
      ['2', '200', 'http://127.0.0.1/a', '0'],
      ['3', '200', 'http://127.0.0.1/b', '1'],
    ],
  );
});

test('--default-scheme none makes such a cell invalid', async (t) => {
  const { stdout } = await fetched(t, 'in.csv', 'id,url\n1,HOST/a\n', ['--default-scheme', 'none']);
  t.is(csvObjects(stdout)[0]?.['fetch_error'], 'invalid-url');
});

test('-d says what stands between the cells', async (t) => {
  const { paths, stdout } = await fetched(t, 'in.csv', 'a,b^url\n1,2^BASE/a\n', ['-d', '^']);
  t.deepEqual(paths, ['/a']);
  t.deepEqual(csvRecords(stdout)[0]?.slice(0, 2), ['a,b', 'url']);
});

test('--delimiter tab is a tab', async (t) => {
  const { paths } = await fetched(t, 'in.csv', 'a;b\turl\n1;2\tBASE/a\n', ['--delimiter', 'tab']);
  t.deepEqual(paths, ['/a']);
});

test('--no-header takes the first line for data and writes no header', async (t) => {
  const { paths, stdout } = await fetched(t, 'in.csv', '1,BASE/a\n2,BASE/b\n', ['--no-header']);
  t.deepEqual(paths, ['/a', '/b']);
  t.deepEqual(
    csvRecords(stdout).map(([id, , status]) => [id, status]),
    [
      ['1', '200'],
      ['2', '200'],
    ],
  );
});

test('--no-header names the columns by number', async (t) => {
  const { paths } = await fetched(t, 'in.csv', 'BASE/a,BASE/b\n', ['--no-header', '-u', '2']);
  t.deepEqual(paths, ['/b']);
});

const formatSaid = test.macro({
  exec: async (t, format: string, content: string) => {
    // The name suggests another format, and the content could be either.
    const { paths, code } = await fetched(t, format === 'csv' ? 'in.tsv' : 'in.csv', content, [
      '--input-format',
      format,
    ]);
    t.deepEqual(paths, ['/a,b', '/c']);
    t.is(code, 0);
  },
  title: (_, format: string) => `--input-format ${format} wins over the name of the file`,
});

test(formatSaid, 'csv', 'id,url\n"1\t","BASE/a,b"\n2,BASE/c\n');
test(formatSaid, 'tsv', 'id\turl\n1,\tBASE/a,b\n2\tBASE/c\n');
test(formatSaid, 'lines', 'BASE/a,b\nBASE/c\n');
test(formatSaid, 'jsonl', '{"id":1,"url":"BASE/a,b"}\n{"id":2,"url":"BASE/c"}\n');

test('several files are one list, in the order given', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, {
    'a.csv': `id,url\n1,${server.url}/1\n`,
    'b.csv': `id,url\n2,${server.url}/2\n`,
  });
  const { stdout } = await urlmill(['-q', '-c', '1', '--columns', 'row', 'b.csv', 'a.csv'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map(({ id, fetch_row: row }) => [id, row]),
    [
      ['2', '1'],
      ['1', '2'],
    ],
  );
});
