import type { DnsReply } from './dns-message.ts';
import { nameTrouble, noIPv4 } from './error.ts';
import type { NameTrouble } from './error.ts';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface Answer {
  /** In the order in which they should be tried; never empty. */
  readonly addresses: readonly Address[];
  /** Seconds. */
  readonly ttl: number;
}

/** A question for the addresses of one family, and its reply when there is one. */
export interface Answered {
  readonly family: Address['family'];
  reply: DnsReply | null;
}

/** Addresses per name that are used at most. */
export const mostAddresses = 6;

const certain = new Set(['', 'ENOTFOUND', 'ENODATA']);

/** Whether the reply is an answer, as is "no address". After any other reply, a different server may have one. */
export function isCertain({ code }: DnsReply): boolean {
  return certain.has(code);
}

/** The addresses of a name, or why there are none, from the replies so far. */
export function nameOutcome(name: string, questions: readonly Answered[]): Answer | NameTrouble {
  const addresses = interleaved(questions);
  if (addresses.length > 0) {
    // If one family has no answer yet, the TTL is 0, so that the name is soon asked for again.
    const ttls = questions.map(({ reply }) => (reply !== null && isCertain(reply) ? reply.ttl : 0));
    return { addresses, ttl: Math.min(...ttls) };
  }
  const noAddress = questions.length === 1 ? noIPv4 : 'ENODATA';
  const troubles = questions.map(({ reply }) => {
    const code = reply?.code ?? 'ETIMEOUT';
    return nameTrouble(name, code === 'ENODATA' ? noAddress : code);
  });
  // `dns-not-found` only if both replies say so.
  const failure = troubles.find((trouble) => trouble.failure !== 'dns-not-found');
  if (failure !== undefined) return failure;
  return { ...(troubles[0] as NameTrouble), ttl: Math.min(...questions.map(({ reply }) => reply?.ttl ?? 0)) };
}

/** Addresses of both families in turn, so that a family without a route costs one attempt (RFC 8305, section 4). */
function interleaved(questions: readonly Answered[]): Address[] {
  const addresses: Address[] = [];
  for (let i = 0; i < mostAddresses; i++) {
    for (const { family, reply } of questions) {
      const address = reply?.addresses[i];
      if (address !== undefined) addresses.push({ address, family });
    }
  }
  return addresses.slice(0, mostAddresses);
}
