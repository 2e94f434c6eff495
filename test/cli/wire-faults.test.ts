import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { unbundledFile, urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { oddCertificate } from '../helpers/odd-certificates.ts';
import { httpServer, httpsServer, rawServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('whatever servers and cells do, every row is there once and the run is whole', async (t) => {
  const { ca, ...certificate } = await oddCertificate('criticalExtension');
  const good = await httpServer(t, (_, response) => response.end('ok'));
  const odd = await httpsServer(t, certificate, (_, response) => response.end('ok'));
  const switching = await rawServer(t, (socket) => socket.write('HTTP/1.1 101 X\r\n\r\n'));
  const numberless = await rawServer(t, (socket) => socket.write('HTTP/1.1 099 X\r\n\r\n'));
  const expected = [
    [good.url, '', ''],
    [odd.url, '', 'tls-handshake'],
    [switching.url, '', 'http-malformed'],
    [numberless.url, '', 'http-malformed'],
    [good.url, '[', 'bad-row'],
    [good.url, 'a.test', ''],
  ];
  const lines = expected.flatMap(([url, host], i) => [`${i},${url},${host}`, `${i}b,${url},${host}`]);
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url,h\n${lines.join('\n')}\n`, 'ca.pem': ca });
  const args = ['-H', 'Host: {h}', '--cacert', 'ca.pem', '--ordered', '--retries', '0', 'in.csv'];
  const { code, stdout, stderr } = await urlmill(args, { cwd });
  t.is(code, 0, stderr);
  t.deepEqual(
    csvObjects(stdout).map(({ id, fetch_error: error }) => [id, error]),
    expected.flatMap(([, , error], i) => [
      [`${i}`, error],
      [`${i}b`, error],
    ]),
  );
  t.notRegex(stderr, /bug|report/);
});

/** Runs the command on three rows with a preloaded module that breaks something. */
async function broken(
  t: ExecutionContext,
  preload: string,
  args: readonly string[] = [],
  file?: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { good, ca } = await certificates();
  const server = await httpsServer(t, good, (_, response) => response.end('ok'));
  const urls = [0, 1, 2].map((i) => `${server.url}/${i}\n`);
  const files = { 'in.txt': urls.join(''), 'ca.pem': ca, 'first.mjs': preload };
  const cwd = await temporaryFolder(t, files);
  const environment = { NODE_OPTIONS: `--import=${pathToFileURL(join(cwd, 'first.mjs')).href}` };
  return urlmill([...args, '--cacert', 'ca.pem', '--retries', '0', 'in.txt'], {
    cwd,
    environment,
    ...(file !== undefined && { file }),
  });
}

const oddError = String.raw`
  import tls from 'node:tls';
  tls.checkServerIdentity = () => { throw Object.assign(new Error('odd \u001b]0;pwned\u0007'), { code: 'ODD' }); };
`;

test('an unknown error is told once, escaped, and ends no run', async (t) => {
  const { code, stdout, stderr } = await broken(t, oddError);
  t.is(code, 0, stderr);
  t.is(stdout.match(/tls-handshake/g)?.length, 3);
  const asks = stderr.split('\n').filter((line) => line.includes('please report it'));
  t.is(asks.length, 1, stderr);
  t.regex(asks[0] ?? '', /^urlmill: https:\/\/127\.0\.0\.1:\d+: .*\(ODD: odd \\u001b\]0;pwned\\u0007\)/);
});

test('--quiet keeps it quiet', async (t) => {
  const { code, stderr } = await broken(t, oddError, ['-q']);
  t.is(code, 0);
  t.is(stderr, '');
});

test('what our own code throws at a response is a bug: exit 1, and no row says that it has failed', async (t) => {
  const connections = new URL('../../src/fetch/http/connections.js', import.meta.url).href;
  const { code, stdout, stderr } = await broken(
    t,
    `import { Connections } from ${JSON.stringify(connections)};
    Connections.prototype.giveBack = () => { throw new TypeError('ours'); };`,
    [],
    unbundledFile,
  );
  t.is(code, 1);
  t.regex(stderr, /a bug in urlmill; please report it:\nurlmill: TypeError: ours\n/);
  t.notRegex(stdout, /malformed|truncated/);
});
