import { addressOf, latencyOf } from './many-hosts.ts';
import { randomNumbers, shuffled } from './random.ts';

export interface SkewedList {
  readonly urls: readonly string[];
  readonly hosts: number;
  /** Number of different URLs. */
  readonly distinct: number;
  readonly biggest: { readonly rows: number; readonly latency: number };
  /** Milliseconds that the slowest host takes for all its rows, one after the other. */
  readonly longest: number;
  /** Milliseconds for all rows, one after the other. */
  readonly total: number;
}

/** As counted in the home pages of all Debian packages: 59,226 rows, 6,855 hosts. */
const rowsOfBiggest = 19_327;
const rowsOfSecond = 4200;
const hosts = 6855;
/** Length of runs of rows of one host: a run is longer than x with probability x^-1.1. */
const runExponent = 1.1;
/**
 * Number of the biggest host: chosen so that it has a medium latency, and its rows take longer than those of
 * any other host.
 */
const firstNumber = 5;

/**
 * A list like real ones: a third of the rows lead to one host, the others fall off by Zipf's law, and rows of
 * one host stand together in runs of 3 on average, sometimes of a hundred. A host's rows share URLs in pairs,
 * so that most URLs come twice. The list is the same every time.
 *
 * @param share of the whole list, from 0 to 1
 */
export function skewedList(port: number, share: number): SkewedList {
  const random = randomNumbers(1);
  const counts = Array.from({ length: Math.ceil(hosts * share) }, (_, i) =>
    Math.max(1, Math.round((i === 0 ? rowsOfBiggest : rowsOfSecond / i) * share)),
  );
  const runs = counts.flatMap((count, i) =>
    runsOf(`http://${addressOf(firstNumber + i)}:${port}`, count, random),
  );
  const urls = shuffled(runs, random).flat();
  const times = counts.map((count, i) => count * latencyOf(addressOf(firstNumber + i)));
  return {
    urls,
    hosts: counts.length,
    distinct: new Set(urls).size,
    biggest: { rows: counts[0] ?? 0, latency: latencyOf(addressOf(firstNumber)) },
    longest: Math.max(...times),
    total: times.reduce((sum, time) => sum + time, 0),
  };
}

function runsOf(origin: string, count: number, random: () => number): string[][] {
  const runs: string[][] = [];
  for (let done = 0; done < count;) {
    const wanted = Math.floor((1 - random()) ** (-1 / runExponent));
    const length = Math.min(wanted, count - done);
    const first = done;
    runs.push(Array.from({ length }, (_, i) => `${origin}/page/${(first + i) >> 1}`));
    done += length;
  }
  return runs;
}
