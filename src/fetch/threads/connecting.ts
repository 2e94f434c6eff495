import { parseConnectTo } from '../../options/checks.ts';
import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { connector } from '../connect/connect.ts';
import { requestProxy } from '../connect/destination.ts';
import { MissingIssuers } from '../connect/missing-issuers.ts';
import { proxyRules } from '../connect/proxy.ts';
import type { Connect, ConnectOptions } from '../connect/shape.ts';
import { tlsClient } from '../connect/tls-files.ts';
import type { TlsSetup } from '../connect/tls-files.ts';
import { Downloads } from '../http/downloads.ts';
import type { Names } from '../names/names.ts';

/** Bytes that the file of a missing certificate may have. */
const largestDownload = 64 * 1024;

/** The options of connections: plain data, so that each engine can make its own connections. */
export interface ConnectingSetup extends Pick<
  ValuesOf<typeof requestOptions>,
  'connectTimeout' | 'timeout' | 'denyPrivate' | 'allowPrivate' | 'connectTo' | 'proxy' | 'aia' | 'perHost'
> {
  readonly tls: TlsSetup;
  /** Whether the certificates of servers are read, for the results. */
  readonly certificates: boolean;
  /** User-Agent of the requests for missing certificates. */
  readonly userAgent: string;
  /** Where HTTP_PROXY, SSL_CERT_FILE and the like are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ConnectingSurroundings {
  readonly names: Names;
  readonly notice: (text: string) => void;
  readonly onBug: (error: Error) => void;
}

/** How the connections of a run are made. */
export interface Connecting {
  readonly connect: Connect;
  /** The proxy that forwards requests to a target; null: none. */
  readonly proxyFor: ConnectOptions['proxyFor'];
  /** Ends downloads of missing certificates. */
  readonly close: () => void;
}

/**
 * Puts together how connections are made.
 *
 * @throws UsageError when a proxy is invalid
 */
export function connecting(
  options: ConnectingSetup,
  { names, notice, onBug }: ConnectingSurroundings,
): Connecting {
  const { connectTimeout, timeout, denyPrivate, allowPrivate, environment, userAgent } = options;
  const proxyFor = proxyRules(options.proxy, environment);
  const rules = options.connectTo.map(parseConnectTo);
  const shared = { connectTimeout, names, rules, proxyFor, onBug };
  const tls = tlsClient(options.tls, { environment, notice, readsPeers: options.certificates });
  const toProxy = requestProxy({ proxyFor, rules });
  if (!options.aia) return { connect: connector({ ...shared, tls }), proxyFor: toProxy, close: () => {} };
  const downloads = new Downloads({
    // A client without issuers: a download must not wait for another download.
    connect: connector({ ...shared, tls }),
    proxyFor: toProxy,
    userAgent,
    perHost: options.perHost,
    // The connection that lacks the certificate waits for it.
    timeout: Math.min(connectTimeout, timeout) / 2,
    largest: largestDownload,
    onBug,
  });
  // The same rule as for a redirect: a public server may name any address.
  const issuers = new MissingIssuers((url, fromPublic) =>
    downloads.get(new URL(url), denyPrivate || (fromPublic && !allowPrivate)),
  );
  return {
    connect: connector({ ...shared, tls: tls.withIssuers(issuers) }),
    proxyFor: toProxy,
    close: () => downloads.close(),
  };
}
