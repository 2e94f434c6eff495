import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';

import type { ConnectRule } from '../options/checks.ts';

export interface ConnectTarget {
  readonly hostname: string;
  /** Empty for the default one. */
  readonly port: string;
  readonly protocol: string;
  /** Where a Host header asks for another certificate than the URL does. */
  readonly servername?: string | null;
}

export type ConnectCallback = (error: Error | null, socket: Socket | null) => void;

/** Opens a connection, over TLS for https, and calls back once. The socket may be destroyed at any time. */
export type Connect = (target: ConnectTarget, callback: ConnectCallback) => Socket;

export interface ConnectOptions {
  /** Milliseconds for DNS, TCP and TLS together. */
  readonly connectTimeout: number;
  readonly insecure: boolean;
  /** Certificates to trust (PEM) instead of Node's own. */
  readonly ca: string | null;
  readonly rules: readonly ConnectRule[];
}

/** The code of the error that a connection ends with when `connectTimeout` is over. */
export const connectTimedOut = 'URLMILL_CONNECT_TIMEOUT';

export function connector({ connectTimeout, insecure, ca, rules }: ConnectOptions): Connect {
  let context: SecureContext | null = null;
  return (target, callback) => {
    const secure = target.protocol === 'https:';
    const { host, port } = redirected(target, rules);
    const socket = secure ? tls.connect(tlsOptions(target, host, port)) : net.connect(tcpOptions(host, port));
    let settled = false;
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      if (settled) return;
      settled = true;
      callback(error, error === null ? socket : null);
    };
    const timer = setTimeout(() => {
      const error = new Error(`not connected within ${connectTimeout} ms`);
      socket.destroy(Object.assign(error, { code: connectTimedOut }));
    }, connectTimeout);
    socket.once(secure ? 'secureConnect' : 'connect', () => settle(null));
    socket.on('error', settle);
    // Destroyed without an error, by a deadline.
    socket.once('close', () => clearTimeout(timer));
    return socket;
  };

  function tlsOptions(
    { hostname, servername }: ConnectTarget,
    host: string,
    port: number,
  ): tls.ConnectionOptions {
    // One context for all connections: making one costs as much as a handshake.
    context ??= tls.createSecureContext(ca === null ? {} : { ca });
    const name = servername ?? (net.isIP(hostname) === 0 ? hostname : '');
    return {
      ...tcpOptions(host, port),
      secureContext: context,
      servername: name,
      rejectUnauthorized: !insecure,
      ALPNProtocols: ['http/1.1'],
      // The certificate must be for the host of the URL, whatever it was connected to.
      checkServerIdentity: (_, certificate) =>
        tls.checkServerIdentity(name === '' ? hostname : name, certificate),
    };
  }
}

function tcpOptions(host: string, port: number): net.TcpNetConnectOpts {
  // Node gives each address but the last 250 ms, too short for a far host.
  return { host, port, noDelay: true, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 2000 };
}

function redirected(target: ConnectTarget, rules: readonly ConnectRule[]): { host: string; port: number } {
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  const rule = rules.find(
    ({ fromHost, fromPort }) =>
      (fromHost === '' || fromHost === target.hostname) && (fromPort === '' || fromPort === port),
  );
  if (rule === undefined) return { host: target.hostname, port: Number(port) };
  return {
    host: rule.toHost === '' ? target.hostname : rule.toHost,
    port: Number(rule.toPort === '' ? port : rule.toPort),
  };
}
