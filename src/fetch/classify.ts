import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

import type { FailureCode } from '../failures.ts';
import { ConnectError } from './connect.ts';
import { NameError } from './name-error.ts';

/** How far an exchange had come. */
export type Phase = 'connect' | 'headers' | 'body';

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
  ['UND_ERR_HEADERS_OVERFLOW', 'headers-too-large'],
]);

/** X.509 verification results that Node passes on by OpenSSL's names, and its own TLS errors. */
const tlsCode =
  /^(?:CERT_|CRL_|ERR_SSL_|ERR_TLS_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH|UNABLE_TO_)/;

/**
 * The failure code for what a connection or undici ended with; null for what is no fault of the network, a bug.
 */
export function classify(error: Error, phase: Phase): FailureCode | null {
  if (error instanceof ConnectError || error instanceof NameError) return error.failure;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = byCode.get(code);
  if (known !== undefined) return known;
  if (error.name === 'HTTPParserError')
    return phase === 'body' && /EOF/.test(error.message) ? 'http-truncated' : 'http-malformed';
  if (tlsCode.test(code)) return 'tls-handshake';
  switch (code) {
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      // Before the body: two lengths that contradict each other. Within it: fewer bytes than announced.
      return phase === 'body' ? 'http-truncated' : 'http-malformed';
    case 'UND_ERR_SOCKET':
      if (/^bad (?:response|upgrade)/.test(error.message)) return 'http-malformed';
      return phase === 'body' ? 'http-truncated' : 'http-closed';
    case 'ETIMEDOUT':
      // Later it is the system that gives up sending.
      if (phase === 'connect') return 'connect-timeout';
      return phase === 'body' ? 'http-truncated' : 'http-closed';
    case 'ECONNRESET':
    case 'EPIPE':
      return phase === 'body' ? 'http-truncated' : 'connect-reset';
    default:
  }
  if (!/^E[A-Z0-9]+$/.test(code)) return null;
  return phase === 'connect' ? 'connect-unreachable' : phase === 'body' ? 'http-truncated' : 'http-closed';
}

/** The system, not the server, is at its limit: open files, local ports, buffers. */
const starvation = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Whether a connection could not be opened because this machine has no more to give. */
export function isStarved(
  error: Error,
  phase: Phase,
  interfaces: () => ReturnType<typeof networkInterfaces> = networkInterfaces,
): boolean {
  if (phase !== 'connect' || !('code' in error) || !starvation.has(String(error.code))) return false;
  // Where IPv6 is switched off (in containers it often is) no address of it is to be had, now or later.
  const isIPv6Address = 'address' in error && isIPv6(String(error.address));
  if (error.code !== 'EADDRNOTAVAIL' || !isIPv6Address) return true;
  return Object.values(interfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'));
}
