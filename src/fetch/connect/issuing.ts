import type { X509Certificate } from 'node:crypto';

/**
 * Whether a certificate is signed by another one that is valid now and, as far as Node tells, may sign
 * certificates. All else, such as constraints on names and lengths, is left to OpenSSL's check of the chain.
 */
export function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && isValidNow(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that OpenSSL does not know.
    return false;
  }
}

export function isSelfIssued(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate);
}

function isValidNow({ validFrom, validTo }: X509Certificate): boolean {
  const now = Date.now();
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}
