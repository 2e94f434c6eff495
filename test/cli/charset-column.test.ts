import zlib from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { fetchOne } from '../helpers/fetch.ts';
import { closedPort, httpServer, rawServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

type Cells = Record<string, string>;

/** The rows of a run with the column `charset`. */
async function shown(
  t: ExecutionContext,
  urls: readonly string[],
  args: readonly string[] = [],
): Promise<Cells[]> {
  const cwd = await temporaryFolder(t, {
    'in.csv': ['url', ...urls, ''].join('\n'),
    'text.mjs':
      "export default { columns: ['read', 'text'], process: ({ charset, text }) => ({ read: charset, text: text() }) };",
    'broken.mjs': "export default { columns: ['x'], process: () => { throw new Error('broken') } };",
  });
  const always = ['-q', '--ordered', '--retries', '0', '--columns', '+charset,+charset_from', 'in.csv'];
  const { stdout, stderr, code } = await urlmill([...always, ...args], { cwd });
  t.is(code, 0);
  t.is(stderr, '');
  return csvObjects(stdout);
}

interface Reply {
  readonly type: string;
  readonly body: Buffer;
}

const replies: Readonly<Record<string, Reply>> = {
  '/header': { type: 'text/html; charset=Shift-JIS', body: Buffer.from([0x93, 0xfa]) },
  '/meta': { type: 'text/html', body: Buffer.from('<meta charset=euc-kr>\x8cc', 'latin1') },
  '/none': { type: 'text/html', body: Buffer.from('é') },
  '/mark': { type: 'text/html; charset=latin1', body: Buffer.from('\ufeffé', 'utf16le') },
  '/json': { type: 'application/json; charset=latin1', body: Buffer.from('"é"') },
  '/plain': { type: 'text/plain', body: Buffer.from('é') },
  '/image': { type: 'image/png', body: Buffer.from('\x89PNG\r\n', 'latin1') },
  '/empty': { type: 'text/html; charset=utf-8', body: Buffer.alloc(0) },
};
const expected = ['Shift_JIS', 'EUC-KR', 'UTF-8', 'UTF-16LE', 'UTF-8', 'UTF-8', '', ''];
const sources = ['http', 'document', 'guess', 'bom', 'default', 'guess', '', ''];

async function site(t: ExecutionContext): Promise<string[]> {
  const { url } = await httpServer(t, (request, response) => {
    const { type, body } = replies[request.url ?? ''] ?? { type: '', body: Buffer.alloc(0) };
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  return Object.keys(replies).map((path) => url + path);
}

test('it is known without a processor', async (t) => {
  const rows = await shown(t, await site(t));
  t.deepEqual(
    rows.map((row) => row['fetch_charset']),
    expected,
  );
  t.deepEqual(
    rows.map((row) => row['fetch_charset_from']),
    sources,
  );
  t.deepEqual(
    rows.map((row) => Number(row['fetch_bytes'])),
    Object.values(replies).map(({ body }) => body.length),
  );
});

test('what it is known from can be asked for alone', async (t) => {
  const [header = ''] = await site(t);
  const [row] = await shown(t, [header], ['--columns', '+charset_from']);
  t.is(row?.['fetch_charset_from'], 'http');
  t.is(row?.['fetch_charset'], undefined);
});

test('a module reads the text by it', async (t) => {
  const rows = await shown(t, await site(t), ['--module', 'text.mjs']);
  t.deepEqual(
    rows.map((row) => row['read']),
    expected,
  );
  t.deepEqual(
    rows.slice(0, 6).map((row) => row['text']),
    ['日', '<meta charset=euc-kr>똠', 'é', 'é', '"é"', 'é'],
  );
});

test('it is that of the last reply, encoded or not', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/') {
      response.writeHead(302, { location: '/end', 'content-type': 'text/html; charset=koi8-r' }).end('moved');
    } else {
      response.writeHead(404, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
      response.end(zlib.gzipSync('<meta charset=gb2312>'));
    }
  });
  const [row] = await shown(t, [url]);
  t.like(row, { fetch_status: '404', fetch_error: '', fetch_charset: 'GBK' });
});

test('a failed processor leaves it as it is', async (t) => {
  const [header = ''] = await site(t);
  const [row] = await shown(t, [header], ['--module', 'broken.mjs']);
  t.like(row, { fetch_error: 'process-failed', fetch_charset: 'Shift_JIS' });
});

test('it is empty where there is no body', async (t) => {
  const refused = `http://127.0.0.1:${await closedPort()}/`;
  const cut = await rawServer(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 10\r\n\r\nhello');
  });
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('x'.repeat(5000));
  });
  const rows = await shown(t, ['gopher://a.test/', refused, cut.url, url], ['--max-body', '4kB']);
  t.deepEqual(
    rows.map((row) => [row['fetch_error'], row['fetch_charset']]),
    [
      ['unsupported-scheme', ''],
      ['connect-refused', ''],
      ['http-truncated', ''],
      ['body-too-large', ''],
    ],
  );
  const [head] = await shown(t, [url], ['-X', 'HEAD']);
  t.like(head, { fetch_status: '200', fetch_error: '', fetch_charset: '' });
});

test('the library finds it when it is told to', async (t) => {
  const [url = ''] = await site(t);
  t.is((await fetchOne(url)).charset, '');
  t.like(await fetchOne(url, { charset: true }), { charset: 'Shift_JIS', charsetFrom: 'http' });
  const processors = [{ columns: ['x'], process: () => ({ x: 1 }) }];
  t.is((await fetchOne(url, { processors })).charset, '');
});
