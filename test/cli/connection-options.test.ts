import test from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer, httpsServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('--connect-to leads a host to another address; the first rule that matches counts', async (t) => {
  const first = await httpServer(t, (_, response) => response.end('1'));
  const second = await httpServer(t, (_, response) => response.end('2'));
  const cwd = await temporaryFolder(t, { 'in.txt': 'http://a.test/\nhttp://b.test:81/\n' });
  const rules = [`a.test:80:127.0.0.1:${first.port}`, `::127.0.0.1:${second.port}`];
  const args = rules.flatMap((rule) => ['--connect-to', rule]);
  const { stdout } = await urlmill(['-q', ...args, 'in.txt'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map(({ fetch_status: status }) => status),
    ['200', '200'],
  );
  t.deepEqual(
    first.requests.map(({ headers }) => headers.host),
    ['a.test'],
  );
  t.deepEqual(
    second.requests.map(({ headers }) => headers.host),
    ['b.test:81'],
  );
});

test('a certificate that nobody vouches for is a failure', async (t) => {
  const server = await httpsServer(t, (await certificates()).good, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\n` });
  const { stdout, stderr } = await urlmill(['in.txt'], { cwd });
  t.is(csvObjects(stdout)[0]?.['fetch_error'], 'tls-unknown-issuer');
  t.notRegex(stderr, /warning/);
});

test('--insecure fetches all the same, and stderr says so', async (t) => {
  const server = await httpsServer(t, (await certificates()).good, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\n` });
  const { stdout, stderr } = await urlmill(['--insecure', 'in.txt'], { cwd });
  t.is(csvObjects(stdout)[0]?.['fetch_status'], '200');
  t.regex(stderr, /^urlmill: warning: TLS certificates are not verified \(--insecure\)\n/);
});

test('-q keeps that warning back', async (t) => {
  const server = await httpsServer(t, (await certificates()).good, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\n` });
  const { stdout, stderr } = await urlmill(['-q', '--insecure', 'in.txt'], { cwd });
  t.is(csvObjects(stdout)[0]?.['fetch_status'], '200');
  t.is(stderr, '');
});

test('--cacert trusts the authorities of a file', async (t) => {
  const { good, ca } = await certificates();
  const server = await httpsServer(t, good, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\n`, 'ca.pem': ca });
  const { stdout, stderr } = await urlmill(['-q', '--cacert', 'ca.pem', 'in.txt'], { cwd });
  t.is(csvObjects(stdout)[0]?.['fetch_status'], '200');
  t.is(stderr, '');
});
