import { countTo, inTurn } from './in-turn.ts';
import { measure, type Usage } from './measure.ts';
import type { Bench } from './scenario.ts';

/** What a server has counted since it started, without the benchmark's own requests for the counters. */
export interface Counters {
  readonly connections: number;
  readonly requests: number;
  /** Seconds of CPU, if the server knows them. */
  readonly cpu?: number;
}

export interface CountingServer {
  counters(): Promise<Counters>;
}

export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /**
   * Number of requests that the server must see; `counted` if the contestant runs for a time instead of
   * through a list.
   */
  readonly urls: number | 'counted';
  /** Checks the contestant's output. @throws Error if it is not right for the list */
  verify?(): Promise<void>;
}

/** The figures of one contestant in one round. */
export interface Run extends Usage {
  readonly urls: number;
  readonly connections: number;
  /** Seconds of CPU that the server used; NaN if it does not tell. */
  readonly serverCpu: number;
}

export type Runs = ReadonlyMap<string, readonly Run[]>;

/**
 * Runs all contestants in turn, `rounds` times: if the machine becomes slower meanwhile, it does so for all
 * of them, and the runs within a round stay comparable.
 */
export async function contest(
  bench: Bench,
  server: CountingServer,
  contestants: readonly Contestant[],
  cores?: string,
): Promise<Runs> {
  const runs = new Map<string, Run[]>(contestants.map(({ name }) => [name, []]));
  for await (const round of inTurn(countTo(bench.rounds))) {
    for await (const contestant of inTurn(contestants)) {
      const run = await runOne(contestant, server, cores);
      runs.get(contestant.name)?.push(run);
      const rate = run.urls > 0 ? `, ${Math.round(run.urls / run.wall)} URLs/s` : '';
      bench.log(`round ${round}/${bench.rounds}  ${contestant.name}: ${run.wall.toFixed(3)} s${rate}`);
    }
  }
  return runs;
}

async function runOne(contestant: Contestant, server: CountingServer, cores?: string): Promise<Run> {
  const { name, command, urls } = contestant;
  const before = await server.counters();
  const usage = await measure(command, cores === undefined ? {} : { cores });
  const after = await server.counters();
  const requests = after.requests - before.requests;
  if (urls !== 'counted' && requests !== urls) {
    throw new Error(`${name} made ${requests} requests for ${urls} URLs: this is not a measurement`);
  }
  await contestant.verify?.();
  return {
    ...usage,
    urls: requests,
    connections: after.connections - before.connections,
    serverCpu: (after.cpu ?? Number.NaN) - (before.cpu ?? Number.NaN),
  };
}

/**
 * The ratio of contestant `name` to contestant `peer` in each round, where both had the machine in the same
 * state.
 */
export function ratios(
  runs: Runs,
  peer: string,
  figure: (run: Run) => number,
  name = 'urlmill',
): readonly number[] {
  const others = runs.get(peer) ?? [];
  return (runs.get(name) ?? []).map((run, i) => {
    const other = others[i];
    return other === undefined ? Number.NaN : figure(run) / figure(other);
  });
}

export const rate = (run: Run): number => run.urls / run.wall;
export const cpuPerUrl = (run: Run): number => (run.cpu / run.urls) * 1e6;
