import { parseNamed } from '../options/checks.ts';
import type { Processor } from '../shared/records.ts';

/** Fills the columns of `--response-header`: the header's values joined by `, `; with `NAME*=` a list of them. */
export function headerProcessor(said: readonly string[]): Processor {
  const wanted = said.map((text) => parseNamed(text));
  return {
    columns: wanted.map(({ name }) => name),
    process: ({ headers, headerValues }) =>
      Object.fromEntries(
        wanted.map(({ name, isList, text }) => [
          name,
          isList ? headerValues(text) : headers[text.toLowerCase()],
        ]),
      ),
  };
}
