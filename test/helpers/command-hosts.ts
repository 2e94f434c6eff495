import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { Ended } from './cli.ts';

/** What one run is given. */
export interface Hosted {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface HostedEnd {
  readonly ended: Ended;
  /** Something of the run goes on in the process. */
  readonly leaves: boolean;
}

const most = 2;
const idle: ChildProcess[] = [];
const waiting: (() => void)[] = [];
let hosts = 0;

/** Runs the built command in a process that others before have run it in, and that nothing of those goes on in. */
export async function hosted(run: Hosted): Promise<Ended> {
  const host = await takeHost();
  host.ref();
  host.channel?.ref();
  host.send(run);
  const { ended, leaves } = await endIn(host);
  host.unref();
  host.channel?.unref();
  if (leaves) {
    hosts--;
    host.kill('SIGKILL');
  } else idle.push(host);
  waiting.shift()?.();
  return ended;
}

async function takeHost(): Promise<ChildProcess> {
  for (;;) {
    const host = idle.pop() ?? (hosts < most ? newHost() : null);
    if (host !== null) return host;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
}

function newHost(): ChildProcess {
  hosts++;
  const file = fileURLToPath(new URL('./command-host.js', import.meta.url));
  const env = { PATH: process.env['PATH'] };
  // A pipe at its standard output as at that of `startUrlmill`: the command asks what is there.
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
    hosts--;
    throw new Error(`the process of the command has ended by itself (${end})`);
  } finally {
    message.catch(() => {});
    exit.catch(() => {});
    gone.abort();
  }
}
