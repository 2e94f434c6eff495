import { closeSync, openSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { exitOf, startChild } from './children.ts';
import { fromRoot, python } from './project.ts';

/**
 * The cost of one run of a client: seconds and bytes, of the client alone (with the processes that it started
 * and waited for).
 */
export interface Usage {
  readonly wall: number;
  readonly cpu: number;
  readonly peakRss: number;
  /** Memory of the wrapper: a peak at or below it may be the wrapper's and not the client's. */
  readonly floor: number;
}

export interface MeasureOptions {
  /** The cores that the client may use, in the syntax of `taskset -c`. Default: all. */
  readonly cores?: string;
  /** Chunks for the client's standard input. Default: /dev/null. */
  readonly stdin?: Iterable<string>;
  /** A file for the client's standard output. Default: /dev/null. */
  readonly stdout?: string;
}

export const pinned = (command: readonly string[], cores: string | undefined): readonly string[] =>
  cores === undefined ? command : ['taskset', '-c', cores, ...command];

/** Runs a client to its end. @throws Error with the end of its standard error, for any exit code but 0 */
export async function measure(command: readonly string[], options: MeasureOptions = {}): Promise<Usage> {
  const { cores, stdin, stdout } = options;
  const sink = stdout === undefined ? 'ignore' : openSync(stdout, 'w');
  // -I and -S keep the wrapper, and with it the floor, small.
  const wrapped = [python, '-I', '-S', fromRoot('bench/rusage.py'), ...pinned(command, cores)];
  const child = startChild(wrapped, { stdio: [stdin ? 'pipe' : 'ignore', sink, 'pipe', 'pipe'] });
  if (typeof sink === 'number') closeSync(sink);

  const fed = stdin && child.stdin ? pipeline(Readable.from(stdin), child.stdin) : undefined;
  // A client that ends early breaks the pipe to it, but its exit code and messages tell more than EPIPE.
  const starved = fed?.then(
    () => undefined,
    (error: unknown) => error,
  );
  const [complaint, report, code] = await Promise.all([
    readAll(child.stdio[2]),
    readAll(child.stdio[3]),
    exitOf(child),
  ]);
  const { exitCode, ...usage } = parseReport(report, code);
  if (exitCode !== 0)
    throw new Error(`${command.join(' ')}\nended with ${exitCode}: ${lastLines(complaint)}`);
  const error = await starved;
  if (error !== undefined) throw new Error(`${command.join(' ')}\ndid not read its input`, { cause: error });
  return usage;
}

function readAll(stream: unknown): Promise<string> {
  if (!(stream instanceof Readable)) throw new Error('the pipe to the client is missing');
  return text(stream);
}

function parseReport(report: string, code: number): Usage & { readonly exitCode: number } {
  if (report === '') return { wall: 0, cpu: 0, peakRss: 0, floor: 0, exitCode: code };
  // bench/rusage.py writes exactly this.
  const parsed: Usage & { readonly exitCode: number } = JSON.parse(report);
  return parsed;
}

const lastLines = (complaint: string): string => complaint.trim().split('\n').slice(-15).join('\n');
