import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import type { ExecutionContext } from 'ava';

import { startUrlmill } from './cli.ts';
import type { Ended, RunSettings } from './cli.ts';

export type Child = ReturnType<typeof startUrlmill>;

/** Starts the built command; it is killed when the test ends, if it still runs. */
export function runningUrlmill(t: ExecutionContext, args: readonly string[], settings: RunSettings): Child {
  const child = startUrlmill(args, settings);
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** Waits for the end, and collects all output from now on. */
export async function endOf(child: Child): Promise<Ended & { readonly signal: string | null }> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  return { code, signal, stdout, stderr };
}
