import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { Turns } from '../../src/shared/turns.ts';
import type { Ended } from './cli.ts';

/** One run, as it is sent to a host process. */
export interface Hosted {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Standard input, in base64. */
  readonly input: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface HostedEnd {
  readonly ended: Ended;
  /** Whether something of the run is still active in the process. */
  readonly leaves: boolean;
}

/** Most runs at a time, apart from those with a signal. */
const most = 2;
const turns = new Turns(most);

/** Most idle processes to keep for later runs. */
const mostIdle = 6;
const idle: ChildProcess[] = [];

/**
 * Runs the built command in a process that has run it before and has nothing left over from those runs.
 *
 * @param signal kills the run when aborted; a run with a signal does not queue, since other runs may be
 *   waiting for what it does
 */
export async function hosted(run: Hosted, signal: AbortSignal | null = null): Promise<Ended> {
  return signal === null ? turns.take(async () => inHost(run, null)) : inHost(run, signal);
}

async function inHost(run: Hosted, signal: AbortSignal | null): Promise<Ended> {
  const host = idle.pop() ?? newHost();
  const kill = (): void => void host.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  host.ref();
  host.channel?.ref();
  host.send(run);
  try {
    const { ended, leaves } = await endIn(host);
    host.unref();
    host.channel?.unref();
    if (leaves || idle.length === mostIdle) kill();
    else idle.push(host);
    return ended;
  } catch (error) {
    if (signal?.aborted === true) return { code: null, stdout: '', stderr: '' };
    throw error;
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

function newHost(): ChildProcess {
  const file = fileURLToPath(new URL('./command-host.js', import.meta.url));
  const env = { PATH: process.env['PATH'] };
  // Standard output is a pipe, as in `startUrlmill`, because the command checks what kind of file it is.
  const host = fork(file, { cwd: '/', env, execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  (host.stdout as Socket).unref();
  return host;
}

async function endIn(host: ChildProcess): Promise<HostedEnd> {
  const gone = new AbortController();
  const { signal } = gone;
  const message = once(host, 'message', { signal });
  const exit = once(host, 'exit', { signal });
  try {
    const [end] = (await Promise.race([message, exit])) as [HostedEnd | number | null];
    if (typeof end === 'object' && end !== null) return end;
    throw new Error(`the process of the command has ended by itself (${end})`);
  } finally {
    message.catch(() => {});
    exit.catch(() => {});
    gone.abort();
  }
}
