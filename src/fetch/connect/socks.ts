import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

import type * as SocksModule from 'socks';

import type { Socks } from './proxy.ts';
import { ProxyError } from './tunnel.ts';
import type { TunnelTarget } from './tunnel.ts';

/** The replies of RFC 1928, section 6, as statuses of HTTP proxies. */
const statuses: readonly (readonly [words: RegExp, status: number])[] = [
  [/Authentication failed|no accepted authentication/i, 407],
  [/NotAllowed/, 403],
  [/ConnectionRefused/, 403],
  [/Unreachable|TTLExpired|Failure|NotSupported/, 502],
];

/**
 * Asks the SOCKS proxy at the other end of a socket for a connection (RFC 1928, RFC 1929). Calls back once: with null when
 * it is open, else with a ProxyError or the socket's error. The caller sets a deadline, and destroys the socket after a
 * failure.
 *
 * @param timeout milliseconds until the library gives up too, and forgets the socket; by default it does after 30 s
 */
export function openSocks(
  socket: Socket,
  to: TunnelTarget,
  { user, password }: Socks,
  timeout: number,
  callback: (error: Error | null) => void,
): void {
  // Loaded only when needed, as few runs use such a proxy.
  const { SocksClient } = createRequire(import.meta.url)('socks') as typeof SocksModule;
  const login = user === '' && password === '' ? {} : { userId: user, password };
  // Not used, as the socket is connected already.
  const proxy = { host: '127.0.0.1', port: 1080, type: 5 as const, ...login };
  const options = { proxy, command: 'connect' as const, destination: to, existing_socket: socket, timeout };
  void SocksClient.createConnection(options, (error) => callback(error === null ? null : failureOf(error)));
}

function failureOf({ message }: Error): ProxyError {
  const status = statuses.find(([words]) => words.test(message))?.[1] ?? null;
  return new ProxyError(`the SOCKS proxy did not connect: ${message.replace(/^Socks5 /, '')}`, status);
}
