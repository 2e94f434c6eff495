import { hash } from 'node:crypto';

import type { LargeBodies } from '../page/large-body.ts';
import type { Row } from '../shared/records.ts';
import type { SlotTurns } from './schedule/slot-turns.ts';
import type { ValuesOf } from '../options/table.ts';
import { outputOptions, processOptions, requestOptions } from '../options/table.ts';

/** The options of the stream itself. */
export const streamOptions = {
  ...requestOptions,
  ordered: outputOptions.ordered,
  threads: processOptions.threads,
  next: processOptions.next,
  maxPages: processOptions.maxPages,
};

/** Options that decide when and how often requests are made, but not what they look like. */
const ofPace: ReadonlySet<string> = new Set<keyof typeof streamOptions>([
  'concurrency',
  'perHost',
  'hostRate',
  'rate',
  'lookAhead',
  'timeout',
  'connectTimeout',
  'retries',
  'retryStatus',
  'maxWait',
  'networkWait',
  'once',
  'onceMemory',
  'ordered',
  'threads',
  'next',
  'maxPages',
]);

/**
 * A key that is equal for streams whose requests differ in URL and time only, so that they can share what made-up URLs
 * have given (`soft_404`).
 */
export function kindOf(options: ValuesOf<typeof streamOptions>): string {
  const names = Object.keys(streamOptions).filter((name) => !ofPace.has(name)) as (keyof typeof options)[];
  return hash('sha256', JSON.stringify(names.map((name) => options[name] ?? null)), 'base64');
}

export interface FetchSurroundings {
  /** Whether to fill in `trace` of results, which costs a little for each. */
  readonly traces: boolean;
  /** Whether the processing gets the bytes of requests and responses. */
  readonly exchanges: boolean;
  /** Whether the bytes of redirects are kept for the processing too. */
  readonly hops: boolean;
  /** Whether to fill in `charset` of results, for which bodies are kept in memory. */
  readonly charsets: boolean;
  /** Whether to fill in `sha256` of results. */
  readonly digests: boolean;
  /** Rows that get `soft404` in their results: their bodies stay in memory, and made-up URLs are tried; null: none. */
  readonly soft404: ((row: Row) => boolean) | null;
  /** Which bodies are not kept in memory; null: all are. */
  readonly largeBodies: LargeBodies | null;
  /** Whether traces contain the certificates of servers. */
  readonly certificates: boolean;
  /** Where HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and the like are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The memory of a lease (shared/lease.ts): once that is over, no request is sent any more. Default: none. */
  readonly lease?: SharedArrayBuffer;
  /** Limits that other pipelines share; `concurrency`, `perHost` and `hostRate` are taken from them. Default: none. */
  readonly limits?: SlotTurns;
  /** Folders to try, in order, for the file with the rows that wait on disk. */
  readonly directories?: readonly string[];
}
