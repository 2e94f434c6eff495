import { parseNamed } from '../options/checks.ts';
import type { Processor } from '../shared/records.ts';

/** Fills the columns of `--response-header`: the value of a header, several values joined by `, `. */
export function headerProcessor(said: readonly string[]): Processor {
  const wanted = said.map((text) => parseNamed(text));
  return {
    columns: wanted.map(({ name }) => name),
    process: ({ headers }) =>
      Object.fromEntries(wanted.map(({ name, text }) => [name, headers[text.toLowerCase()]])),
  };
}
