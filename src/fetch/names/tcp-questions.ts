import { Resolver } from 'node:dns';
import type { RecordWithTtl } from 'node:dns';

import { failed } from './dns-message.ts';
import type { DnsReply } from './dns-message.ts';

/** Repeats questions to one name server when its reply is too large for UDP. c-ares falls back to TCP. */
export class TcpQuestions {
  readonly #server: string;
  #resolver: Resolver | null = null;

  constructor(server: string) {
    this.#server = server;
  }

  ask(name: string, family: 4 | 6, callback: (reply: DnsReply) => void): void {
    const take = (error: NodeJS.ErrnoException | null, records: readonly RecordWithTtl[]): void =>
      callback(error === null ? replyOf(records) : failed(error.code ?? 'no code'));
    try {
      this.#resolver ??= resolverOf(this.#server);
      if (family === 4) this.#resolver.resolve4(name, { ttl: true }, take);
      else this.#resolver.resolve6(name, { ttl: true }, take);
    } catch {
      // c-ares does not accept the server's address.
      callback(failed('ECONNREFUSED'));
    }
  }

  /** Fails all open questions. */
  close(): void {
    this.#resolver?.cancel();
  }
}

function resolverOf(server: string): Resolver {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([server]);
  return resolver;
}

function replyOf(records: readonly RecordWithTtl[]): DnsReply {
  const addresses = records.map(({ address }) => address);
  // For a CNAME without an address, c-ares gives an empty list and no error.
  return {
    code: addresses.length === 0 ? 'ENODATA' : '',
    addresses,
    ttl: Math.min(...records.map(({ ttl }) => ttl)),
  };
}
