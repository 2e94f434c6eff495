import type { FailureCode } from '../../shared/failures.ts';

/** Why a name has no address. Plain data and not an Error, as thousands of them may be cached. */
export interface NameTrouble {
  readonly failure: Extract<FailureCode, 'dns-not-found' | 'dns-failure' | 'dns-timeout'>;
  /** The name and the reason, in words. */
  readonly message: string;
  /** Seconds that `dns-not-found` is valid; Infinity when the server sent no TTL. */
  readonly ttl?: number;
}

export class NameError extends Error {
  override readonly name = 'NameError';
  readonly failure: NameTrouble['failure'];

  constructor({ failure, message }: NameTrouble) {
    super(message);
    this.failure = failure;
  }
}

/** Replaces ENODATA when only IPv4 was asked for, as nothing is known of IPv6 addresses then. */
export const noIPv4 = 'URLMILL_NO_IPV4';

const troubles = new Map<string, readonly [NameTrouble['failure'], string]>([
  ['ENOTFOUND', ['dns-not-found', 'does not exist']],
  ['ENODATA', ['dns-not-found', 'has no address']],
  [noIPv4, ['dns-not-found', 'has no IPv4 address, and this machine has no global IPv6']],
  // RFC 1035, section 2.3.4
  [
    'EBADNAME',
    ['dns-not-found', 'cannot exist: a label is empty or longer than 63, or all is longer than 253'],
  ],
  ['ESERVFAIL', ['dns-failure', 'the name server failed (SERVFAIL)']],
  ['EREFUSED', ['dns-failure', 'the name server refused to answer (REFUSED)']],
  ['EFORMERR', ['dns-failure', 'the name server did not understand the question (FORMERR)']],
  ['ENOTIMP', ['dns-failure', 'the name server cannot answer such a question (NOTIMP)']],
  ['EBADRESP', ['dns-failure', 'the answer of the name server makes no sense']],
  ['EBADVERS', ['dns-failure', 'the name server does not understand EDNS (BADVERS)']],
  // RFC 1034, section 4.3.1
  ['ELAME', ['dns-failure', 'the name server refers to others instead of resolving']],
  ['ECONNREFUSED', ['dns-failure', 'no name server can be reached']],
  ['ECANCELLED', ['dns-failure', 'the lookup was stopped']],
  ['EAI_AGAIN', ['dns-failure', 'the system could not look it up now (EAI_AGAIN)']],
  ['ETIMEOUT', ['dns-timeout', 'no name server answered in time']],
]);

/** The trouble for a code of c-ares or getaddrinfo. An unknown code means that the lookup failed, not the name. */
export function nameTrouble(name: string, code: string): NameTrouble {
  const [failure, words] = troubles.get(code) ?? ['dns-failure', `the lookup failed (${code})`];
  return { failure, message: failure === 'dns-not-found' ? `${name} ${words}` : `${name}: ${words}` };
}
