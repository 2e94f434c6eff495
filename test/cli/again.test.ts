import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const page = '<title>New</title>';

const again = test.macro({
  exec: async (t, input: string, args: readonly string[], expected: Readonly<Record<string, string>>) => {
    const server = await httpServer(t, (_, response) => {
      response.setHeader('content-type', 'text/html').end(page);
    });
    const cwd = await temporaryFolder(t, { 'in.csv': input.replaceAll('SERVER', server.url) });
    const { code, stdout, stderr } = await urlmill(['-q', ...args, 'in.csv'], { cwd });
    t.is(stderr, '');
    const [row = {}] = csvObjects(stdout);
    for (const name of Object.keys(row)) row[name] = row[name]?.replaceAll(server.url, 'SERVER') ?? '';
    t.deepEqual(row, expected);
    t.is(code, 0);
  },
  title: (what) => `a list that is an earlier result, again: ${what}`,
});

const earlier =
  'id,url,fetch_status,fetch_error,fetch_title,fetch_file,fetch_remote_ip,fetch_own,price\n1,SERVER/,,dns-timeout,Old,ab/cd,192.0.2.1,mine,5\n';

test('no column of it stands beside those of today', again, earlier, ['--columns', 'status'], {
  id: '1',
  url: 'SERVER/',
  fetch_own: 'mine',
  price: '5',
  fetch_status: '200',
});
test('with values of pages', again, earlier, ['--columns', 'error', '--extract', 'title'], {
  id: '1',
  url: 'SERVER/',
  fetch_own: 'mine',
  price: '5',
  fetch_error: '',
  fetch_title: 'New',
});
test(
  'with another prefix',
  again,
  'url,fetch_error,x_error\nSERVER/,timeout,bad\n',
  ['--columns', 'status', '--prefix', 'x_'],
  {
    url: 'SERVER/',
    fetch_error: 'timeout',
    x_status: '200',
  },
);
test(
  'without a prefix only what is written anew is replaced',
  again,
  'link,title,status,error\nSERVER/,mine,500,mine\n',
  ['--columns', 'status', '--prefix', ''],
  {
    link: 'SERVER/',
    title: 'mine',
    error: 'mine',
    status: '200',
  },
);

for (const said of [
  ['-u', 'fetch_canonical'],
  ['-u', ' Fetch_Canonical'],
  ['-u', '2'],
  ['--url-template', '{+fetch_canonical}'],
]) {
  test(
    `the column that the URL is taken from stays: ${said.join(' ')}`,
    again,
    'id,fetch_canonical,fetch_title\n1,SERVER/,Old\n',
    ['--columns', 'status', ...said],
    { id: '1', fetch_canonical: 'SERVER/', fetch_status: '200' },
  );
}

test('members of JSON Lines are left out alike', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const line = `{"url":"${server.url}","fetch_error":"timeout","own":1,"fetch_title":"Old"}\n`;
  const cwd = await temporaryFolder(t, { 'in.jsonl': line });
  await urlmill(['-q', '--columns', 'status', '-o', 'out.jsonl', 'in.jsonl'], { cwd });
  const written = await readFile(join(cwd, 'out.jsonl'), 'utf8');
  t.deepEqual(JSON.parse(written), { url: server.url, own: 1, fetch_status: 200 });
});

test('a notice tells which columns are left out', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'in.csv'), 'url,fetch_status,fetch_title\nmailto:a@example.org,200,Old\n');
  const { stderr } = await urlmill(['in.csv'], { cwd });
  t.regex(stderr, /^urlmill: left out, as they are of an earlier run: "fetch_title"\nurlmill: 1 rows/);
});
