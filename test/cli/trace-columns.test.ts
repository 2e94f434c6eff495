import zlib from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { fetchAll } from '../helpers/fetch.ts';
import { nameServer } from '../helpers/name-server.ts';
import { closedPort, httpServer, httpsServer, rawServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

type Cells = Record<string, string>;

/** Runs the command on these URLs one after the other, with all columns; cells by name without the prefix. */
async function shown(
  t: ExecutionContext,
  urls: readonly string[],
  args: readonly string[] = [],
): Promise<readonly Cells[]> {
  const cwd = await temporaryFolder(t, {
    'in.csv': ['url', ...urls, ''].join('\n'),
    'ca.pem': (await certificates()).ca,
  });
  const always = ['-q', '--ordered', '-c', '1', '--retries', '0', '--columns', 'all', 'in.csv'];
  const { stdout, code } = await urlmill([...always, ...args], { cwd });
  t.is(code, 0);
  return csvObjects(stdout).map((cells) =>
    Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name.replace('fetch_', ''), cell])),
  );
}

const time = /^\d+(\.\d)?$/;
const nothingOfServer = { http_version: '', etag: '', last_modified: '', server: '', first_byte_ms: '' };
const noConnection = { remote_ip: '', dns_ms: '', connect_ms: '', tls_ms: '' };

test('a connection that is opened has its times, one that is used again has none', async (t) => {
  const names = await nameServer(t, { 'a.test': { a: ['127.0.0.1'] } });
  const { port } = await httpServer(t, (_, response) => response.end());
  const url = `http://a.test:${port}/`;
  const [first, second] = await shown(t, [url, url], ['--dns-server', names.address]);
  t.like(first, { remote_ip: '127.0.0.1', http_version: '1.1', tls_ms: '' });
  for (const name of ['dns_ms', 'connect_ms', 'first_byte_ms']) t.regex(first?.[name] ?? '', time, name);
  t.like(second, { remote_ip: '127.0.0.1', http_version: '1.1', dns_ms: '', connect_ms: '', tls_ms: '' });
  t.regex(second?.['first_byte_ms'] ?? '', time);
});

test('an address has no time for its name; TLS has one of its own', async (t) => {
  const server = await httpsServer(t, (await certificates()).good, (_, response) => response.end());
  const [first, second] = await shown(t, [server.url, server.url], ['--cacert', 'ca.pem']);
  t.is(first?.['dns_ms'], '');
  for (const name of ['connect_ms', 'tls_ms', 'first_byte_ms']) t.regex(first?.[name] ?? '', time, name);
  t.like(second, { status: '200', connect_ms: '', tls_ms: '' });
});

test('HTTP/1.0 is told apart', async (t) => {
  const { url } = await rawServer(t, (socket) => socket.end('HTTP/1.0 200 OK\r\nserver: old\r\n\r\nhello'));
  const [row] = await shown(t, [url]);
  t.like(row, { http_version: '1.0', server: 'old', bytes: '5', wire_bytes: '5' });
});

test('wire_bytes is the size before decoding', async (t) => {
  const encoded = zlib.gzipSync('a'.repeat(5000));
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(encoded);
  });
  const [row] = await shown(t, [url]);
  t.like(row, { bytes: '5000', wire_bytes: String(encoded.length) });
});

test('a reply to HEAD has its headers and no body', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(200, { etag: '"x"', 'content-length': '100' }).end();
  });
  const [row] = await shown(t, [url], ['-X', 'HEAD']);
  t.like(row, { status: '200', etag: '"x"', bytes: '0', wire_bytes: '0' });
});

test('where there was no connection all is empty but the words', async (t) => {
  const [row] = await shown(t, [`http://127.0.0.1:${await closedPort()}/`]);
  t.like(row, { status: '', error: 'connect-refused', wire_bytes: '', bytes: '', ...nothingOfServer });
  t.like(row, noConnection);
  t.regex(row?.['error_detail'] ?? '', /ECONNREFUSED/);
});

test('what was never tried has nothing, but 0 attempts and a time', async (t) => {
  const [row] = await shown(t, ['gopher://a.test/']);
  t.like(row, { ...nothingOfServer, ...noConnection, redirects: '', redirect_chain: '', wire_bytes: '' });
  t.like(row, { attempts: '0', ms: '', url: '' });
  t.true(Number.isFinite(Date.parse(row?.['at'] ?? '')));
});

test('a connection without a reply shows where it led, and nothing of a reply', async (t) => {
  const { url } = await rawServer(t, (socket) => socket.end());
  const [row] = await shown(t, [url]);
  t.like(row, { error: 'http-closed', remote_ip: '127.0.0.1', wire_bytes: '', ...nothingOfServer });
  t.regex(row?.['connect_ms'] ?? '', time);
});

test('a body that is cut keeps what came with its headers', async (t) => {
  const { url } = await rawServer(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\netag: "x"\r\ncontent-length: 10\r\n\r\nhello');
  });
  const [row] = await shown(t, [url]);
  t.like(row, { status: '200', error: 'http-truncated', etag: '"x"', wire_bytes: '5', bytes: '' });
  t.not(row?.['error_detail'], '');
});

test('after redirects all is of the last reply', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => {
    if (path === '/b') return void response.end('end');
    const headers = { location: path === '/' ? '/a' : '/b', etag: '"r"', server: 'r', 'last-modified': 'r' };
    return void response.writeHead(302, headers).end('a body');
  });
  const [row] = await shown(t, [url]);
  t.like(row, { redirects: '2', redirect_chain: `${url}/ ${url}/a`, url: `${url}/b`, attempts: '1' });
  t.like(row, { etag: '', server: '', last_modified: '', wire_bytes: '3', http_version: '1.1' });
  // The connection was opened for the first hop, so the last one has no connect time.
  t.is(row?.['connect_ms'], '');
});

test('a redirect that is the last reply shows its own headers', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: '/', etag: '"r"' }).end('moved');
  });
  const [loop, answer] = [...(await shown(t, [url])), ...(await shown(t, [url], ['--max-redirects', '0']))];
  t.like(loop, { status: '302', error: 'redirect-loop', etag: '"r"', bytes: '', redirects: '0' });
  t.is(loop?.['error_detail'], `back to ${url}/`);
  t.like(answer, { status: '302', error: '', etag: '"r"', bytes: '5', redirects: '0', error_detail: '' });
});

test('the last attempt counts', async (t) => {
  const server = await httpServer(t, (_, response) => {
    const first = server.requests.length === 1;
    response.writeHead(first ? 503 : 200, first ? { etag: '"1"' } : {}).end();
  });
  const [row] = await shown(t, [server.url], ['--retries', '1', '--max-wait', '1ms']);
  t.like(row, { attempts: '2', status: '200', etag: '', error_detail: '' });
});

const odd = {
  etag: '"a, ""b""", W/"c"',
  'last-modified': '=1+1',
  server: 'tab\there; ü 日本 \\n\u00a0end',
};

const same = test.macro({
  exec: async (t, format: 'csv' | 'tsv' | 'jsonl') => {
    const { url } = await rawServer(t, (socket) => {
      const lines = Object.entries(odd).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`);
    });
    const cwd = await temporaryFolder(t, { 'in.csv': `url\n${url}\n` });
    const names = 'etag,last_modified,server,redirects,remote_ip';
    const args = ['-q', '--columns', names, '--output-format', format, 'in.csv'];
    const { stdout } = await urlmill(args, { cwd });
    const [cells] =
      format === 'jsonl' ? [JSON.parse(stdout) as Cells] : csvObjects(stdout, format === 'csv' ? ',' : '\t');
    t.is(cells?.['fetch_etag'], odd.etag);
    t.is(cells?.['fetch_last_modified'], odd['last-modified']);
    t.is(cells?.['fetch_server'], odd.server);
    t.is(String(cells?.['fetch_redirects']), '0');
    t.is(cells?.['fetch_remote_ip'], '127.0.0.1');
  },
  title: (_, format: string) => `what a server says is the same text as ${format}`,
});

test(same, 'csv');
test(same, 'tsv');
test(same, 'jsonl');

test('bytes that are no UTF-8 are shown as Latin-1; several headers of a name are one list', async (t) => {
  const { url } = await rawServer(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nserver: caf\u00e9\r\netag: "1"\r\nETag: "2"\r\n\r\n', 'latin1');
  });
  const [row] = await shown(t, [url]);
  t.like(row, { server: 'café', etag: '"1", "2"' });
});

test('what is empty is null in JSON Lines, and numbers are numbers', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}\n` });
  const { stdout } = await urlmill(['-q', '--columns', 'all', '--output-format', 'jsonl', 'in.csv'], { cwd });
  const cells = JSON.parse(stdout) as Record<string, unknown>;
  t.like(cells, { fetch_etag: null, fetch_tls_ms: null, fetch_wire_bytes: 2, fetch_redirects: 0 });
  t.is(typeof cells['fetch_connect_ms'], 'number');
});

test('results of the library carry the trace without being asked', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(200, { etag: '"x"', 'last-modified': 'then', server: 'me' }).end();
  });
  const [first, second] = await fetchAll([server.url, server.url], { concurrency: 1 });
  t.like(first?.trace, { remoteIp: '127.0.0.1', httpVersion: '1.1', etag: '"x"', lastModified: 'then' });
  t.like(first?.trace, { server: 'me', dnsMs: null, tlsMs: null });
  t.true((first?.trace.connectMs ?? -1) >= 0 && (first?.trace.firstByteMs ?? -1) >= 0);
  t.like(second?.trace, { remoteIp: '127.0.0.1', connectMs: null });
  t.true((second?.trace.firstByteMs ?? -1) >= 0);
});
