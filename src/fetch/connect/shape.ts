import type { Socket } from 'node:net';

import type { ConnectRule } from '../../options/checks.ts';
import type { FailureCode } from '../../shared/failures.ts';
import type { Names } from '../names/names.ts';
import type { Dial } from './dial.ts';
import type { Proxy } from './proxy.ts';
import type { TlsClient } from './tls-client.ts';

export interface ConnectTarget {
  readonly hostname: string;
  /** Empty for the default one. */
  readonly port: string;
  readonly protocol: string;
  /** Where a Host header asks for another certificate than the URL does. */
  readonly servername?: string | null;
}

/** A connection that stands, and how it came about. */
export interface Connected {
  readonly socket: Socket;
  /** The address that it leads to: of the server, or of the proxy before it. */
  readonly address: string;
  /** Whether it leads to a public address, or to one that the user has named. */
  readonly isPublic: boolean;
  /** Milliseconds for the name, TCP and TLS; null where there was nothing to do. */
  readonly dnsMs: number | null;
  readonly connectMs: number;
  readonly tlsMs: number | null;
}

export type ConnectCallback = (error: Error | null, connected: Connected | null) => void;

/** Opens a connection, over TLS for https, and calls back once. It may be destroyed at any time before that. */
export type Connect = (target: ConnectTarget, denyPrivate: boolean, callback: ConnectCallback) => Dial;

export interface ConnectOptions {
  /** Milliseconds for DNS, TCP and TLS together. */
  readonly connectTimeout: number;
  readonly names: Pick<Names, 'lookup'>;
  readonly tls: TlsClient;
  readonly rules: readonly ConnectRule[];
  readonly proxyFor: (target: ConnectTarget) => Proxy | null;
}

/** Why there is no connection (any more), where neither the system nor a library says so by a code of its own. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly failure: FailureCode;

  constructor(failure: FailureCode, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** A proxy wants a login, or another one: no request can succeed before the user has given it. */
export class ProxyLoginError extends ConnectError {
  constructor(message: string) {
    super('connect-refused', message);
  }
}

/** What went wrong while TLS was being set up: in the words of Node and OpenSSL, which do not say where it was. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  override readonly cause: Error;

  constructor(cause: Error) {
    super(cause.message || cause.name);
    this.cause = cause;
  }
}
