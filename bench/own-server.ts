import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { exitOf, startChild } from './children.ts';
import type { Counters } from './contest.ts';
import { serverCore } from './cores.ts';
import { fetchText } from './fetch-text.ts';
import { pinned } from './measure.ts';
import { fromRoot } from './project.ts';

/** One of the servers in `servers/`: a separate process, on the core for servers. */
export interface OwnServer {
  readonly ports: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Starts a server and waits until it listens. @throws Error if it ends before that */
export async function startServer(name: string, ...args: readonly string[]): Promise<OwnServer> {
  const command = [process.execPath, fromRoot(`dist/bench/servers/${name}.js`), ...args];
  const child = startChild(pinned(command, serverCore), { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = exitOf(child);
  const [, output] = child.stdio;
  if (!(output instanceof Readable)) throw new Error('the pipe from the server is missing');
  const failed = exited.then((code) => {
    throw new Error(`the server ${name} ended with ${code}`);
  });
  const [line] = (await Promise.race([once(createInterface(output), 'line'), failed])) as [string];
  // From here on, the contestants notice if the server ends; the promise must not reject unhandled.
  failed.catch(() => undefined);
  // servers/tell-ports.ts writes exactly this.
  const ports: Record<string, number> = JSON.parse(line);
  return {
    ports,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

export interface LatencyServer extends OwnServer {
  readonly port: number;
  counters(): Promise<Counters>;
  /** Milliseconds by which an answer was late, on average: time that no client can make up for. */
  lateness(): Promise<number>;
}

/** A web server that answers after this many milliseconds, or after each host's own time (`latencyOf`). */
export async function startLatencyServer(latency: number | 'by-host'): Promise<LatencyServer> {
  const server = await startServer('latency', String(latency));
  const port = server.ports['http'] ?? 0;
  let asked = 0;
  const ask = async (): Promise<Counters & { readonly late: number }> => {
    asked += 1;
    const own = asked;
    const answer: Counters & { late: number } = JSON.parse(
      await fetchText(`http://127.0.0.1:${port}/counters`),
    );
    return { ...answer, connections: answer.connections - own };
  };
  return {
    ...server,
    port,
    counters: ask,
    async lateness() {
      const { late, requests } = await ask();
      // Node's timers are coarse, so an answer may come a fraction of a millisecond too early.
      return Math.max(0, late / requests);
    },
  };
}
