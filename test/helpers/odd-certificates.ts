import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Certificate } from './certificates.ts';

/** A certificate for localhost with one oddity, and the authority that would make it trusted. */
export interface OddCertificate extends Certificate {
  /** PEM */
  readonly ca: string;
}

const names = 'subjectAltName=DNS:localhost';
const many = Array.from({ length: 3000 }, (_, i) => `DNS:host${i}.example`).join(',');

/** openssl arguments for self-signed certificates. */
const alone = {
  criticalExtension: ['-addext', names, '-addext', '1.2.3.4=critical,DER:05:00'],
  shortKey: ['-newkey', 'rsa:1024', '-addext', names],
  md5: ['-md5', '-addext', names],
  sha1: ['-sha1', '-addext', names],
  forClients: ['-addext', names, '-addext', 'extendedKeyUsage=clientAuth'],
  forSigning: ['-addext', names, '-addext', 'keyUsage=critical,keyCertSign'],
  manyNames: ['-addext', `${names},${many}`],
  // A dNSName "local\\0host."
  nulInName: ['-addext', 'subjectAltName=DER:30:0d:82:0b:6c:6f:63:61:6c:00:68:6f:73:74:2e'],
  // An octet string where a sequence is required.
  unreadableNames: ['-addext', 'subjectAltName=DER:04:03:01:02:03'],
} as const;

/** openssl configuration of authorities that must not sign for localhost. */
const authorities = {
  signedOutsideItsNames:
    '[top]\nbasicConstraints=critical,CA:TRUE\nnameConstraints=critical,permitted;DNS:other.example\n',
  signedByNoAuthority: '[top]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n',
} as const;

export type OddName = keyof typeof alone | keyof typeof authorities | 'unreadableEnd';

const run = promisify(execFile);
const newKey = ['-newkey', 'rsa:2048', '-nodes', '-config', 'openssl.cnf'];

/** Makes the certificate with openssl in a temporary folder. */
export async function oddCertificate(name: OddName): Promise<OddCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'urlmill-certificates-'));
  const openssl = async (...args: readonly string[]): Promise<unknown> =>
    run('openssl', args, { cwd: folder });
  const read = async (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
  const configuration = name in authorities ? authorities[name as keyof typeof authorities] : '';
  try {
    await writeFile(join(folder, 'openssl.cnf'), `[req]\ndistinguished_name=name\n[name]\n${configuration}`);
    const said =
      name === 'unreadableEnd'
        ? alone.sha1
        : name in alone
          ? alone[name as keyof typeof alone]
          : ['-extensions', 'top'];
    await openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'a.key',
      '-out',
      'a.pem',
      '-subj',
      '/CN=a',
      '-days',
      '2',
      ...said,
    );
    const ca = await read('a.pem');
    if (name === 'unreadableEnd') return { key: await read('a.key'), cert: withoutMonth(ca), ca };
    if (name in alone) return { key: await read('a.key'), cert: ca, ca };
    await writeFile(join(folder, 'names'), `${names}\n`);
    await openssl('req', ...newKey, '-keyout', 'b.key', '-out', 'b.csr', '-subj', '/CN=b');
    const signer = ['-CA', 'a.pem', '-CAkey', 'a.key', '-CAcreateserial', '-days', '2'];
    await openssl('x509', '-req', '-in', 'b.csr', ...signer, '-extfile', 'names', '-out', 'b.pem');
    return { key: await read('b.key'), cert: await read('b.pem'), ca };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The certificate with 99 as the month of its expiry date. */
function withoutMonth(pem: string): string {
  const der = Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64');
  const utcTime = Buffer.from([0x17, 0x0d]);
  const end = der.indexOf(utcTime, der.indexOf(utcTime) + 2);
  der.write('99', end + 4, 'latin1');
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
