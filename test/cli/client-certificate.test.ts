import { execFile } from 'node:child_process';
import https from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const run = promisify(execFile);

/**
 * A server that answers only clients with a certificate of the trusted authority; and a folder with
 * certificates.
 */
async function surroundings(t: ExecutionContext): Promise<{ cwd: string; seen: string[] }> {
  const { good, ca, expired, selfSigned, unknownIssuer } = await certificates();
  const seen: string[] = [];
  const server = https.createServer(
    { ...good, ca, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      seen.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
      response.end('ok');
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const cwd = await temporaryFolder(t, {
    'in.txt': `https://localhost:${port}/\n`,
    'ca.pem': ca,
    'cert.pem': good.cert,
    'key.pem': good.key,
    'both.pem': good.cert + good.key,
    'chain.pem': good.cert + ca,
    'other.pem': unknownIssuer.cert + unknownIssuer.key,
    'other-key.pem': selfSigned.key,
    'old.pem': expired.cert + expired.key,
    'damaged.pem': good.key.replace(/\n.{20}/, '\n'),
    'empty.pem': '',
    'text.pem': 'c4n4ry\n',
  });
  return { cwd, seen };
}

const command = [
  '-q',
  '--retries',
  '0',
  '--cacert',
  'ca.pem',
  '--columns',
  'status,error,error_detail',
  'in.txt',
];

test('a client certificate is shown to a server that asks for it', async (t) => {
  const { cwd, seen } = await surroundings(t);
  for (const args of [
    ['--cert', 'cert.pem', '--key', 'key.pem'],
    ['--cert', 'both.pem'],
    ['--cert', 'chain.pem', '--key', 'key.pem'],
  ]) {
    const { stdout, stderr, code } = await urlmill([...args, ...command], { cwd });
    t.is(csvObjects(stdout)[0]?.['fetch_status'], '200', stdout + stderr);
    t.is(code, 0);
    t.is(stderr, '');
  }
  t.deepEqual(seen, ['good', 'good', 'good']);
});

test('without one, or with one that the server does not trust, the row fails with a reason', async (t) => {
  const { cwd, seen } = await surroundings(t);
  for (const args of [[], ['--cert', 'other.pem'], ['--cert', 'old.pem']]) {
    const { stdout, code } = await urlmill([...args, ...command], { cwd });
    const [row] = csvObjects(stdout);
    t.is(row?.['fetch_status'], '');
    // Node's server accepts the handshake and then closes the connection; others send an alert.
    t.regex(row?.['fetch_error'] ?? '', /^(?:http-closed|connect-reset|tls-handshake)$/);
    t.not(row?.['fetch_error_detail'], '');
    t.is(code, 0);
  }
  t.deepEqual(seen, []);
});

const refused = test.macro({
  exec: async (t, args: readonly string[], words: RegExp) => {
    const { cwd, seen } = await surroundings(t);
    await run(
      'openssl',
      ['ec', '-aes128', '-in', 'key.pem', '-passout', 'pass:c4n4ry', '-out', 'old-locked.pem'],
      { cwd },
    );
    await run(
      'openssl',
      ['pkcs8', '-topk8', '-in', 'key.pem', '-passout', 'pass:c4n4ry', '-out', 'locked.pem'],
      { cwd },
    );
    await run('openssl', ['x509', '-in', 'cert.pem', '-outform', 'der', '-out', 'cert.der'], { cwd });
    const { stdout, stderr, code } = await urlmill([...command, ...args], { cwd });
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, words);
    t.regex(stderr, /^urlmill: [^\n]+\n$/);
    t.notRegex(stderr, /c4n4ry|BEGIN|node:|error:\d/);
    t.deepEqual(seen, []);
  },
  title: (name) => `refused before any request: ${name}`,
});

test(
  'a key of another certificate',
  refused,
  ['--cert', 'cert.pem', '--key', 'other-key.pem'],
  /--key: other-key\.pem/,
);
test('an encrypted key', refused, ['--cert', 'cert.pem', '--key', 'locked.pem'], /locked\.pem .* encrypted/);
test(
  'an encrypted key of old',
  refused,
  ['--cert', 'cert.pem', '--key', 'old-locked.pem'],
  /old-locked\.pem .* encrypted/,
);
test('a key without a certificate', refused, ['--key', 'key.pem'], /--key: there is no --cert/);
test('a certificate without a key', refused, ['--cert', 'cert.pem'], /--cert: cert\.pem is no key/);
test('a certificate that is a key', refused, ['--cert', 'key.pem'], /--cert: key\.pem holds no certificate/);
test(
  'a certificate that is not PEM',
  refused,
  ['--cert', 'cert.der', '--key', 'key.pem'],
  /cert\.der holds no certificate/,
);
test(
  'a damaged key',
  refused,
  ['--cert', 'cert.pem', '--key', 'damaged.pem'],
  /--key: damaged\.pem is no key/,
);
test(
  'a key that is text',
  refused,
  ['--cert', 'cert.pem', '--key', 'text.pem'],
  /--key: text\.pem is no key/,
);
test('an empty key', refused, ['--cert', 'cert.pem', '--key', 'empty.pem'], /--key: empty\.pem is no key/);
test(
  'a key that is not there',
  refused,
  ['--cert', 'cert.pem', '--key', 'none.pem'],
  /--key: none\.pem cannot be read/,
);
test(
  'authorities that are none',
  refused,
  ['--cacert', 'empty.pem'],
  /--cacert: empty\.pem holds no certificate/,
);

test('a key of the environment is used, and nothing of it shown', async (t) => {
  const { cwd } = await surroundings(t);
  const environment = { URLMILL_CERT: join(cwd, 'cert.pem'), URLMILL_KEY: join(cwd, 'key.pem') };
  const { stdout, stderr } = await urlmill(command, { cwd, environment });
  t.is(csvObjects(stdout)[0]?.['fetch_status'], '200');
  t.is(stderr, '');
});
