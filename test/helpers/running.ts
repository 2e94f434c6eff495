import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import type { ExecutionContext } from 'ava';

import { startUrlmill } from './cli.ts';
import type { Ended, RunSettings } from './cli.ts';

export type Child = ReturnType<typeof startUrlmill>;

/** Starts the built command; what is left of it goes when the test ends. */
export function runningUrlmill(t: ExecutionContext, args: readonly string[], settings: RunSettings): Child {
  const child = startUrlmill(args, settings);
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** Everything it says from now on, and how it ends. */
export async function endOf(child: Child): Promise<Ended & { readonly signal: string | null }> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  return { code, signal, stdout, stderr };
}
