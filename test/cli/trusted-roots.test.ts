import test from 'ava';
import type { ExecutionContext } from 'ava';

import { chain, der, sends } from '../helpers/chains.ts';
import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer, httpsServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

interface Place {
  readonly cwd: string;
  /** URLs of servers trusted by the root a.pem or b.pem. */
  readonly urls: { readonly a: string; readonly b: string };
}

/** Two servers whose certificates were signed by two roots; the roots are files in the folder. */
async function place(t: ExecutionContext): Promise<Place> {
  const [a, b] = await Promise.all([chain({}, { name: 'root a' }), chain({}, { name: 'root b' })]);
  const [first, second] = await Promise.all(
    [a, b].map((made) => httpsServer(t, sends(made), (_, response) => response.end('ok'))),
  );
  const cwd = await temporaryFolder(t, {
    'a.pem': a.certs[1] ?? '',
    'b.pem': b.certs[1] ?? '',
    'none.pem': 'nothing of the kind\n',
  });
  return { cwd, urls: { a: `https://localhost:${first?.port}/`, b: `https://localhost:${second?.port}/` } };
}

type Run = Ended & { readonly results: readonly string[] };

/** The outcomes of the URLs, fetched one after the other. */
async function run(
  cwd: string,
  urls: readonly string[],
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Run> {
  const input = urls.map((url) => `${url}\n`).join('');
  const all = ['-c', '1', '--ordered', '--retries', '0', ...args];
  const ended = await urlmill(all, { cwd, input, environment });
  const results = csvObjects(ended.stdout).map((row) => row['fetch_error'] || (row['fetch_status'] ?? ''));
  return { ...ended, results };
}

const unknown = 'tls-unknown-issuer';

/** @param expected outcomes of a URL with the root a.pem, and of one with b.pem */
const trusts = test.macro(
  async (
    t,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    expected: readonly [a: string, b: string],
  ) => {
    const { cwd, urls } = await place(t);
    const inFolder = Object.entries(environment).map(([name, file]) => [name, `${cwd}/${file}`]);
    const { results, stderr, code } = await run(
      cwd,
      [urls.a, urls.b, urls.a],
      args,
      Object.fromEntries(inFolder) as Record<string, string>,
    );
    t.deepEqual(results, [...expected, expected[0]]);
    t.is(code, 0);
    t.notRegex(stderr, /SSL_CERT/);
  },
);

const system = { SSL_CERT_FILE: 'a.pem' };
const node = { NODE_EXTRA_CA_CERTS: 'b.pem' };

test("the system's certificates are trusted", trusts, [], system, ['200', unknown]);
test("those that Node trusts are trusted beside the system's", trusts, [], { ...system, ...node }, [
  '200',
  '200',
]);
test("--ca default does not trust the system's", trusts, ['--ca', 'default'], { ...system, ...node }, [
  unknown,
  '200',
]);
test('--ca system trusts no others', trusts, ['--ca', 'system'], { ...system, ...node }, ['200', unknown]);
test("--cacert adds to the system's and to Node's", trusts, ['--cacert', 'b.pem'], system, ['200', '200']);
test("--cacert adds to the system's", trusts, ['--ca', 'system', '--cacert', 'b.pem'], system, [
  '200',
  '200',
]);
test("--cacert adds to Node's", trusts, ['--ca', 'default', '--cacert', 'a.pem'], node, ['200', '200']);
test('--cacert alone does', trusts, ['--ca', 'default', '--cacert', 'a.pem'], {}, ['200', unknown]);
const shown = ['--columns', 'status,error,cert_days,cert_fault'];
test('they are trusted as well where certificates are shown', trusts, shown, { ...system, ...node }, [
  '200',
  '200',
]);
test('SSL_CERT_DIR names a folder of them', trusts, ['--ca', 'system'], { SSL_CERT_DIR: '' }, ['200', '200']);

test('an SSL_CERT_FILE that cannot be read is told of, once, and only when it is needed', async (t) => {
  const { cwd, urls } = await place(t);
  const environment = { SSL_CERT_FILE: `${cwd}/missing.pem` };
  const plain = await httpServer(t, (_, response) => response.end('ok'));
  const http = await run(cwd, [plain.url], [], environment);
  t.deepEqual(http.results, ['200']);
  t.notRegex(http.stderr, /SSL_CERT/);
  const { results, stderr, code } = await run(cwd, [urls.a, urls.b], [], environment);
  t.deepEqual(results, [unknown, unknown]);
  t.is(stderr.match(/SSL_CERT_FILE/g)?.length, 1);
  t.regex(stderr, /missing\.pem cannot be read: .*; going on with the certificates that Node trusts/);
  t.is(code, 0);
});

const useless = test.macro({
  exec: async (t, environment: Readonly<Record<string, string>>, words: RegExp) => {
    const cwd = await temporaryFolder(t, {
      'none.pem': 'nothing of the kind\n',
      'in.txt': 'http://127.0.0.1:9/\n',
    });
    const ended = await urlmill(['--ca', 'system', 'in.txt'], { cwd, environment });
    t.is(ended.code, 2);
    t.regex(ended.stderr, words);
    t.is(ended.stdout, '');
  },
  title: (what) => `--ca system ends the run where it has nothing to trust: ${what}`,
});

test(
  'no file',
  useless,
  { SSL_CERT_FILE: 'gone.pem' },
  /SSL_CERT_FILE: gone\.pem cannot be read: no such file/,
);
test('an empty one', useless, { SSL_CERT_FILE: 'none.pem' }, /SSL_CERT_FILE: none\.pem holds no certificate/);
test('no folder', useless, { SSL_CERT_DIR: 'gone' }, /SSL_CERT_DIR: gone cannot be read: no such file/);

test('a missing intermediate leads to a root of the system, unless --no-aia', async (t) => {
  const files = new Map<string, Buffer>();
  const from = await httpServer(t, ({ url }, response) => response.end(files.get(url)));
  const made = await chain({ issuerAt: [`${from.url}/i`] }, {}, {});
  files.set('/i', der(made.certs[1]));
  const server = await httpsServer(t, sends(made), (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'root.pem': made.certs[2] ?? '' });
  const environment = { SSL_CERT_FILE: `${cwd}/root.pem` };
  const url = `https://localhost:${server.port}/`;
  t.deepEqual((await run(cwd, [url], ['--no-aia'], environment)).results, [unknown]);
  t.deepEqual((await run(cwd, [url], [], { ...environment, URLMILL_AIA: 'false' })).results, [unknown]);
  t.is(from.requests.length, 0);
  t.deepEqual((await run(cwd, [url], [], environment)).results, ['200']);
  t.deepEqual((await run(cwd, [url], ['--ca', 'default'], environment)).results, [unknown]);
  t.regex(from.requests[0]?.headers['user-agent'] ?? '', /^urlmill\//);
});

test('another word than default and system is refused', async (t) => {
  const { code, stderr } = await urlmill(['--ca', 'mozilla', 'in.txt'], { cwd: await temporaryFolder(t) });
  t.is(code, 2);
  t.regex(stderr, /--ca: one of default, system is needed, got "mozilla"/);
});
