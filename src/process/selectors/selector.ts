import { listTest } from './match.ts';
import { parseSelectors } from './parse.ts';
import type { Test } from './search.ts';

/** @throws RangeError for an invalid list of selectors */
export function compileSelectors(text: string): Test {
  return listTest(parseSelectors(text));
}
