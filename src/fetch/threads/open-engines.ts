import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { tlsOptions } from '../connect/tls-files.ts';
import type { Engine } from '../messages.ts';
import { Engines } from './engines.ts';
import type { EnginesOptions } from './engines.ts';
import { ownEngine } from './own-engine.ts';
import type { EngineSetup } from './own-engine.ts';

type Surroundings = EnginesOptions &
  Pick<EngineSetup, 'pages' | 'traces' | 'exchanges' | 'charsets' | 'idleConnections' | 'environment'>;

/**
 * The engines of a run, or the one that there is without threads, with the contents of the files that options name.
 *
 * @throws UsageError when a file cannot be read or does not fit, or a proxy is invalid
 */
export function openEngines(
  {
    connectTimeout,
    dnsServer,
    connectTo,
    proxy,
    strict,
    followMeta,
    ...others
  }: ValuesOf<typeof requestOptions>,
  surroundings: Surroundings,
): Engine {
  const { pages, traces, exchanges, charsets, idleConnections, environment, most } = surroundings;
  const setup: EngineSetup = {
    connectTimeout,
    dnsServer,
    connectTo,
    proxy,
    strict,
    followMeta,
    pages,
    traces,
    exchanges,
    charsets,
    idleConnections,
    tls: tlsOptions(others),
    // A copy, as that of a process cannot be sent to a thread.
    environment: { ...environment },
  };
  return most === 0 ? ownEngine(setup, surroundings) : new Engines(setup, surroundings);
}
