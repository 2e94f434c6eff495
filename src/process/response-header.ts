import { parseNamed } from '../options/checks.ts';
import type { Processor } from '../shared/records.ts';

/** The columns of `--response-header`: the header's value, several joined by `, `; with `NAME*=` one each. */
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
