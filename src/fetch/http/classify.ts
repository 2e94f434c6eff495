import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

import { errorCode } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/failures.ts';
import { homepage } from '../../shared/version.ts';
import { ConnectError, HandshakeError } from '../connect/shape.ts';
import { NameError } from '../names/error.ts';

/** How far an exchange had come. */
export type Phase = 'connect' | 'headers' | 'body';

/** The code of a deadline that passes in this phase. */
export const timeoutIn: Readonly<Record<Phase, FailureCode>> = {
  connect: 'connect-timeout',
  headers: 'headers-timeout',
  body: 'body-timeout',
};

/** Where an error comes from. */
type Step = Phase | 'tls';

const byCode = new Map<string, FailureCode>([
  ['ECONNREFUSED', 'connect-refused'],
  ['CERT_HAS_EXPIRED', 'tls-expired'],
  ['CERT_NOT_YET_VALID', 'tls-expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-self-signed'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls-unknown-issuer'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls-unknown-issuer'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-unknown-issuer'],
  ['CERT_UNTRUSTED', 'tls-unknown-issuer'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-wrong-host'],
]);

/**
 * X.509 verification results that Node passes on by OpenSSL's names (UNSPECIFIED are all those that it has no name
 * for), and its own TLS errors.
 */
const tlsCode =
  /^(?:CERT_|CRL_|ERR_OSSL_|ERR_SSL_|ERR_TLS_|ERROR_IN_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH|UNABLE_TO_|UNSPECIFIED$)/;

/** The failure code of an error that is not known here: whatever a server does must fail its row, not the run. */
const unknown: Readonly<Record<Step, FailureCode>> = {
  connect: 'connect-unreachable',
  tls: 'tls-handshake',
  headers: 'http-malformed',
  body: 'http-truncated',
};

/** The failure code for what a connection ended with. */
export function classify(error: Error, phase: Phase): FailureCode {
  return knownFailure(error, phase) ?? unknown[error instanceof HandshakeError ? 'tls' : phase];
}

/** The failure code for what OpenSSL or Node have against a certificate; null: nothing. */
export function certificateFault(verdict: string): FailureCode | null {
  return verdict === '' ? null : (byCode.get(verdict) ?? 'tls-handshake');
}

/**
 * As `classify`, but null for an error that is not known here, which `classify` judges by its phase alone.
 */
export function knownFailure(error: Error, phase: Step): FailureCode | null {
  if (error instanceof HandshakeError) return knownFailure(error.cause, 'tls');
  if (error instanceof ConnectError || error instanceof NameError) return error.failure;
  const code = errorCode(error);
  const known = byCode.get(code);
  if (known !== undefined) return known;
  if (tlsCode.test(code)) return phase === 'body' ? 'http-truncated' : 'tls-handshake';
  switch (code) {
    case 'ETIMEDOUT':
      // In the other phases it means that the system gave up sending.
      if (phase === 'connect' || phase === 'tls') return 'connect-timeout';
      return phase === 'body' ? 'http-truncated' : 'http-closed';
    case 'ECONNRESET':
    case 'EPIPE':
      return phase === 'body' ? 'http-truncated' : 'connect-reset';
    default:
  }
  if (!/^E[A-Z0-9]+$/.test(code)) return null;
  if (phase === 'body') return 'http-truncated';
  return phase === 'headers' ? 'http-closed' : 'connect-unreachable';
}

/**
 * OpenSSL's `4067F0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/…/ssl3_record.c:355:`.
 * It is searched for at the first of several digits only: a name in a certificate may be 100,000 of them.
 */
const openssl = /(?<![\dA-F])[\dA-F]+:error:[\dA-F]*:[^:\n]*:[^:\n]*:([^:\n]*)(?::[^\n]*)?/gi;

/** The message of an error for the user: one line, without details of how this Node was built. */
export function wordsOf(error: Error): string {
  const words = error.message.replaceAll(openssl, '$1').replaceAll(/\s+/g, ' ').trim();
  return words || errorCode(error) || error.name;
}

/** The notice that asks users to report an error that is not known here. */
export function unknownWords(error: Error, origin: string): string {
  const cause = error instanceof HandshakeError ? error.cause : error;
  const words = [...new Set([errorCode(cause) || cause.name, wordsOf(cause)])].join(': ');
  return `${origin}: urlmill does not know the error that a request ended with (${words}); only its row has failed, but please report it: ${homepage}`;
}

/** The system, not the server, is at its limit: open files, local ports, buffers. */
const starvation = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Whether a connection could not be opened because this machine is out of files, ports or memory. */
export function isStarved(
  error: Error,
  phase: Phase,
  interfaces: () => ReturnType<typeof networkInterfaces> = networkInterfaces,
): boolean {
  if (phase !== 'connect' || !('code' in error) || !starvation.has(String(error.code))) return false;
  // Where IPv6 is switched off, as often in containers, an IPv6 address always fails so: waiting does not help.
  const isIPv6Address = 'address' in error && isIPv6(String(error.address));
  if (error.code !== 'EADDRNOTAVAIL' || !isIPv6Address) return true;
  return Object.values(interfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'));
}
