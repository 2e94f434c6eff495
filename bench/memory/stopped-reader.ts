import { join } from 'node:path';
import { whole } from '../contest-table.ts';
import { countTo, inTurn } from '../in-turn.ts';
import { kilobyte, startNginx } from '../nginx.ts';
import { atMost, type Bench, type Check, type Findings, type Table } from '../scenario.ts';
import { numberedUrls, writeUrlList } from '../url-list.ts';
import { type Stop, stopReading } from './stop-reading.ts';

const readBeforeStop = 1_000_000;
const stopSeconds = 20;
const inFlight = 64;
/** urlmill's default --look-ahead. */
const lookAhead = 10_000;
/** A Linux pipe, the chunk that the reader has read ahead, and what urlmill's own streams may hold. */
const buffers = (64 + 64 + 256) * 1024;

/** When the reader of the output stops, fetching must stop too, and nothing may pile up meanwhile. */
export async function stoppedReader(bench: Bench): Promise<Findings> {
  // A shorter list would be fetched to its end before the stop has any effect.
  const count = Math.max(Math.ceil((bench.urls ?? 3_000_000) / 10), 40_000);
  const nginx = await startNginx({ dir: bench.dir, locations: kilobyte });
  try {
    const list = await writeUrlList(bench.dir, 'stopped', numberedUrls(nginx.origin, count));
    const limits = ['-c', String(inFlight), '--per-host', String(inFlight)];
    const command = [bench.node, bench.cli, ...limits, '-q', list.csv];
    const stops: Stop[] = [];
    for await (const round of inTurn(countTo(bench.rounds))) {
      const fifo = join(bench.dir, `stopped-${round}.fifo`);
      const stop = await stopReading(command, { nginx, fifo, bytes: readBeforeStop, seconds: stopSeconds });
      if (stop.lines !== count + 1)
        throw new Error(`${stop.lines} lines came out for ${count} URLs and a header`);
      stops.push(stop);
      bench.log(`round ${round}/${bench.rounds}  ${made(stop)} requests after the reader stopped`);
    }
    return {
      tables: [stopTable(stops)],
      checks: targets(stops),
      commands: [['a reader that stops', command]],
    };
  } finally {
    await nginx.stop();
  }
}

const made = ({ samples }: Stop): number => samples.at(-1)?.requests ?? Number.NaN;

/**
 * Requests in the second half of the stop. There are none if fetching has stopped and not only slowed down.
 */
const madeLate = ({ samples }: Stop): number =>
  (samples.at(-1)?.requests ?? Number.NaN) -
  (samples[Math.floor(samples.length / 2)]?.requests ?? Number.NaN);

const allowed = ({ rowBytes }: Stop): number => lookAhead + inFlight + Math.ceil(buffers / rowBytes);

/**
 * Growth in percent from the first sample after the stop, when the look-ahead is used up, to the highest one.
 */
const growth = ({ samples }: Stop): number => {
  const [, first, ...rest] = samples.map(({ rss }) => rss);
  return (Math.max(...rest) / (first ?? Number.NaN) - 1) * 100;
};

function stopTable(stops: readonly Stop[]): Table {
  return {
    title: `A pipe whose reader takes 1 MB and stops for ${stopSeconds} s`,
    head: [
      'round',
      'requests after the stop',
      'of them after 10 s',
      'RSS MB at the stop',
      'after 0.5 s',
      'highest then',
      'peak RSS MB',
    ],
    rows: stops.map((stop, i) => {
      const [atStop, first, ...rest] = stop.samples.map(({ rss }) => rss);
      const late = whole(madeLate(stop));
      return [
        String(i + 1),
        whole(made(stop)),
        late,
        mb(atStop),
        mb(first),
        mb(Math.max(...rest)),
        mb(stop.peakRss),
      ];
    }),
  };
}

const mb = (bytes = Number.NaN): string => (bytes / 1e6).toFixed(1);

function targets(stops: readonly Stop[]): Check[] {
  const worst = (figure: (stop: Stop) => number): number => Math.max(...stops.map(figure));
  return [
    atMost('requests after the reader stopped', worst(made), Math.min(...stops.map(allowed))),
    atMost('requests in the second half of the stop', worst(madeLate), 0),
    atMost('growth of RSS while stopped', worst(growth), 10, ' %'),
  ];
}
