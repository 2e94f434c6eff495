import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setInterval } from 'node:timers/promises';
import { exitOf, startChild } from '../children.ts';
import { whole } from '../contest-table.ts';
import { clientCore, serverCore } from '../cores.ts';
import { measure, pinned } from '../measure.ts';
import { kilobyte, startNginx } from '../nginx.ts';
import { memoryOf } from '../process-status.ts';
import { atMost, type Bench, type Findings, type Scenario } from '../scenario.ts';

export const resume: Scenario = {
  name: 'resume',
  about:
    '10,000,000 rows of which 9,000,000 are done when the run is killed: how long until it fetches again.',
  tools: ['nginx', 'taskset', 'python'],
  rounds: 1,
  run,
};

const pollMs = 20;

async function run(bench: Bench): Promise<Findings> {
  const nginx = await startNginx({ dir: bench.dir, locations: kilobyte, cores: serverCore });
  const { urls: rows = 10_000_000 } = bench;
  const done = Math.floor(rows * 0.9);
  const list = join(bench.dir, 'resume.csv');
  const out = join(bench.dir, 'resume-out.csv');
  const command = [bench.node, bench.cli, '-c', '10', '--per-host', '10', '-q', '-u', 'url', '-o', out, list];
  const requests = async (): Promise<number> => (await nginx.counters()).requests;
  try {
    await pipeline(Readable.from(mixedRows(rows, done, nginx.origin)), createWriteStream(list));
    const first = await untilRequest(command, requests);
    bench.log(`${whole(done)} rows done after ${first.seconds.toFixed(1)} s`);
    const second = await untilRequest([...command, '--resume'], requests);
    bench.log(`fetching again after ${second.seconds.toFixed(1)} s`);
    const reading = await measure([...command.slice(0, 2), '--version'], { cores: clientCore });
    return {
      tables: [
        {
          title: 'Until the first request',
          head: ['', 'wall s', 'peak RSS MB'],
          rows: [
            [`from the start, ${whole(done)} rows that fail at once`, ...shown(first)],
            ['with --resume', ...shown(second)],
            ['urlmill --version', reading.wall.toFixed(2), (reading.peakRss / 1e6).toFixed(0)],
          ],
        },
      ],
      checks: [
        atMost('until it fetches again', second.seconds, 30, ' s'),
        atMost('peak RSS until then', second.peak / 1e6, 300, ' MB'),
      ],
      commands: [
        ['killed at its first request', command],
        ['gone on with', [...command, '--resume']],
      ],
    };
  } finally {
    await nginx.stop();
  }
}

/** The first `done` rows need no request, so that they are done within a minute. */
function* mixedRows(rows: number, done: number, origin: string): Generator<string, void, void> {
  yield 'id,name,url\n';
  const perChunk = 2000;
  for (let row = 1; row <= rows; row += perChunk) {
    const length = Math.min(perChunk, rows - row + 1);
    yield Array.from({ length }, (_, i) => {
      const scheme = row + i <= done ? 'notaurl://x' : origin;
      return `${row + i},the name of row ${row + i},${scheme}/item/${row + i}\n`;
    }).join('');
  }
}

interface Start {
  readonly seconds: number;
  readonly peak: number;
}

/**
 * Runs a command until the server sees a request, then kills it. @returns the time until then, and the peak
 * RSS
 */
async function untilRequest(command: readonly string[], requests: () => Promise<number>): Promise<Start> {
  const before = await requests();
  const startedAt = performance.now();
  const child = startChild(pinned(command, clientCore), { stdio: 'ignore' });
  const exited = exitOf(child);
  try {
    for await (const _ of setInterval(pollMs)) {
      if ((await requests()) > before) break;
      if (child.exitCode !== null) throw new Error(`${command.join(' ')}\nended with ${child.exitCode}`);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    return { seconds, peak: (await memoryOf(child.pid)).peak };
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

function shown({ seconds, peak }: Start): string[] {
  return [seconds.toFixed(1), (peak / 1e6).toFixed(0)];
}
