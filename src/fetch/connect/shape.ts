import type { Socket } from 'node:net';

import type { ConnectRule } from '../../options/checks.ts';
import type { FailureCode } from '../../shared/failures.ts';
import type { Names } from '../names/names.ts';
import type { Dial } from './dial.ts';
import type { Peer } from './peer-certificate.ts';
import type { Proxy } from './proxy.ts';
import type { TlsClient } from './tls-client.ts';

export interface ConnectTarget {
  readonly hostname: string;
  /** Empty for the default port. */
  readonly port: string;
  readonly protocol: string;
  /** The host that the certificate must be for, when a Host header names another one than the URL. */
  readonly servername?: string | null;
}

/** An open connection, and how long its steps took. */
export interface Connected {
  readonly socket: Socket;
  /** IP address of the server, or of the proxy. */
  readonly address: string;
  /** Whether the address is a proxy's. */
  readonly isProxied: boolean;
  /** Whether it leads to a public address, or to one that the user has chosen. */
  readonly isPublic: boolean;
  /** Milliseconds for DNS, TCP and TLS; null for steps that were not needed. */
  readonly dnsMs: number | null;
  readonly connectMs: number;
  readonly tlsMs: number | null;
  /** The certificate that the server has shown; null without TLS, or if certificates are not read. */
  readonly peer: Peer | null;
}

export type ConnectCallback = (error: Error | null, connected: Connected | null) => void;

/** Opens a connection, with TLS for https, and calls back once. It may be destroyed at any time before that. */
export type Connect = (target: ConnectTarget, denyPrivate: boolean, callback: ConnectCallback) => Dial;

export interface ConnectOptions {
  /** Milliseconds for DNS, TCP and TLS together. */
  readonly connectTimeout: number;
  readonly names: Pick<Names, 'lookup'>;
  readonly tls: TlsClient;
  readonly rules: readonly ConnectRule[];
  readonly proxyFor: (target: ConnectTarget) => Proxy | null;
  /** Called with an error of urlmill's own code. */
  readonly onBug: (error: Error) => void;
}

/** The failure of a connection that is not an error of the system or a library. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly failure: FailureCode;

  constructor(failure: FailureCode, message: string) {
    super(message);
    this.failure = failure;
  }
}

/**
 * A proxy wants a login, or refuses the given one: no request can succeed until the user gives a valid one.
 */
export class ProxyLoginError extends ConnectError {
  constructor(message: string) {
    super('connect-refused', message);
  }
}

/** Wraps an error of a TLS handshake, as errors of Node and OpenSSL do not tell that they come from one. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  override readonly cause: Error;
  /** The certificate that the server had shown before the error; null if none, or if certificates are not read. */
  readonly peer: Peer | null;

  constructor(cause: Error, peer: Peer | null = null) {
    super(cause.message || cause.name);
    this.cause = cause;
    this.peer = peer;
  }
}
