import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import type { ExecutionContext } from 'ava';

type Call = (...args: unknown[]) => Promise<unknown>;

/** What a test does instead of a call; `original` is what the system does. */
export type Replacement = (original: Call, handle: FileHandle, args: readonly unknown[]) => Promise<unknown>;

/** Replaces a method of all files that this process has open, until the test ends or what is given back is called. */
export async function replaceMethod(
  t: ExecutionContext,
  name: 'datasync' | 'sync' | 'writev',
  replacement: Replacement,
): Promise<() => void> {
  const some = await open('/dev/null');
  await some.close();
  const methods = Object.getPrototypeOf(some) as Record<string, Call>;
  const original = methods[name] as Call;
  methods[name] = async function replaced(this: FileHandle, ...args) {
    return replacement(original.bind(this), this, args);
  };
  const restore = (): void => void (methods[name] = original);
  t.teardown(restore);
  return restore;
}
