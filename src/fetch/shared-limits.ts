import { readSaid } from '../options/resolve.ts';
import { requestOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import { SlotTurns } from './schedule/slot-turns.ts';

const { concurrency, perHost, hostRate } = requestOptions;
const limitOptions = { concurrency, perHost, hostRate };

/** Options of {@link sharedLimits}: the same as the `fetchUrls()` options of these names, with the same defaults. */
export interface SharedLimitsOptions extends SaidOf<typeof limitOptions> {}

/** Limits that hold for several pipelines together, as their option `limits`. Made by {@link sharedLimits}. */
export class SharedLimits {
  /** Most requests in flight, of all pipelines together. */
  readonly concurrency: number;
  /** Most requests in flight to one host, of all pipelines together. */
  readonly perHost: number;
  /** Most requests started per host and second, of all pipelines together; undefined: no limit. */
  readonly hostRate: number | undefined;
  /** @internal */
  readonly turns: SlotTurns;

  /** @internal use `sharedLimits()` */
  constructor(options: SharedLimitsOptions) {
    const values = readSaid(limitOptions, options);
    this.concurrency = values.concurrency;
    this.perHost = values.perHost;
    this.hostRate = values.hostRate;
    this.turns = new SlotTurns(values.concurrency, {
      perHost: values.perHost,
      interval: values.hostRate === undefined ? 0 : 1000 / values.hostRate,
    });
  }
}

/**
 * Makes limits for several `fetchUrls()`, in a service for example, so that together they are one client to a host.
 *
 * Together, all pipelines with these limits have at most `concurrency` requests in flight, and `perHost` to one host;
 * requests to one host start at `hostRate` at most. What one pipeline learns of a host holds for all of them: a pause
 * (Retry-After), fewer requests after a 429, and leaving it alone when it cannot be reached. With `soft404`, a made-up
 * URL is requested once in each folder for all pipelines that make the same requests, and again after an hour.
 *
 * Pipelines take turns: one that waits for a slot, or for a host, gets the next one before another gets its second. A
 * pipeline that is destroyed or aborted gives back its slots; one whose results nobody takes only holds the slots of
 * its requests in flight.
 *
 * Limits cost nothing while no pipeline uses them, and need not be closed. They hold within one JavaScript thread:
 * limits made in a Worker know nothing of those made elsewhere. The threads of the option `threads` obey them.
 *
 * @example
 * const limits = sharedLimits({ perHost: 2, hostRate: '5/s', concurrency: 50 });
 *
 * async function check(urls: string[]) {
 *   const results: Result[] = [];
 *   for await (const result of Readable.from(urls).pipe(fetchUrls({ limits, timeout: '10s' }))) results.push(result);
 *   return results;
 * }
 *
 * // Two pipelines, one client.
 * await Promise.all([check(['https://example.org/a']), check(['https://example.org/b'])]);
 *
 * @param options `concurrency` (100 by default), `perHost` (6), and `hostRate` (no limit by default): requests per
 * second, or a text like `600/m`
 * @returns the limits, for the option `limits` of each pipeline
 * @throws UsageError when an option is unknown or has a wrong value
 */
export function sharedLimits(options: SharedLimitsOptions = {}): SharedLimits {
  return new SharedLimits(options);
}

/** Names of the options that shared limits replace: a pipeline must not set them itself. */
export const limitNames = Object.keys(limitOptions) as (keyof typeof limitOptions)[];
