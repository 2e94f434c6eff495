import { isDeepStrictEqual } from 'node:util';

import type { ExecutionContext } from 'ava';

/**
 * Asserts equal bytes. `t.deepEqual` compares byte by byte, by property name, which takes five seconds for 3
 * MB.
 */
export function sameBytes(
  t: ExecutionContext,
  actual: Uint8Array | undefined,
  expected: Uint8Array,
  about = '',
): void {
  const isSame = actual !== undefined && Buffer.compare(actual, expected) === 0;
  t.true(
    isSame,
    isSame ? '' : [about, difference(actual, expected)].filter((text) => text !== '').join(': '),
  );
}

/**
 * Asserts that thousands of values are equal. `t.deepEqual` is slow for so many, and only called to show a
 * difference.
 */
export function sameMany<T>(t: ExecutionContext, actual: T, expected: T, about?: string): void {
  if (isDeepStrictEqual(actual, expected)) t.pass();
  else t.deepEqual(actual, expected, about);
}

/** Describes the first difference. */
function difference(actual: Uint8Array | undefined, expected: Uint8Array): string {
  if (actual === undefined) return 'there are no bytes';
  const found = expected.findIndex((byte, at) => byte !== actual[at]);
  const at = found === -1 ? expected.length : found;
  const near = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(at, at + 16)).toString('latin1');
  return `${actual.length} bytes for ${expected.length}, and from byte ${at} on ${JSON.stringify(near(actual))} for ${JSON.stringify(near(expected))}`;
}
