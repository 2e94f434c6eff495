import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { tlsSetup } from '../connect/tls-files.ts';
import type { Engine } from '../messages.ts';
import { Engines } from './engines.ts';
import type { EnginesOptions } from './engines.ts';
import { ownEngine } from './own-engine.ts';
import type { EngineSetup } from './own-engine.ts';

type Surroundings = EnginesOptions &
  Pick<
    EngineSetup,
    | 'pages'
    | 'traces'
    | 'exchanges'
    | 'charsets'
    | 'certificates'
    | 'digests'
    | 'likenesses'
    | 'largeBodies'
    | 'idleConnections'
    | 'userAgent'
    | 'environment'
  > & { readonly lease?: SharedArrayBuffer | null };

/**
 * The engines of a run, or the one that there is without threads, with the contents of the files that options name.
 *
 * @throws UsageError when a file cannot be read or does not fit, or a proxy is invalid
 */
export function openEngines(options: ValuesOf<typeof requestOptions>, surroundings: Surroundings): Engine {
  const { connectTimeout, timeout, denyPrivate, allowPrivate, connectTo, proxy, aia, perHost } = options;
  const { pages, traces, exchanges, charsets, digests, certificates, largeBodies } = surroundings;
  const { likenesses, idleConnections, userAgent, most } = surroundings;
  // A copy, as that of a process cannot be sent to a thread.
  const environment = { ...surroundings.environment };
  const setup: EngineSetup = {
    connectTimeout,
    timeout,
    denyPrivate,
    allowPrivate,
    connectTo,
    proxy,
    aia,
    perHost,
    pages,
    traces,
    exchanges,
    charsets,
    certificates,
    digests,
    likenesses,
    largeBodies,
    idleConnections,
    userAgent,
    environment,
    dnsServer: options.dnsServer,
    strict: options.strict,
    lease: surroundings.lease ?? null,
    followMeta: options.followMeta,
    tls: tlsSetup(options, environment),
  };
  return most === 0 ? ownEngine(setup, surroundings) : new Engines(setup, surroundings);
}
