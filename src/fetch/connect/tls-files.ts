import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

import { optionFile } from '../../options/option-file.ts';
import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { UsageError, systemReason } from '../../shared/errors.ts';
import type { TlsClientOptions } from './tls-client.ts';

type TlsOptions = Pick<ValuesOf<typeof requestOptions>, 'insecure' | 'cacert' | 'cert' | 'key'>;

/** Reads PEM certificates. @throws UsageError when the file cannot be read, holds none, or a damaged one */
export function optionCertificates(label: string, path: string): string {
  const pem = optionFile(label, path).toString();
  const blocks = pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END[^-]*-----/g) ?? [];
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
 * What the options say of TLS, with the contents of the files that they name: plain data, so that each engine can make its
 * client of it.
 *
 * @throws UsageError when a file cannot be read, or the key does not belong to the certificate
 */
export function tlsOptions({ insecure, cacert, cert, key }: TlsOptions): TlsClientOptions {
  if (key !== undefined && cert === undefined)
    throw new UsageError('--key: there is no --cert that it belongs to');
  const ca = cacert === undefined ? null : optionCertificates('--cacert', cacert);
  if (cert === undefined) return { insecure, ca, cert: null, key: null };
  const certificate = optionCertificates('--cert', cert);
  const path = key ?? cert;
  const secret = optionFile(key === undefined ? '--cert' : '--key', path).toString();
  try {
    // With an empty key Node would silently send no certificate.
    if (secret === '') throw new Error('it is empty');
    tls.createSecureContext({ cert: certificate, key: secret });
    return { insecure, ca, cert: certificate, key: secret };
  } catch (error) {
    const locked = /ENCRYPTED/.test(secret) ? 'it is encrypted; a key without a passphrase is needed' : null;
    const reason = locked ?? systemReason(error).replace(/^error:[^:]*:/, '');
    throw new UsageError(`${key === undefined ? '--cert' : '--key'}: ${path} is no key that fits: ${reason}`);
  }
}
