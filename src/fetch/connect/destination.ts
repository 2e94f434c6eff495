import net from 'node:net';

import type { ConnectRule } from '../../options/checks.ts';
import type { ConnectOptions, ConnectTarget } from './shape.ts';
import type { Proxy } from './proxy.ts';
import { isPublic } from './public-address.ts';

/**
 * The proxy to which requests for a target are handed as they are; null when they go to the server, be it through a
 * tunnel, as always with SOCKS. A rule of connect-to takes a tunnel, as the URL of a request must stay what it is.
 */
export function requestProxy({ proxyFor, rules }: Pick<ConnectOptions, 'proxyFor' | 'rules'>) {
  return (target: ConnectTarget): Proxy | null => {
    const proxy = target.protocol === 'https:' || destination(target, rules).isLed ? null : proxyFor(target);
    return proxy?.socks ? null : proxy;
  };
}

/** What a proxy does with a name is not known, but with an address it is, and with those that are always local. */
export function mayBePublic(host: string): boolean {
  return net.isIP(host) === 0 ? !/(?:^|\.)localhost\.?$/.test(host) : isPublic(host);
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** Whether a rule says another host: another port alone is no other address. */
  readonly isChosen: boolean;
  /** Whether a rule says another host or port. */
  readonly isLed: boolean;
}

/** Where a connection for a target goes; the first rule of connect-to that matches counts. */
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
    isLed: toHost !== '' || toPort !== '',
  };
}
