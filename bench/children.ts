import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();

/**
 * Starts a process that `killChildren` can end. Each leads its own process group, so that what it has started
 * (a worker of nginx, the client behind a wrapper) ends with it.
 */
export function startChild(command: readonly string[], options: SpawnOptions): ChildProcess {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { ...options, env: cleanEnvironment(), detached: true });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/**
 * An environment without the user's settings (proxies, NODE_OPTIONS, URLMILL_*), which might favour a
 * contestant.
 */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { HOME, PATH, TMPDIR } = process.env;
  // Debian keeps nginx where the PATH of a plain user does not look.
  return { HOME, PATH: `${PATH ?? ''}:/usr/sbin`, TMPDIR, LANG: 'C.UTF-8' };
}

/**
 * The exit code, or -1 for a process that was ended by a signal.
 *
 * @throws Error if it could not be started
 */
export async function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? -1;
}

/** Synchronous, because it is called on the `exit` event. */
export function killChildren(): void {
  for (const { pid } of running) {
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended, but its `exit` event has not come yet.
    }
  }
}
