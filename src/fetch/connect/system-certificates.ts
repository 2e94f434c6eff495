import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

import { UsageError, systemReason } from '../../shared/errors.ts';
import { pemCertificates } from './pem.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where systems keep the certificates that they trust in one file; the first that exists is read, as by Go's crypto/x509. */
const files = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Gentoo, Arch
  '/etc/pki/tls/certs/ca-bundle.crt', // Fedora, RHEL 6
  '/etc/ssl/ca-bundle.pem', // openSUSE
  '/etc/pki/tls/cacert.pem', // OpenELEC
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // RHEL 7 and later
  '/usr/local/etc/ssl/cert.pem', // FreeBSD
  '/etc/ssl/cert.pem', // Alpine, OpenBSD
  '/usr/local/share/certs/ca-root-nss.crt', // DragonFly
  '/etc/openssl/certs/ca-certificates.crt', // NetBSD
  '/etc/certs/ca-certificates.crt', // Solaris
  '/var/ssl/certs/ca-bundle.crt', // AIX
];

interface Certificates {
  /** Only from Node 22.15 on. */
  readonly getCACertificates?: (type: 'default' | 'system') => readonly string[];
}

const { getCACertificates } = tls as Certificates;

/**
 * The root certificates of this system (PEM, one each): those of SSL_CERT_FILE and SSL_CERT_DIR if one of them is set; else
 * on macOS and Windows those that Node reads, from 22.15 on; else those in the file where the system keeps them.
 *
 * @returns none where they are not found
 * @throws UsageError when what a variable names cannot be read, or holds no certificate
 */
export function systemCertificates(environment: Environment): readonly string[] {
  const file = environment['SSL_CERT_FILE'] || null;
  const folders = environment['SSL_CERT_DIR'] || null;
  if (file !== null || folders !== null) {
    return [
      ...(file === null ? [] : named('SSL_CERT_FILE', file, () => fileText(file))),
      ...(folders === null ? [] : named('SSL_CERT_DIR', folders, () => textOfFolders(folders))),
    ];
  }
  if (process.platform === 'darwin' || process.platform === 'win32')
    return getCACertificates?.('system') ?? [];
  return pemCertificates(files.map(textIfAny).find((text) => text !== '') ?? '');
}

/** The root certificates that this Node trusts by itself, NODE_EXTRA_CA_CERTS included (PEM, one each). */
export function nodeCertificates(environment: Environment): readonly string[] {
  if (getCACertificates !== undefined) return getCACertificates('default');
  return [...tls.rootCertificates, ...pemCertificates(textIfAny(environment['NODE_EXTRA_CA_CERTS'] ?? ''))];
}

function named(variable: string, value: string, read: () => string): readonly string[] {
  let text: string;
  try {
    text = read();
  } catch (error) {
    throw new UsageError(`${variable}: ${value} cannot be read: ${systemReason(error)}`);
  }
  const certificates = pemCertificates(text);
  if (certificates.length === 0) throw new UsageError(`${variable}: ${value} holds no certificate (PEM)`);
  return certificates;
}

function fileText(path: string): string {
  return readFileSync(path, 'latin1');
}

/** The text of all files in these folders, which are separated as in PATH. */
function textOfFolders(folders: string): string {
  const separator = process.platform === 'win32' ? ';' : ':';
  const names = folders.split(separator).filter((folder) => folder !== '');
  return names
    .flatMap((folder) => readdirSync(folder).map((name) => textIfAny(join(folder, name))))
    .join('\n');
}

/** Empty when it cannot be read. */
function textIfAny(path: string): string {
  try {
    return path === '' ? '' : fileText(path);
  } catch {
    return '';
  }
}
