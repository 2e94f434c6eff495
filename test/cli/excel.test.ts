import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const page = `<title>=HYPERLINK("http://evil.example/")</title><a href="x">@one</a><a href="x">two</a>`;

test('--excel writes what Excel opens, and no formula of a page', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('server', '+cmd').setHeader('content-type', 'text/html').end(page);
  });
  const cwd = await temporaryFolder(t, { 'in.csv': `note,url\n=1+1,${server.url}/\n` });
  const values = ['--extract', 'title', '--select', 'a*=a', '--explode', 'a', '--columns', 'status,server'];
  await urlmill(['-q', '--excel', ...values, '-o', 'out.csv', 'in.csv'], { cwd });
  const title = `"'=HYPERLINK(""http://evil.example/"")"`;
  t.is(
    await readFile(join(cwd, 'out.csv'), 'utf8'),
    [
      '\ufeffnote;url;fetch_status;fetch_server;fetch_title;a',
      `=1+1;${server.url}/;200;'+cmd;${title};'@one`,
      `=1+1;${server.url}/;200;'+cmd;${title};two`,
      '',
    ].join('\r\n'),
  );
  // urlmill reads its own output back, and does not add a second quote.
  await urlmill(['-q', '--excel', '--retry-failed', 'out.csv', '-o', 'again.csv'], { cwd });
  const again = await readFile(join(cwd, 'again.csv'), 'utf8');
  t.true(again.includes(title) && again.includes("'@one") && !again.includes("''"), again);
});

test('a list without a header gets its byte order mark all the same, once', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.txt': 'mailto:a@example.org\nmailto:b@example.org\n' });
  const args = ['-q', '--output-bom', '--no-header', '--columns', 'error', '-o', 'out.csv', 'in.txt'];
  await urlmill(args, { cwd });
  t.is(
    await readFile(join(cwd, 'out.csv'), 'utf8'),
    '\ufeffmailto:a@example.org,unsupported-scheme\nmailto:b@example.org,unsupported-scheme\n',
  );
});

test('what JSON Lines cannot have is refused before the first request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
  const { code, stderr } = await urlmill(['--excel', '-o', 'out.jsonl', 'in.txt'], { cwd });
  t.is(stderr, 'urlmill: --excel: JSON Lines has no such thing\n');
  t.is(code, 2);
  t.is(server.requests.length, 0);
});
