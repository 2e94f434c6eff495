import { join } from 'node:path';

import { exitOf, startChild } from './children.ts';
import type { Contestant } from './contest.ts';
import { fromRoot } from './project.ts';
import type { Bench } from './scenario.ts';

/** Settings of the Go contestant, besides its list. */
export interface PoolSettings {
  readonly inFlight: string;
  readonly cacert?: string;
  /** `ADDRESS:PORT` of a DNS server. */
  readonly dns?: string;
}

/** Go's net/http, built for this run; an empty list if Go is not installed. */
export async function goPool(
  bench: Bench,
  list: string,
  urls: number,
  { inFlight, cacert, dns }: PoolSettings,
): Promise<readonly Contestant[]> {
  const program = join(bench.dir, 'go_pool');
  const built = await ends(['go', 'build', '-o', program, fromRoot('bench/peers/go_pool.go')]);
  if (!built) {
    bench.log('Go is left out: `go build` does not work here');
    return [];
  }
  const trust = cacert === undefined ? [] : ['-cacert', cacert];
  const server = dns === undefined ? [] : ['-dns', dns];
  const out = join(bench.dir, 'go-out.csv');
  const command = [program, '-workers', inFlight, ...trust, ...server, list, out];
  return [{ name: 'Go net/http', command, urls }];
}

async function ends(command: readonly string[]): Promise<boolean> {
  try {
    return (await exitOf(startChild(command, { stdio: ['ignore', 'ignore', 'inherit'] }))) === 0;
  } catch {
    return false;
  }
}
