import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { hosted } from './command-hosts.ts';

/** The built, bundled command. */
export const commandFile = fileURLToPath(new URL('../../command/main.js', import.meta.url));

/** The same command, unbundled: for tests that break one of its modules. */
export const unbundledFile = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface RunSettings {
  readonly cwd: string;
  /** Written to standard input, which then closes; null closes it at once. */
  readonly input?: string | Buffer | null;
  /** Leaves standard input open after `input`, whether or not the test writes more to it. */
  readonly inputStaysOpen?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs the command in a new process, for tests of how a process starts and ends. */
  readonly alone?: boolean;
  /**
   * Kills the run when aborted. Such a run does not queue behind others, since they may be waiting for what
   * it does.
   */
  readonly signal?: AbortSignal;
  /** The script to run; `commandFile` by default. */
  readonly file?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built command in `cwd` and waits for its end. It reuses a process that has run the command before,
 * unless standard input stays open, an option may read it, the environment has a variable that Node itself
 * reads, or `alone` or TEST_COMMAND=alone asks for a new process.
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

/** Passes on only PATH, so that no URLMILL_* variable or proxy of whoever runs the tests gets in. */
function environmentIn(cwd: string, said: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: cwd, ...said };
}

/** Whether the command reads this variable, but Node does not. */
function isOurs(name: string): boolean {
  return /^URLMILL_|^(?:https?|all|no)_proxy$/i.test(name);
}

/**
 * Arguments that need a new process: those answered before the command is loaded, and those that read
 * standard input.
 */
function isOfProcess(arg: string): boolean {
  return ['--version', '-V', '-', '@-'].includes(arg);
}
