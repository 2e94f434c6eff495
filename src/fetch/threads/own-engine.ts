import { parseConnectTo } from '../../options/checks.ts';
import { connector } from '../connect/connect.ts';
import { requestProxy } from '../connect/destination.ts';
import { proxyRules } from '../connect/proxy.ts';
import { TlsClient } from '../connect/tls-client.ts';
import type { TlsClientOptions } from '../connect/tls-client.ts';
import { HttpEngine } from '../http/engine.ts';
import type { EngineOptions } from '../http/engine.ts';
import type { Engine, EngineEvents } from '../messages.ts';
import { Names } from '../names/names.ts';

/** What an engine is told of the run. Plain data, as it goes to other threads. */
export interface EngineSetup extends Pick<
  EngineOptions,
  'pages' | 'traces' | 'exchanges' | 'charsets' | 'strict' | 'idleConnections'
> {
  /** Whether pages are looked at for where they lead on by themselves. */
  readonly followMeta: boolean;
  readonly connectTimeout: number;
  readonly dnsServer: readonly string[];
  readonly connectTo: readonly string[];
  readonly proxy: string | undefined;
  readonly tls: TlsClientOptions;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Makes an engine that runs in the thread that calls this, with its own names and connections.
 *
 * @throws UsageError when a proxy is invalid
 */
export function ownEngine(setup: EngineSetup, events: EngineEvents): Engine {
  const { connectTimeout, environment, dnsServer, tls, proxy, connectTo } = setup;
  const proxyFor = proxyRules(proxy, environment);
  const rules = connectTo.map(parseConnectTo);
  const names = new Names({ servers: dnsServer, timeout: connectTimeout, environment });
  return new HttpEngine({
    ...setup,
    ...events,
    connect: connector({ connectTimeout, names, tls: new TlsClient(tls), rules, proxyFor }),
    proxyFor: requestProxy({ proxyFor, rules }),
    close: () => names.close(),
  });
}
