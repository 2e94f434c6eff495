import type { FailureCode } from './failures.ts';

/** What a server says of itself in a TLS handshake. */
export interface Certificate {
  /** `TLSv1.3` */
  readonly tlsVersion: string;
  /** As `C=US, O=Example, CN=example.org`. */
  readonly subject: string;
  readonly issuer: string;
  /** The end of its validity in milliseconds since 1970 UTC; null when it cannot be read. */
  readonly notAfter: number | null;
  /** Host names and addresses that it is for. */
  readonly names: readonly string[];
  /** The failure code of what is wrong with it, also when it was accepted (`insecure`); null: nothing. */
  readonly fault: FailureCode | null;
}
