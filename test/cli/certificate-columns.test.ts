import { X509Certificate } from 'node:crypto';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { certificates, selfSignedFor } from '../helpers/certificates.ts';
import type { Certificate } from '../helpers/certificates.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { fetchOne } from '../helpers/fetch.ts';
import { oddCertificate } from '../helpers/odd-certificates.ts';
import { httpServer, httpsServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const columns =
  'status,error,error_detail,tls_version,cert_subject,cert_issuer,cert_not_after,cert_days,cert_names,cert_fault';

type Cells = Record<string, string>;

/** Two rows of one server, one after the other; cells by name without the prefix. */
async function rowsOf(
  t: ExecutionContext,
  certificate: Certificate,
  args: readonly string[],
): Promise<readonly Cells[]> {
  // Without keep-alive, so that the second row gets a new connection.
  const server = await httpsServer(t, certificate, (_, response) => {
    response.setHeader('connection', 'close').end();
  });
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\n${server.url}/a\n${server.url}/b\n`,
    'ca.pem': (await certificates()).ca,
  });
  const always = ['-q', '-c', '1', '--ordered', '--retries', '0', '--columns', columns, 'in.csv'];
  const { code, stdout } = await urlmill([...args, ...always], { cwd });
  t.is(code, 0);
  const rows = csvObjects(stdout);
  t.is(rows.length, 2);
  return rows.map((cells) =>
    Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name.replace('fetch_', ''), cell])),
  );
}

test('a good certificate is shown on every row, whatever its connection or session', async (t) => {
  const { good } = await certificates();
  const { subject, issuer, validTo } = new X509Certificate(good.cert);
  for (const args of [
    ['--threads', '1'],
    ['--threads', '2'],
  ]) {
    for (const row of await rowsOf(t, good, ['--cacert', 'ca.pem', ...args])) {
      t.deepEqual(row, {
        url: row['url'] ?? '',
        status: '200',
        error: '',
        error_detail: '',
        tls_version: 'TLSv1.3',
        cert_subject: subject.split('\n').join(', '),
        cert_issuer: issuer.split('\n').join(', '),
        cert_not_after: new Date(validTo).toISOString(),
        cert_days: row['cert_days'] ?? '',
        cert_names: 'localhost 127.0.0.1 0:0:0:0:0:0:0:1 a.test b.test',
        cert_fault: '',
      });
      const days = (Date.parse(validTo) - Date.now()) / 86_400_000;
      t.true(Math.abs(Number(row['cert_days']) - days) <= 1, row['cert_days']);
    }
  }
});

const faults = {
  expired: 'tls-expired',
  notYetValid: 'tls-expired',
  wrongHost: 'tls-wrong-host',
  selfSigned: 'tls-self-signed',
  unknownIssuer: 'tls-unknown-issuer',
  selfSignedInChain: 'tls-self-signed',
} as const;

for (const [name, fault] of Object.entries(faults)) {
  test(`a certificate with a fault is shown, refused or accepted: ${name}`, async (t) => {
    const certificate = (await certificates())[name as keyof typeof faults];
    const { subject, validTo } = new X509Certificate(certificate.cert);
    const shown = {
      tls_version: 'TLSv1.3',
      cert_subject: subject.split('\n').join(', '),
      cert_not_after: new Date(validTo).toISOString(),
      cert_fault: fault,
    };
    for (const row of await rowsOf(t, certificate, ['--cacert', 'ca.pem'])) {
      t.like(row, { ...shown, status: '', error: fault });
    }
    for (const row of await rowsOf(t, certificate, ['--cacert', 'ca.pem', '--insecure'])) {
      t.like(row, { ...shown, status: '200', error: '' });
      t.is(Number(row['cert_days']) < 0, name === 'expired', row['cert_days']);
    }
  });
}

test('names that are not the usual ones do no harm', async (t) => {
  const several = await selfSignedFor(
    '/O=Some, odd=one/CN=a b',
    'DNS:a.test,IP:::1,email:me@a.test,DNS:*.b.test',
  );
  const [row] = await rowsOf(t, several, ['--insecure']);
  t.like(row, { cert_names: 'a.test 0:0:0:0:0:0:0:1 *.b.test', cert_fault: 'tls-self-signed' });
  const none = await selfSignedFor('/CN=a.test', '');
  t.like((await rowsOf(t, none, ['--insecure']))[0], { cert_names: '', cert_subject: 'CN=a.test' });
  const unreadable = await oddCertificate('unreadableNames');
  const [odd] = await rowsOf(t, unreadable, ['--insecure']);
  t.like(odd, { status: '200', error: '', cert_names: '' });
});

test('without TLS there is no certificate, nor where it was not asked for', async (t) => {
  const plain = await httpServer(t, (_, response) => response.end());
  t.is((await fetchOne(plain.url, { certificates: true })).trace.certificate, null);
  const server = await httpsServer(t, (await certificates()).good, (_, response) => response.end());
  t.is((await fetchOne(server.url, { insecure: true })).trace.certificate, null);
  const { trace } = await fetchOne(server.url, { insecure: true, certificates: true });
  t.like(trace.certificate, { tlsVersion: 'TLSv1.3', fault: 'tls-unknown-issuer' });
  const closed = await fetchOne('https://localhost:1/', { certificates: true });
  t.is(closed.trace.certificate, null);
});
