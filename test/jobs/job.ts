import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { ExecutionContext } from 'ava';

import { commandFile } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** `npm run jobs` runs the jobs at real size; in `npm test` they are small. */
export const isWhole = process.env['WHOLE_JOBS'] === '1';

const scripts = fileURLToPath(new URL('../../../test/jobs/', import.meta.url));

export type Running = ChildProcessByStdio<null, Readable, Readable>;

/**
 * A folder with the lists of a job, in which its scripts run as they do for a user, with the command in the
 * PATH.
 */
export class Job {
  readonly cwd: string;
  readonly #t: ExecutionContext;
  readonly #environment: Readonly<Record<string, string>>;

  static async start(
    t: ExecutionContext,
    files: Readonly<Record<string, string | Buffer>>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Job> {
    const cwd = await temporaryFolder(t, files);
    await mkdir(join(cwd, 'bin'), { recursive: true });
    await writeFile(
      join(cwd, 'bin/urlmill'),
      `#!/bin/sh\nexec '${process.execPath}' '${commandFile}' "$@"\n`,
    );
    await chmod(join(cwd, 'bin/urlmill'), 0o755);
    return new Job(t, cwd, environment);
  }

  private constructor(t: ExecutionContext, cwd: string, environment: Readonly<Record<string, string>>) {
    this.#t = t;
    this.cwd = cwd;
    this.#environment = environment;
  }

  /** Starts a script of this folder in its own process group, which is killed when the test ends. */
  begin(script: string, ...args: readonly string[]): Running {
    const shell = script.endsWith('.mjs') ? process.execPath : 'bash';
    const child = spawn(shell, [join(scripts, script), ...args], {
      cwd: this.cwd,
      env: { PATH: `${join(this.cwd, 'bin')}:${process.env['PATH']}`, HOME: this.cwd, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#t.teardown(() => end(child, 'SIGKILL'));
    return child;
  }

  /** Runs a script, which must end with code 0 and write nothing to standard error. */
  async run(script: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await ended(this.begin(script, ...args));
    this.#t.deepEqual([code, stderr], [0, '']);
    return stdout;
  }

  async read(file: string): Promise<string> {
    return readFile(join(this.cwd, file), 'utf8');
  }

  /** The lines of a file. */
  async lines(file: string): Promise<string[]> {
    return linesOf(await this.read(file));
  }

  /** The objects of a file of JSON Lines. */
  async objects(file: string): Promise<Record<string, unknown>[]> {
    return (await this.lines(file)).map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

export function linesOf(written: string): string[] {
  return written.split('\n').filter((line) => line !== '');
}

export async function ended(child: Running): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** Sends a signal to a script and everything it has started. */
export function end(child: Running, signal: NodeJS.Signals): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-(child.pid ?? 0), signal);
}
