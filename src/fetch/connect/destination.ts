import net from 'node:net';

import type { ConnectRule } from '../../options/checks.ts';
import type { ConnectOptions, ConnectTarget } from './shape.ts';
import type { Proxy } from './proxy.ts';
import { isPublic } from './public-address.ts';

/**
 * The proxy that forwards plain requests for a target; null when they go to the server, directly or through a tunnel, as
 * always with SOCKS. With a `--connect-to` rule a tunnel is used, as a forwarded request could only name the other host by
 * changing its URL.
 */
export function requestProxy({ proxyFor, rules }: Pick<ConnectOptions, 'proxyFor' | 'rules'>) {
  return (target: ConnectTarget): Proxy | null => {
    const proxy =
      target.protocol === 'https:' || destination(target, rules).isRerouted ? null : proxyFor(target);
    return proxy?.socks ? null : proxy;
  };
}

/** Whether a host that a proxy connects to may be public. The proxy resolves names, so only localhost is certainly not. */
export function mayBePublic(host: string): boolean {
  return net.isIP(host) === 0 ? !/(?:^|\.)localhost\.?$/.test(host) : isPublic(host);
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** Whether the user has chosen the host by a rule, so that it counts as public. */
  readonly isChosen: boolean;
  /** Whether a rule changes host or port. */
  readonly isRerouted: boolean;
}

/** The host and port to connect to for a target, by the first `--connect-to` rule that matches. */
export function destination(target: ConnectTarget, rules: readonly ConnectRule[]): Destination {
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  const hostname = target.hostname.replace(/^\[|\]$/g, '');
  const rule = rules.find(
    ({ fromHost, fromPort }) =>
      (fromHost === '' || fromHost === hostname) && (fromPort === '' || fromPort === port),
  );
  const { toHost, toPort } = rule ?? { toHost: '', toPort: '' };
  return {
    host: toHost === '' ? hostname : toHost,
    port: Number(toPort === '' ? port : toPort),
    isChosen: toHost !== '',
    isRerouted: toHost !== '' || toPort !== '',
  };
}
