import { connecting } from './connecting.ts';
import type { ConnectingSetup } from './connecting.ts';
import { HttpEngine } from '../http/engine.ts';
import type { EngineOptions } from '../http/engine.ts';
import type { Engine, EngineEvents } from '../messages.ts';
import { Lease } from '../../shared/lease.ts';
import { Names } from '../names/names.ts';

/** The settings of an engine. Plain data, as it goes to other threads. */
export interface EngineSetup
  extends
    ConnectingSetup,
    Pick<
      EngineOptions,
      | 'pages'
      | 'traces'
      | 'exchanges'
      | 'charsets'
      | 'digests'
      | 'likenesses'
      | 'largeBodies'
      | 'strict'
      | 'idleConnections'
    > {
  /** Whether pages are searched for redirects of their own (Refresh header, `meta` element). */
  readonly followMeta: boolean;
  readonly dnsServer: readonly string[];
  /** The memory of the lease that requests are sent under. Default: none. */
  readonly lease?: SharedArrayBuffer | null;
}

/**
 * Makes an engine that runs in the thread that calls this, with its own names and connections.
 *
 * @throws UsageError when a proxy is invalid
 */
export function ownEngine(setup: EngineSetup, events: EngineEvents): Engine {
  const { connectTimeout: timeout, environment, dnsServer: servers } = setup;
  const names = new Names({ servers, timeout, environment });
  const { connect, proxyFor, close } = connecting(setup, { names, ...events });
  return new HttpEngine({
    ...setup,
    ...events,
    connect,
    proxyFor,
    lease: setup.lease ? new Lease(setup.lease) : null,
    close: () => {
      close();
      names.close();
    },
  });
}
