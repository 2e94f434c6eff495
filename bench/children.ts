import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();

/**
 * Starts a process that `killChildren` can end. Each is the leader of a group of its own, so that what it has
 * started in turn (a worker of nginx, the client behind a wrapper) ends with it.
 */
export function startChild(command: readonly string[], options: SpawnOptions): ChildProcess {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { ...options, env: cleanEnvironment(), detached: true });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Nothing of the user's own (proxies, NODE_OPTIONS, URLMILL_*) may favour one of the contestants. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { HOME, PATH, TMPDIR } = process.env;
  // Debian keeps nginx where the PATH of a plain user does not look.
  return { HOME, PATH: `${PATH ?? ''}:/usr/sbin`, TMPDIR, LANG: 'C.UTF-8' };
}

/**
 * The exit code, or minus one for a process that was ended by a signal. Throws when it could not be started.
 */
export async function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? -1;
}

/** Synchronous, because the last chance to call it is the `exit` event. */
export function killChildren(): void {
  for (const { pid } of running) {
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended between its exit and the news of it.
    }
  }
}
