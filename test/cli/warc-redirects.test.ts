import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer, rawServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { field, warcRecords } from '../helpers/warc-records.ts';
import type { WarcRecord } from '../helpers/warc-records.ts';
import { killedAt, resumed } from './resuming.ts';

const warc = ['--save-bodies', 'kept', '--save-format', 'warc'];

async function recordsIn(folder: string): Promise<WarcRecord[]> {
  const [name = '', ...others] = await readdir(folder);
  if (others.length > 0) throw new Error(`${folder} holds ${others.join(', ')} too`);
  return warcRecords(await readFile(join(folder, name)));
}

/** The head of a redirect to `/end`. */
const head = (rest: string): string => `HTTP/1.1 302 Found\r\nlocation: /end\r\n${rest}\r\n\r\n`;

const typeOf = (record: WarcRecord): string => field(record, 'WARC-Type');

/** `TYPE URL` of each record but the first, which describes the file. */
function listed(records: readonly WarcRecord[]): string[] {
  return records.slice(1).map((record) => `${typeOf(record)} ${field(record, 'WARC-Target-URI')}`);
}

function pairs(...urls: readonly string[]): string[] {
  return urls.flatMap((url) => [`response ${url}`, `request ${url}`]);
}

/** Follows Location from record to record, as a viewer of the archive does. */
function replayed(records: readonly WarcRecord[], from: string): WarcRecord {
  let url = from;
  for (let steps = 0; steps < 25; steps++) {
    const found = records.find(
      (record) => typeOf(record) === 'response' && field(record, 'WARC-Target-URI') === url,
    );
    if (found === undefined) throw new Error(`nothing is archived of ${url}`);
    const location = /^HTTP\/1\.[01] 3\d\d[^]*\r\nlocation: (.*)/i.exec(found.head)?.[1]?.split('\r', 1)[0];
    if (location === undefined) return found;
    url = new URL(location, url).href.replace(/#.*/, '');
  }
  throw new Error(`${from} leads round and round`);
}

/** A server where `/1/3` redirects to `/1/2` and so on to `/1/0`, each with a body that names it. */
async function chains(t: ExecutionContext): Promise<TestServer> {
  return httpServer(t, ({ url }, response) => {
    const [, row = '', left = '0'] = url.split('/');
    if (left === '0') response.setHeader('content-type', 'text/html').end(`<title>${row}</title>`);
    else
      response
        .writeHead(301, 'Gone On', { location: `../${row}/${Number(left) - 1}#part`, 'x-left': left })
        .end(`moved ${url}`);
  });
}

for (const threads of ['1', '3']) {
  test(`redirects are kept in order, each with its request: --threads ${threads}`, async (t) => {
    const server = await chains(t);
    const { url } = server;
    const cwd = await temporaryFolder(t, {
      'in.txt': [3, 0, 1].map((left, i) => `${url}/${i}/${left}\n`).join(''),
    });
    const args = ['--threads', threads, '--ordered', '-c', '1', '-H', 'X-Key: hidden', '--extract', 'title'];
    const { code, stdout } = await urlmill([...args, ...warc, 'in.txt'], { cwd });
    t.is(code, 0);
    const rows = csvObjects(stdout);
    const records = await recordsIn(join(cwd, 'kept'));
    const urls = ['/0/3', '/0/2', '/0/1', '/0/0', '/1/0', '/2/1', '/2/0'].map((path) => url + path);
    t.deepEqual(listed(records), pairs(...urls));
    for (const row of rows) {
      const final = replayed(records, row['url'] ?? '');
      t.is(row['fetch_file']?.split('#')[1], String(final.offset));
      t.is(final.payload.toString(), `<title>${row['fetch_title']}</title>`);
    }
    const [, first, , second, , third, , last] = records;
    if (!first || !second || !third || !last) return t.fail('records are missing');
    t.regex(first.head, /^HTTP\/1\.1 301 Gone On\r\n[^]*x-left: 3/);
    t.is(first.payload.toString(), 'moved /0/3');
    // All records of a chain refer to its first one.
    t.false(first.fields.has('warc-concurrent-to'));
    for (const record of [second, third, last])
      t.is(field(record, 'WARC-Concurrent-To'), field(first, 'WARC-Record-ID'));
    for (const [i, record] of records.entries()) {
      if (i === 0) continue;
      t.false(record.fields.has('warc-truncated'));
      if (typeOf(record) !== 'request') continue;
      t.is(field(record, 'WARC-Concurrent-To'), field(records[i - 1] as WarcRecord, 'WARC-Record-ID'));
      t.notRegex(record.head, /hidden/);
    }
    return undefined;
  });
}

test('--no-warc-redirects keeps the last response of each row alone', async (t) => {
  const server = await chains(t);
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/0/3\n` });
  await urlmill([...warc, '--no-warc-redirects', 'in.txt'], { cwd });
  t.deepEqual(listed(await recordsIn(join(cwd, 'kept'))), pairs(`${server.url}/0/0`));
});

test('of attempts only the last one is kept, with its own redirects', async (t) => {
  let asked = 0;
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/row') response.writeHead(302, { location: `/page?${++asked}` }).end();
    else response.writeHead(asked < 3 ? 503 : 200).end(`answer ${asked}`);
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/row\n` });
  const { stdout } = await urlmill([...warc, '--max-wait', '1ms', '--columns', 'status,attempts', 'in.txt'], {
    cwd,
  });
  const [row] = csvObjects(stdout);
  t.like(row, { fetch_status: '200', fetch_attempts: '3' });
  const records = await recordsIn(join(cwd, 'kept'));
  t.deepEqual(listed(records), pairs(`${server.url}/row`, `${server.url}/page?3`));
  t.is(replayed(records, `${server.url}/row`).payload.toString(), 'answer 3');
});

test('a HEAD that a GET follows is not kept', async (t) => {
  const server = await httpServer(t, ({ method }, response) => {
    response.writeHead(method === 'HEAD' ? 405 : 200).end('page');
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\n` });
  await urlmill([...warc, '--head', 'in.txt'], { cwd });
  const records = await recordsIn(join(cwd, 'kept'));
  t.deepEqual(listed(records), pairs(`${server.url}/`));
  t.regex(records[2]?.head ?? '', /^GET /);
});

test('what led to a failure is kept, and the row names no record', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => {
    const to: Record<string, string> = {
      '/cut': '/nothing',
      '/loop': '/loop2',
      '/loop2': '/loop',
      '/bad': 'ftp://example.org/',
      '/far': '/far2',
      '/far2': '/far3',
    };
    if (path === '/nothing') response.destroy();
    else response.writeHead(302, { location: to[path] ?? '/' }).end();
  });
  const paths = ['/cut', '/loop', '/bad', '/far'];
  const cwd = await temporaryFolder(t, { 'in.txt': paths.map((path) => `${url}${path}\n`).join('') });
  const args = ['--ordered', '-c', '1', '--retries', '1', '--max-wait', '1ms', '--max-redirects', '1'];
  const { code, stdout } = await urlmill([...args, ...warc, '--columns', 'error', 'in.txt'], { cwd });
  t.is(code, 0);
  t.deepEqual(
    csvObjects(stdout).map((row) => [row['fetch_error'], row['fetch_file']]),
    [
      ['http-closed', ''],
      ['redirect-limit', ''],
      ['redirect-denied', ''],
      ['redirect-limit', ''],
    ],
  );
  const urls = ['/cut', '/loop', '/loop2', '/bad', '/far', '/far2'].map((path) => url + path);
  // The first row ends last, because it has two attempts.
  t.deepEqual(listed(await recordsIn(join(cwd, 'kept'))).toSorted(), pairs(...urls).toSorted());
});

test('the body of a redirect that is long, slow or cut is marked as truncated', async (t) => {
  const long = 'x'.repeat(40_000);
  const server = await rawServer(t, (socket, request) => {
    const path = request.split(' ', 2)[1];
    if (path === '/long') socket.end(head(`content-length: ${long.length}`) + long);
    else if (path === '/chunked')
      socket.end(`${head('transfer-encoding: chunked')}9c40\r\n${long}\r\n0\r\n\r\n`);
    else if (path === '/slow') socket.write(`${head('content-length: 100')}begun`);
    else if (path === '/cut') socket.end(`${head('content-length: 100')}begun`);
    else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nend');
  });
  const paths = ['/long', '/chunked', '/slow', '/cut'];
  const cwd = await temporaryFolder(t, { 'in.txt': paths.map((path) => `${server.url}${path}\n`).join('') });
  const { code } = await urlmill([...warc, '--retries', '0', '--ordered', '-c', '1', 'in.txt'], { cwd });
  t.is(code, 0);
  const records = await recordsIn(join(cwd, 'kept'));
  const hops = records.filter(
    (record) => typeOf(record) === 'response' && record.head.startsWith('HTTP/1.1 302'),
  );
  t.deepEqual(
    hops.map((record) => [
      new URL(field(record, 'WARC-Target-URI')).pathname,
      field(record, 'WARC-Truncated'),
      record.payload.length,
    ]),
    [
      ['/long', 'length', 16_384],
      ['/chunked', 'length', 16_384],
      ['/slow', 'time', 5],
      ['/cut', 'disconnect', 5],
    ],
  );
  for (const path of paths) t.is(replayed(records, server.url + path).payload.toString(), 'end');
});

test('a page that leads on by itself is a redirect, too', async (t) => {
  const filling = ' '.repeat(70_000);
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'text/html');
    if (url === '/end') response.end('end');
    else response.end(`<meta http-equiv=refresh content="0; url=/end">${url === '/long' ? filling : ''}`);
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/short\n${server.url}/long\n` });
  await urlmill([...warc, '--follow-meta', '--ordered', '-c', '1', 'in.txt'], { cwd });
  const records = await recordsIn(join(cwd, 'kept'));
  t.deepEqual(
    listed(records),
    pairs(...['/short', '/end', '/long', '/end'].map((path) => server.url + path)),
  );
  t.is(records[1]?.payload.toString(), '<meta http-equiv=refresh content="0; url=/end">');
  t.false(records[1]?.fields.has('warc-truncated'));
  t.is(records[5] && field(records[5], 'WARC-Truncated'), 'length');
  t.is(records[5]?.payload.length, 65_536);
});

test('secrets reach the records of redirects no more than others', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url.startsWith('/row')) {
      response
        .writeHead(302, { location: `/page${new URL(url, 'http://a').search}`, 'set-cookie': 'a=b' })
        .end();
    } else response.end('page');
  });
  const cwd = await temporaryFolder(t, {
    'in.txt': `${server.url.replace('//', '//me:passw0rd@')}/row?key=s3cret&a=1\n`,
  });
  const args = ['--secret-param', 'key', '-H', 'X-Key: s3cret', '-H', 'Cookie: own=s3cret'];
  t.is((await urlmill([...args, ...warc, 'in.txt'], { cwd })).code, 0);
  t.is(server.requests[1]?.url, '/page?key=s3cret&a=1');
  const records = await recordsIn(join(cwd, 'kept'));
  t.is(records.length, 5);
  for (const { block, fields } of records)
    t.notRegex(block.toString('latin1') + [...fields].flat().join(' '), /s3cret|passw0rd|bWU6/);
});

test('a killed run goes on with the same file, each redirect once', async (t) => {
  let holding = true;
  const server = await httpServer(t, ({ url }, response) => {
    const [, row = '', left = '0'] = url.split('/');
    if (left !== '0') response.writeHead(301, { location: `/${row}/${Number(left) - 1}` }).end();
    else if (!holding || Number(row) % 2 === 0) response.end(row);
  });
  const rows = Array.from({ length: 11 }, (_, i) => `${server.url}/${i + 1}/2`);
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${rows.join('\n')}\n` });
  const args = ['--columns', 'status', '--per-host', '20', ...warc, 'in.csv'];
  t.like(await killedAt(t, 5, { cwd, args }), { signal: 'SIGKILL' });
  holding = false;
  t.is((await resumed({ cwd, args })).code, 0);
  const records = await recordsIn(join(cwd, 'kept'));
  // The run was killed when only held requests were in flight, so no exchange was made twice.
  t.is(records.length, 1 + 3 * 2 * 11);
  for (const row of csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'))) {
    const final = replayed(records, row['url'] ?? '');
    t.is(row['fetch_file']?.split('#')[1], String(final.offset));
  }
});
