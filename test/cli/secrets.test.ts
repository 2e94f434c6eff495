import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import type { SeenRequest } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { warcRecords } from '../helpers/warc-records.ts';

const secret = 'c4n4ry';

interface Said {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly config?: string;
}

/** All output of a run in one text: both streams and the summary. */
async function everythingSaid(
  t: ExecutionContext,
  { args = [], environment = {}, config = '{}' }: Said,
): Promise<{ text: string; code: number | null; request: SeenRequest | undefined }> {
  const server = await httpServer(t, ({ url }, response) => {
    if (url.startsWith('/moved')) {
      response.writeHead(302, { location: `http://user:${secret}@127.0.0.1:${server.port}/a` }).end();
    } else response.end('ok');
  });
  const cwd = await temporaryFolder(t, {
    'in.csv': `id\n1\n2\n`,
    'headers.txt': `Authorization: Bearer ${secret}\n`,
    'bad-headers.txt': `Authorization: Bearer ${secret}\n${secret}\n`,
    'data.txt': secret,
    'job.json': config,
  });
  const filled = args.map((arg) => arg.replace('HOST', `127.0.0.1:${server.port}`));
  const template = args.includes('--url-template') ? [] : ['--url-template', `${server.url}/{id}`];
  const all = ['--columns', 'all', '--summary', 'summary.json'];
  const { code, stdout, stderr } = await urlmill([...all, ...template, ...filled, 'in.csv'], {
    cwd,
    environment,
  });
  const summary = await readFile(join(cwd, 'summary.json'), 'utf8').catch(() => '');
  return { text: stdout + stderr + summary, code, request: server.requests[0] };
}

const kept = test.macro({
  exec: async (t, said: Said, sent: (request: SeenRequest) => string | undefined) => {
    const { text, code, request } = await everythingSaid(t, said);
    t.is(code, 0);
    t.true(text.includes('"outcome": "done"'));
    // The secret was really used: the server got it.
    t.true(request !== undefined && (sent(request) ?? '').includes(secret));
    t.false(text.includes(secret));
  },
  title: (what) => `${what} is sent, and nowhere in stdout, stderr and summary`,
});

const authorization = ({ headers }: SeenRequest): string | undefined => headers.authorization;
const decoded = ({ headers }: SeenRequest): string =>
  Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
const body = (request: SeenRequest): string => request.body;

test('a header', kept, { args: ['-H', `Authorization: Bearer ${secret}`] }, authorization);
test('a header that follows an @', kept, { args: ['-H', `Authorization: @${secret}`] }, authorization);
test('a header from a file', kept, { args: ['-H', '@headers.txt'] }, authorization);
test(
  'a header from the environment',
  kept,
  { environment: { URLMILL_HEADER: `Authorization: Bearer ${secret}` } },
  authorization,
);
test(
  'a header from the config file',
  kept,
  { args: ['--config', 'job.json'], config: `{"header":["Authorization: Bearer ${secret}"]}` },
  authorization,
);
test('data', kept, { args: ['--data', `token=${secret}`] }, body);
test('data from a file', kept, { args: ['--data-file', 'data.txt'] }, body);
test('data from the environment', kept, { environment: { URLMILL_DATA: secret } }, body);
test(
  'credentials in a template',
  kept,
  { args: ['--url-template', `http://user:${secret}@HOST/{id}`] },
  decoded,
);
test(
  'a password with an @ in it',
  kept,
  { args: ['--url-template', `http://user:p@${secret}@HOST/{id}`] },
  decoded,
);
test(
  'a password with a quote in it',
  kept,
  { args: ['--url-template', `http://user:'${secret}@HOST/{id}`] },
  decoded,
);

test(
  'a password with a space in it',
  kept,
  { args: ['--url-template', `http://user:p ${secret}@HOST/{id}`] },
  decoded,
);
for (const userInfo of [`http://user:${secret}`, `http:user:${secret}`]) {
  const args = ['--url-template', `${userInfo}@HOST/{id}`];
  test(`credentials in a template that begins with ${userInfo}`, kept, { args }, decoded);
}

const proxyAuthorization = ({ headers }: SeenRequest): string =>
  Buffer.from(headers['proxy-authorization']?.replace('Basic ', '') ?? '', 'base64').toString();
for (const userInfo of [`http://user:${secret}`, `user:${secret}`, `http://user:a ${secret}`, `${secret}:`]) {
  const said = { args: ['--proxy', `${userInfo}@HOST`] };
  test(`the proxy ${userInfo}@…`, kept, said, proxyAuthorization);
}

test('credentials in URLs of the list are not in stderr and summary', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(500).end());
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\nhttp://user:${secret}@127.0.0.1:${server.port}/\nhttp://user:${secret}@[/\nftp://user:${secret}@h/\n`,
  });
  const { code, stderr } = await urlmill(['--retries', '0', '--summary', 'summary.json', 'in.csv'], { cwd });
  const summary = await readFile(join(cwd, 'summary.json'), 'utf8');
  t.is(code, 0);
  t.like((JSON.parse(summary) as { hosts: object }).hosts, { worst: [{ host: '127.0.0.1', failed: 1 }] });
  t.false((stderr + summary).includes(secret), summary);
});

test('a journal that is left holds no secret', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(404).end());
  const cwd = await temporaryFolder(t, { 'in.csv': 'id\n1\n2\n' });
  const template = `http://user:${secret}@127.0.0.1:${server.port}/{id}?key=${secret}`;
  const secrets = ['--url-template', template, '--data', secret, '-H', `Authorization: ${secret}`];
  const stopping = ['-c', '1', '--max-failures', '1', '-o', 'out.csv', '--columns', 'status'];
  const { code } = await urlmill([...secrets, ...stopping, 'in.csv'], { cwd });
  t.is(code, 6);
  const journal = await readFile(join(cwd, 'out.csv.journal'), 'utf8');
  t.regex(journal, /"url-template"/);
  t.false(journal.includes(secret), journal);
});

test('credentials that a redirect adds are nowhere in stdout, stderr and summary', async (t) => {
  const { text, code } = await everythingSaid(t, { args: ['--url-template', 'http://HOST/moved/{id}'] });
  t.is(code, 0);
  t.regex(text, /http:\/\/127\.0\.0\.1:\d+\/a,/);
  t.false(text.includes(secret));
});

/** A refused value is not repeated in the message if it may be a secret. */
const notRepeated = test.macro({
  exec: async (t, said: Said) => {
    const { text, code } = await everythingSaid(t, said);
    t.is(code, 2);
    t.regex(text, /^urlmill: [^\n]+\n$/);
    t.false(text.includes(secret), text);
  },
  title: (what) => `the message about ${what} does not repeat it`,
});

const file = ['--config', 'job.json'];

test('a header without a colon', notRepeated, { args: ['-H', secret] });
test('a header with a line break', notRepeated, { args: ['-H', `Authorization: ${secret}\n`] });
test('a bad line in a file of headers', notRepeated, { args: ['-H', '@bad-headers.txt'] });
test('a header in the environment', notRepeated, { environment: { URLMILL_HEADER: secret } });
test('credentials in a broken template', notRepeated, {
  args: ['--url-template', `http://user:${secret}@HOST/{id`],
});
test('a brace that is not closed behind a key', notRepeated, {
  args: ['--url-template', `http://HOST/{id}?key=${secret}&a={id`],
});
for (const said of [`::${secret}@h:1`, `::user:${secret}@h:1`, `::h:1:user:p"${secret}@`]) {
  test(`the rule --connect-to ${said}`, notRepeated, { args: ['--connect-to', said] });
}
test('a name server with a password', notRepeated, { args: ['--dns-server', `user:${secret}@1.2.3.4`] });
test('a value that looks like an option', notRepeated, { args: ['--data', `--${secret}`] });
test('an option in the place of a value', notRepeated, { args: ['--data', `--header=X: ${secret}`] });
test('headers that stand as an object in a config file', notRepeated, {
  args: file,
  config: `{"header":{"Authorization":"Bearer ${secret}"}}`,
});
test('data that stands as an object in a config file', notRepeated, {
  args: file,
  config: `{"data":{"token":"${secret}"}}`,
});
test('a config file that is no JSON', notRepeated, { args: file, config: `{"data": ${secret}}` });

const templates: Readonly<Record<string, { readonly query: string; readonly shown: string }>> = {
  'a whole value': { query: `key=${secret}&id={id}`, shown: 'key=…&id={id}' },
  'a value around a column': { query: `a={id}${secret}&b=${secret}{id}`, shown: 'a={id}…&b=…{id}' },
  'a value without a name': { query: secret, shown: '…' },
};

for (const [what, { query, shown }] of Object.entries(templates)) {
  test(`${what} in the query of a URL template is sent, and not in stderr and summary`, async (t) => {
    const server = await httpServer(t, (_, response) => response.end('ok'));
    const cwd = await temporaryFolder(t, { 'in.csv': 'id\n1\n' });
    const template = `${server.url}/a?${query}`;
    const args = ['--url-template', template, '--summary', 'summary.json', 'in.csv'];
    const { code, stderr } = await urlmill(args, { cwd });
    const summary = await readFile(join(cwd, 'summary.json'), 'utf8');
    t.is(code, 0);
    t.true(server.requests[0]?.url.includes(secret));
    t.is(
      (JSON.parse(summary) as { options: { urlTemplate: string } }).options.urlTemplate,
      `${server.url}/a?${shown}`,
    );
    t.false((stderr + summary).includes(secret));
  });
}

test('--secret-param is sent, and in nothing that is written', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://a');
    if (pathname === '/moved') response.writeHead(302, { location: url.replace('moved', 'page') }).end();
    else if (pathname === '/login')
      response.writeHead(302, { location: `/page?next=${encodeURIComponent(url)}` }).end();
    else if (pathname === '/loop') response.writeHead(302, { location: url }).end();
    else {
      response.setHeader('content-type', 'text/html');
      response.setHeader('link', `<${url}>; rel="canonical"`);
      response.end(`<title>for ${searchParams.get('key')}</title><a href="${url}">here</a>`);
    }
  });
  const columns = ['--columns', 'all', '--extract', 'title,links,canonical', '--response-header', 'l=link'];
  const paths = ['page', 'moved', 'login', 'loop'];
  const cwd = await temporaryFolder(t, {
    'in.csv': `path\n${paths.join('\n')}\n`,
    'own.mjs':
      'export default { columns: ["all"], process: ({ url, headers }) => ({ all: [{ url, headers }] }) };',
  });
  const template = `${server.url}/{path}?a=1&key=${secret}0123`;
  for (const threads of ['1', '2']) {
    const saved = ['--save-bodies', `kept${threads}`, '--save-format', 'warc'];
    const said = ['--secret-param', 'key', '--url-template', template, '--threads', threads, '--ordered'];
    const { code, stdout, stderr } = await urlmill(
      [...said, ...columns, ...saved, '--module', 'own.mjs', '--summary', '-', 'in.csv'],
      { cwd },
    );
    t.is(code, 0);
    t.false((stdout + stderr).includes(secret), stdout + stderr);
    const rows = csvObjects(stdout);
    t.deepEqual(
      rows.map((row) => [row['fetch_url']?.replace(server.url, ''), row['fetch_error'], row['fetch_title']]),
      [
        ['/page?a=1', '', 'for ***'],
        ['/page?a=1', '', 'for ***'],
        ['/page?next=%2Flogin%3Fa%3D1%26key%3D***', '', 'for null'],
        ['/loop?a=1', 'redirect-loop', ''],
      ],
    );
    t.is(rows[0]?.['l'], '</page?a=1>; rel="canonical"');
    t.is(rows[0]?.['fetch_links'], JSON.stringify([`${server.url}/page?a=1`]));
    const [name = ''] = await readdir(join(cwd, `kept${threads}`));
    const records = warcRecords(await readFile(join(cwd, `kept${threads}`, name)));
    t.true(records.length > 6);
    for (const { fields, head } of records) t.false([...fields.values(), head].join('\n').includes(secret));
  }
  t.true(server.requests.every(({ url }) => url.includes(secret)));
});

test('a wrong name of --secret-param is not repeated', notRepeated, {
  args: ['--secret-param', `key=${secret}`],
});
