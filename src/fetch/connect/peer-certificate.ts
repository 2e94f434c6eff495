import { X509Certificate } from 'node:crypto';

import type { Certificate } from '../../shared/certificate.ts';

/** The certificate that a server has shown in a TLS handshake, and what is wrong with it. */
export interface Peer extends Omit<Certificate, 'fault'> {
  /** The code of what OpenSSL or Node have against it; empty: nothing. */
  readonly verdict: string;
}

/** The fields that may be missing. Versions of Node differ in whether they are null or undefined then. */
type Shown = { readonly [K in 'subject' | 'issuer' | 'validTo' | 'subjectAltName']?: string | null };

/**
 * Reads the certificate of a socket whose handshake has ended, well or not.
 *
 * @param verdict the code of what is wrong with it; empty: nothing
 * @returns null when none has come, or Node cannot read it
 */
export function peerOf(certificate: X509Certificate, tlsVersion: string, verdict: string): Peer | null {
  try {
    const { subject, issuer, validTo, subjectAltName } = certificate as Shown;
    // Names that OpenSSL cannot read leave an error behind, at which the socket's next use would fail. Parsing
    // the certificate again clears it.
    if (subjectAltName === undefined || subjectAltName === null) void new X509Certificate(certificate.raw);
    const end = Date.parse(validTo ?? '');
    return {
      tlsVersion,
      subject: oneLine(subject),
      issuer: oneLine(issuer),
      notAfter: Number.isNaN(end) ? null : end,
      names: namesIn(subjectAltName ?? ''),
      verdict,
    };
  } catch {
    return null;
  }
}

/** Node puts each attribute on a line of its own. */
function oneLine(name?: string | null): string {
  return (name ?? '').split('\n').join(', ');
}

/** Names and addresses of `DNS:a.example, IP Address:1.2.3.4, DNS:"odd, name"`; a server can have thousands of them. */
function namesIn(subjectAltName: string): string[] {
  const parts = subjectAltName.matchAll(/(?:^|, )(DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...parts].map(([, , name = '']) => name);
}
