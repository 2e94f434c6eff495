import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

import { optionFile } from '../../options/option-file.ts';
import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { UsageError, systemReason } from '../../shared/errors.ts';
import { pemCertificates } from './pem.ts';
import { TlsClient } from './tls-client.ts';
import type { TlsClientOptions } from './tls-client.ts';
import { TrustedRoots } from './trusted-roots.ts';
import type { TrustOptions } from './trusted-roots.ts';

type TlsOptions = Pick<ValuesOf<typeof requestOptions>, 'insecure' | 'ca' | 'cacert' | 'cert' | 'key'>;

/** The options of a TLS client: plain data, so that each engine can make its own client. */
export interface TlsSetup
  extends Pick<TlsClientOptions, 'insecure' | 'cert' | 'key'>, Pick<TrustOptions, 'ca' | 'added'> {}

/** Makes the TLS client of an engine from options whose files have been read. */
export function tlsClient(
  { insecure, ca, added, cert, key }: TlsSetup,
  {
    readsPeers,
    ...surroundings
  }: Pick<TrustOptions, 'environment' | 'notice'> & Pick<TlsClientOptions, 'readsPeers'>,
): TlsClient {
  const roots = new TrustedRoots({ ca, added, ...surroundings });
  return new TlsClient({ insecure, readsPeers, roots, issuers: null, cert, key });
}

/** Reads PEM certificates. @throws UsageError when the file cannot be read, holds none, or a damaged one */
export function optionCertificates(label: string, path: string): string {
  const pem = optionFile(label, path).toString();
  const blocks = pemCertificates(pem);
  try {
    // Parses each one, as Node would silently skip a damaged one.
    for (const block of blocks) void new X509Certificate(block);
    if (blocks.length > 0) return pem;
  } catch {
    // Reported below.
  }
  throw new UsageError(`${label}: ${path} holds no certificate (PEM)`);
}

/**
 * The TLS options with the contents of the files that they name.
 *
 * @throws UsageError when a file cannot be read, the system has no certificates to trust, or the key does not belong to
 *   the certificate
 */
export function tlsSetup(
  { insecure, ca, cacert, cert, key }: TlsOptions,
  environment: TrustOptions['environment'],
): TlsSetup {
  if (key !== undefined && cert === undefined)
    throw new UsageError('--key: there is no --cert that it belongs to');
  const added = cacert === undefined ? null : optionCertificates('--cacert', cacert);
  // Made only to throw before the first request, when `--ca system` finds no certificates.
  void new TrustedRoots({ ca, added, environment, notice: () => {} });
  const shared = { insecure, ca, added };
  if (cert === undefined) return { ...shared, cert: null, key: null };
  const certificate = optionCertificates('--cert', cert);
  const path = key ?? cert;
  const secret = optionFile(key === undefined ? '--cert' : '--key', path).toString();
  try {
    // With an empty key Node would silently send no certificate.
    if (secret === '') throw new Error('it is empty');
    tls.createSecureContext({ cert: certificate, key: secret });
    return { ...shared, cert: certificate, key: secret };
  } catch (error) {
    const locked = /ENCRYPTED/.test(secret) ? 'it is encrypted; a key without a passphrase is needed' : null;
    const reason = locked ?? systemReason(error).replace(/^error:[^:]*:/, '');
    throw new UsageError(`${key === undefined ? '--cert' : '--key'}: ${path} is no key that fits: ${reason}`);
  }
}
