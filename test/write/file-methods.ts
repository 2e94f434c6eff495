import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import type { ExecutionContext } from 'ava';

type Call = (...args: unknown[]) => Promise<unknown>;

/** Called in place of the method; `original` calls the real one. */
export type Replacement = (original: Call, handle: FileHandle, args: readonly unknown[]) => Promise<unknown>;

/**
 * Replaces a method of all open files in this process, until the test ends or the returned function is
 * called.
 */
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
