import { UsageError } from '../shared/errors.ts';
import { parseNamed } from '../options/checks.ts';
import type { Processor } from '../shared/records.ts';
import { ownText } from '../shared/own-text.ts';

interface Pattern {
  readonly name: string;
  readonly isList: boolean;
  readonly pattern: RegExp;
}

/**
 * Fills the columns of `--regex`: the first group of the first match in the text, or the whole match; with `NAME*=` those of
 * all matches.
 *
 * @throws UsageError for an invalid regular expression
 */
export function regexProcessor(said: readonly string[]): Processor {
  const patterns = said.map((text) => patternOf(text));
  return {
    columns: patterns.map(({ name }) => name),
    process({ text }) {
      return Object.fromEntries(
        patterns.map(({ name, isList, pattern }) => {
          if (!isList) return [name, partOf(pattern.exec(text()))];
          const parts = [...text().matchAll(pattern)].map((match) => partOf(match));
          return [name, parts.filter((part) => part !== null)];
        }),
      );
    },
  };
}

/** The first group or the whole match; null without a match, or if the group did not take part in it. */
function partOf(match: RegExpExecArray | null): string | null {
  const part = match === null || match.length === 1 ? match?.[0] : match[1];
  return part === undefined ? null : ownText(part);
}

/** The flag u is always set, so that `.` matches a whole character; `(?i)`, `(?m)` and `(?s)` may come first. */
function patternOf(said: string): Pattern {
  const { name, isList, text } = parseNamed(said);
  const [start = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  try {
    const all = isList ? 'g' : '';
    return { name, isList, pattern: new RegExp(text.slice(start.length), `${flags}u${all}`) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const reason = message.slice(message.lastIndexOf(': ') + 2);
    throw new UsageError(`--regex: ${said}: ${reason}`);
  }
}
