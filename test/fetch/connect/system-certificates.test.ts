import { X509Certificate } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import tls from 'node:tls';

import test from 'ava';

import { UsageError } from '../../../src/shared/errors.ts';
import { nodeCertificates, systemCertificates } from '../../../src/fetch/connect/system-certificates.ts';
import { TrustedRoots } from '../../../src/fetch/connect/trusted-roots.ts';
import { chain } from '../../helpers/chains.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const plain = (pem: string | undefined): string => (pem ?? '').trim();

test('SSL_CERT_FILE names the file', async (t) => {
  const { certs, key } = await chain({}, {});
  const folder = await temporaryFolder(t, { 'all.pem': `# two of them\n${certs[0]}\n${key}${certs[1]}` });
  t.deepEqual(systemCertificates({ SSL_CERT_FILE: `${folder}/all.pem` }), certs.map(plain));
});

test('SSL_CERT_DIR names folders, in which names and links do not matter', async (t) => {
  const { certs, key } = await chain({}, {}, {});
  const first = await temporaryFolder(t, { 'a.crt': certs[0] ?? '', 'b.key': key, readme: 'no certificate' });
  const second = await temporaryFolder(t, { 'b.pem': certs[1] ?? '' });
  await symlink(`${second}/b.pem`, `${first}/deadbeef.0`);
  await symlink(`${second}/gone.pem`, `${first}/deadbeef.1`);
  const file = await temporaryFolder(t, { 'c.pem': certs[2] ?? '' });
  t.deepEqual(systemCertificates({ SSL_CERT_DIR: first }), [certs[0], certs[1]].map(plain));
  t.deepEqual(
    systemCertificates({ SSL_CERT_DIR: `${second}::${first}`, SSL_CERT_FILE: `${file}/c.pem` }),
    [certs[2], certs[1], certs[0], certs[1]].map(plain),
  );
});

test('an empty variable is none', (t) => {
  t.deepEqual(systemCertificates({ SSL_CERT_FILE: '', SSL_CERT_DIR: '' }), systemCertificates({}));
});

test('what a variable names must be there, and hold a certificate', async (t) => {
  const folder = await temporaryFolder(t, { 'none.pem': 'no certificate' });
  for (const [environment, message] of [
    [{ SSL_CERT_FILE: 'no/such.pem' }, /^SSL_CERT_FILE: no\/such\.pem cannot be read: no such file/],
    [{ SSL_CERT_FILE: `${folder}/none.pem` }, /^SSL_CERT_FILE: .*none\.pem holds no certificate \(PEM\)$/],
    [{ SSL_CERT_DIR: `${folder}:no/such` }, /^SSL_CERT_DIR: .*:no\/such cannot be read: no such file/],
    [{ SSL_CERT_DIR: folder }, /^SSL_CERT_DIR: .* holds no certificate \(PEM\)$/],
  ] as const) {
    t.throws(() => systemCertificates(environment), { instanceOf: UsageError, message });
  }
});

test('the certificates that Node trusts are those that it brings along', (t) => {
  const all = new Set(nodeCertificates({}).map(plain));
  t.true(tls.rootCertificates.every((pem) => all.has(plain(pem))));
});

const none = { environment: {}, added: null, notice: () => {} };

function rootsOf(...added: readonly (string | undefined)[]): TrustedRoots {
  return new TrustedRoots({ ...none, ca: 'default', added: added.join('') });
}

test('all roots are those of both stores and the added ones, each once', async (t) => {
  const { certs } = await chain({}, {});
  const folder = await temporaryFolder(t, { 'a.pem': `${certs[1]}\n${tls.rootCertificates[0]}` });
  const environment = { SSL_CERT_FILE: `${folder}/a.pem` };
  const counts = ([undefined, 'default', 'system'] as const).map(
    (ca) => new TrustedRoots({ ...none, ca, environment, added: certs[1] ?? '' }).all.length,
  );
  const node = new Set(nodeCertificates({}).map((pem) => pem.replaceAll(/\s/g, ''))).size;
  t.deepEqual(counts, [node + 1, node + 1, 2]);
});

test('the issuer of a certificate is found by its name and its signature', async (t) => {
  const { certs } = await chain({}, { name: 'root' });
  const other = await chain({}, { name: 'root' });
  const server = new X509Certificate(certs[0] ?? '');
  t.is(
    rootsOf(other.certs[1], certs[1]).issuerOf(server)?.fingerprint,
    new X509Certificate(certs[1] ?? '').fingerprint,
  );
  t.is(rootsOf(other.certs[1]).issuerOf(server), null);
});

test('a root that has expired is the issuer of nothing', async (t) => {
  const { certs } = await chain({}, { expired: 1 });
  t.is(rootsOf(certs[1]).issuerOf(new X509Certificate(certs[0] ?? '')), null);
});

test('a damaged root of the system is passed over', async (t) => {
  const { certs } = await chain({}, { name: 'root' });
  const root = new X509Certificate(certs[1] ?? '');
  const damaged = Buffer.from(root.raw);
  // The tag of its first date, behind the head of the list of two. Two bytes alone may stand in the serial number as well.
  const dates = damaged.indexOf(Buffer.of(0x30, 30, 0x17, 13));
  t.true(dates > 0);
  damaged[dates + 2] = 4;
  t.throws(() => new X509Certificate(damaged));
  const pem = `-----BEGIN CERTIFICATE-----\n${damaged.toString('base64')}\n-----END CERTIFICATE-----\n`;
  const folder = await temporaryFolder(t, { 'all.pem': `${pem}${certs[1]}` });
  const roots = new TrustedRoots({
    ...none,
    ca: 'system',
    environment: { SSL_CERT_FILE: `${folder}/all.pem` },
  });
  t.is(roots.issuerOf(new X509Certificate(certs[0] ?? ''))?.fingerprint, root.fingerprint);
});
