import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { UsageError, systemReason } from '../../shared/errors.ts';
import { checkHeader } from '../../options/checks.ts';
import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { homepage, version } from '../../shared/version.ts';
import type { RequestSettings } from './request.ts';
import { TlsClient } from '../connect/tls-client.ts';

type RequestOptions = ValuesOf<typeof requestOptions>;

/**
 * What the options say of every request, with the files that they name.
 *
 * @throws UsageError when a file cannot be read, a header in it is none, or two options contradict each other
 */
export function requestSettings(options: RequestOptions): RequestSettings {
  if (options.data !== undefined && options.dataFile !== undefined) {
    throw new UsageError('--data and --data-file cannot both be the body of a request');
  }
  const headers = options.header.flatMap(headerLines).map(splitHeader);
  if (headers.filter(([name]) => /^host$/i.test(name)).length > 1) {
    throw new UsageError('--header: a request has one Host header only');
  }
  const data =
    options.dataFile === undefined ? (options.data ?? null) : optionFile('--data-file', options.dataFile);
  return {
    method: options.method?.toUpperCase() ?? (data === null ? 'GET' : 'POST'),
    headers,
    userAgent: options.userAgent ?? `urlmill/${version} (+${homepage})`,
    data,
  };
}

/** @throws UsageError when it cannot be read */
export function optionFile(label: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${label}: ${path} cannot be read: ${systemReason(error)}`);
  }
}

/** PEM certificates. @throws UsageError when the file cannot be read or holds none */
export function optionCertificates(label: string, path: string): string {
  const pem = optionFile(label, path).toString();
  const blocks = pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END[^-]*-----/g) ?? [];
  try {
    // Each is read, as one that is damaged would be left out without a word.
    for (const block of blocks) void new X509Certificate(block);
    if (blocks.length > 0) return pem;
  } catch {
    // Said below.
  }
  throw new UsageError(`${label}: ${path} holds no certificate (PEM)`);
}

/**
 * What the options say of TLS, with the files that they name.
 *
 * @throws UsageError when a file cannot be read, or key and certificate do not fit
 */
export function tlsClient({ insecure, cacert, cert, key }: RequestOptions): TlsClient {
  if (key !== undefined && cert === undefined)
    throw new UsageError('--key: there is no --cert that it belongs to');
  const ca = cacert === undefined ? null : optionCertificates('--cacert', cacert);
  if (cert === undefined) return new TlsClient({ insecure, ca, cert: null, key: null });
  const certificate = optionCertificates('--cert', cert);
  const path = key ?? cert;
  const secret = optionFile(key === undefined ? '--cert' : '--key', path).toString();
  try {
    // Node would go on without the certificate.
    if (secret === '') throw new Error('it is empty');
    return new TlsClient({ insecure, ca, cert: certificate, key: secret });
  } catch (error) {
    const locked = /ENCRYPTED/.test(secret) ? 'it is encrypted; a key without a passphrase is needed' : null;
    const reason = locked ?? systemReason(error).replace(/^error:[^:]*:/, '');
    throw new UsageError(`${key === undefined ? '--cert' : '--key'}: ${path} is no key that fits: ${reason}`);
  }
}

function headerLines(said: string): string[] {
  if (!said.startsWith('@')) return [said];
  const path = said.slice(1);
  const lines = optionFile('--header', path).toString().split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    try {
      if (line.startsWith('@')) throw new RangeError('a header "Name: value" is needed');
      checkHeader(line);
    } catch (error) {
      if (error instanceof RangeError)
        throw new UsageError(`--header: ${path}: line ${index + 1}: ${error.message}`);
      throw error;
    }
    return [line];
  });
}

function splitHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
