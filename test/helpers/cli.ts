import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { hosted } from './command-hosts.ts';

/** The built command. */
export const commandFile = fileURLToPath(new URL('../../command/main.js', import.meta.url));

/** The same, not bundled: for tests that break a module of it. */
export const unbundledFile = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface RunSettings {
  readonly cwd: string;
  /** Standard input; null closes it at once. */
  readonly input?: string | Buffer | null;
  /** Leaves standard input open behind that: the test writes to it, or nobody does. */
  readonly inputStaysOpen?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** A process of its own, for tests of what a process is: how it starts, and how it ends. */
  readonly alone?: boolean;
  /** Ends it when it is aborted. Others may wait for what this run does, so it begins at once. */
  readonly signal?: AbortSignal;
  /** What is run in it; `commandFile` by default. */
  readonly file?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built command in `cwd` and waits for its end: in a process that has run it before, unless standard input
 * stays open or an option may read it, the environment is one that Node itself looks at, or TEST_COMMAND is `alone`.
 */
export async function urlmill(args: readonly string[], settings: RunSettings): Promise<Ended> {
  const { cwd, input = null, inputStaysOpen = false, environment = {}, alone = false, signal } = settings;
  const isPlain = !inputStaysOpen && Object.keys(environment).every(isOurs) && !args.some(isOfProcess);
  if (isPlain && !alone && process.env['TEST_COMMAND'] !== 'alone') {
    const given = Buffer.from(input ?? '').toString('base64');
    return hosted({ args, cwd, input: given, environment: environmentIn(cwd, environment) }, signal);
  }
  return urlmillAlone(args, settings);
}

async function urlmillAlone(args: readonly string[], settings: RunSettings): Promise<Ended> {
  const child = startUrlmill(args, settings);
  settings.signal?.addEventListener('abort', () => child.kill('SIGKILL'));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** Starts the built command and leaves it running: for signals, slow readers and closed pipes. */
export function startUrlmill(
  args: readonly string[],
  { cwd, input = null, inputStaysOpen = false, environment = {}, file = commandFile }: RunSettings,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: environmentIn(cwd, environment),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  if (input !== null) child.stdin.write(input);
  if (!inputStaysOpen) child.stdin.end();
  return child;
}

/** Nothing of who runs the tests: no URLMILL_*, no proxies. */
function environmentIn(cwd: string, said: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: cwd, ...said };
}

/** Whether the command reads this variable, and Node does not. */
function isOurs(name: string): boolean {
  return /^URLMILL_|^(?:https?|all|no)_proxy$/i.test(name);
}

/** What is answered before the command is loaded, and what may be read from the descriptor of standard input. */
function isOfProcess(arg: string): boolean {
  return ['--version', '-V', '-', '@-'].includes(arg);
}
