import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { startChild } from '../bench/children.ts';
import { journalOf, partOf } from '../src/write/file-output.ts';
import { calls } from './faults.ts';
import type { Call, Fault } from './faults.ts';

/** The command under torture. */
export interface Command {
  readonly node: string;
  readonly cli: string;
}

export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stderr: string;
  /** Whether we killed it because it took too long. */
  readonly hung: boolean;
}

export interface TracedEnd extends Ended {
  /** Whether the fault happened. */
  readonly hit: boolean;
  /** Number of calls of each kind. */
  readonly made: ReadonlyMap<Call, number>;
}

/** Time limit of a run in milliseconds. */
const longest = 60_000;

/** @param limit milliseconds after which it is killed; null for no limit */
export async function runUrlmill(
  { node, cli }: Command,
  args: readonly string[],
  limit: number | null = longest,
): Promise<Ended> {
  return end([node, cli, ...args], limit);
}

/**
 * Runs the command under strace, with or without a fault in one of its calls on the output.
 * UV_THREADPOOL_SIZE=1 keeps Node's file operations in one thread, because strace counts the calls of each
 * thread separately.
 *
 * @param output an absolute path: strace does not recognize the descriptors of relative ones
 */
export async function traceUrlmill(
  { node, cli }: Command,
  args: readonly string[],
  output: string,
  fault: Fault | null,
): Promise<TracedEnd> {
  const log = `${dirname(output)}.strace`;
  await rm(log, { force: true });
  const paths = [output, partOf(output), journalOf(output), dirname(output)].flatMap((path) => ['-P', path]);
  // --seccomp-bpf does not stop the process at other calls; but with it, strace 6.1 does not inject signals.
  const fast = fault?.kind === 'kill' ? [] : ['--seccomp-bpf'];
  const tracing = ['strace', '-f', '-qq', ...fast, '-E', 'UV_THREADPOOL_SIZE=1', '-o', log, ...paths];
  const inject = fault === null ? [] : ['-e', `inject=${injection(fault)}`];
  const ended = await end([...tracing, '-e', `trace=${calls.join(',')}`, ...inject, node, cli, ...args]);
  const lines = (await readFile(log, 'utf8')).split('\n');
  const made = callsIn(lines, fault);
  const injected =
    fault?.kind === 'kill' ? ended.code === null : lines.some((one) => one.includes('(INJECTED)'));
  return { ...ended, made, hit: fault !== null && injected && !ended.hung };
}

/**
 * Counts the calls of each kind in a log of strace.
 *
 * @param lines of a run with this fault, or with none
 * @throws Error if there are calls of a second thread, as strace counts each thread separately
 */
export function callsIn(lines: readonly string[], fault: Fault | null): Map<Call, number> {
  const made = new Map<Call, number>();
  let first: string | null = null;
  for (const line of lines) {
    const [, thread, name] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    const call = calls.find((one) => one === name);
    if (call === undefined || thread === undefined) continue;
    first ??= thread;
    if (thread !== first) {
      const at = fault === null ? '' : ` (${fault.kind} at ${fault.call} ${fault.nth})`;
      throw new Error(`calls of more than one thread cannot be counted: ${line}${at}`);
    }
    const count = (made.get(call) ?? 0) + 1;
    made.set(call, count);
    // No call follows the one that kills, but strace may log that call again for each of the other threads
    // that die.
    if (fault?.kind === 'kill' && call === fault.call && count === fault.nth) break;
  }
  return made;
}

function injection({ kind, call, nth }: Fault): string {
  if (kind === 'kill') return `${call}:signal=KILL:when=${nth}`;
  return kind === 'full' ? `${call}:error=ENOSPC:when=${nth}+` : `${call}:error=${kind}:when=${nth}`;
}

async function end(command: readonly string[], limit: number | null = longest): Promise<Ended> {
  const child = startChild(command, { stdio: ['ignore', 'ignore', 'pipe'] });
  let hung = false;
  const kill = (): void => {
    hung = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = limit === null ? null : setTimeout(kill, limit);
  const [, , errors] = child.stdio;
  const [stderr, [code]] = await Promise.all([
    errors instanceof Readable ? text(errors) : '',
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (timer !== null) clearTimeout(timer);
  return { code, stderr, hung };
}
