import { UsageError } from '../shared/errors.ts';
import { parseNamed } from '../options/checks.ts';
import type { Processor } from '../shared/records.ts';
import { ownText } from '../shared/own-text.ts';

/**
 * Fills the columns of `--regex`: the first group of the first match in the text, or the whole match.
 *
 * @throws UsageError for an invalid regular expression
 */
export function regexProcessor(said: readonly string[]): Processor {
  const patterns = said.map((text) => patternOf(text));
  return {
    columns: patterns.map(({ name }) => name),
    process({ text }) {
      const values = patterns.map(({ name, pattern }) => {
        const match = pattern.exec(text());
        const part = match === null || match.length === 1 ? match?.[0] : match[1];
        return [name, part === undefined ? null : ownText(part)];
      });
      return Object.fromEntries(values) as Record<string, string | null>;
    },
  };
}

/** The flag u is always set, so that `.` matches a whole character; `(?i)`, `(?m)` and `(?s)` may come first. */
function patternOf(said: string): { readonly name: string; readonly pattern: RegExp } {
  const { name, text } = parseNamed(said);
  const [start = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  try {
    return { name, pattern: new RegExp(text.slice(start.length), `${flags}u`) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const reason = message.slice(message.lastIndexOf(': ') + 2);
    throw new UsageError(`--regex: ${said}: ${reason}`);
  }
}
