import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { commandFile } from './cli.ts';
import type { Ended, RunSettings } from './cli.ts';

/**
 * Runs a line of shell in which `"$@"` is the built command with its arguments: for redirections, pipes and
 * limits that need a shell.
 */
export async function shell(
  line: string,
  args: readonly string[],
  { cwd, input = null, environment = {} }: RunSettings,
): Promise<Ended> {
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, commandFile, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...environment },
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
