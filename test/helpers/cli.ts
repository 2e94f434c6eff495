import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The built command. */
export const commandFile = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface RunSettings {
  readonly cwd: string;
  /** Standard input; null closes it at once. */
  readonly input?: string | Buffer | null;
  /** Leaves standard input open behind that: the test writes to it, or nobody does. */
  readonly inputStaysOpen?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as a user would, in `cwd`, and waits for its end. */
export async function urlmill(args: readonly string[], settings: RunSettings): Promise<Ended> {
  const child = startUrlmill(args, settings);
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
  { cwd, input = null, inputStaysOpen = false, environment = {} }: RunSettings,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const child = spawn(process.execPath, [commandFile, ...args], {
    cwd,
    // Nothing of who runs the tests: no URLMILL_*, no proxies.
    env: { PATH: process.env['PATH'], HOME: cwd, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  if (input !== null) child.stdin.write(input);
  if (!inputStaysOpen) child.stdin.end();
  return child;
}
