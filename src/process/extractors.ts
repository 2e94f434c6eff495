import { UsageError } from '../errors.ts';
import type { Processor } from '../records.ts';

export interface Extractor {
  readonly help: string;
  /** Loads what makes the processor that fills the column: an HTML parser takes 20 ms to load. */
  readonly load: () => Promise<(column: string) => Processor>;
}

/** The built-in extractors: the one table that `--extract` and docs/columns.md are made from. */
export const extractors: Readonly<Record<string, Extractor>> = {
  title: {
    help: "Title of an HTML page, as a browser's `document.title`.",
    load: async () => (await import('./title.ts')).title,
  },
  sha256: {
    help: 'SHA-256 of the decoded body, in hexadecimal.',
    load: async () => (await import('./sha256.ts')).sha256,
  },
};

/**
 * The processors of a list like `title,sha256`; their columns carry the prefix.
 *
 * @throws UsageError for a name that is none, or twice the same
 */
export async function chosenExtractors(list: string, prefix: string): Promise<Processor[]> {
  const names = list.split(',').map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`--extract: ${twice} is named twice`);
  const chosen = names.map((name) => {
    const extractor = Object.hasOwn(extractors, name) ? extractors[name] : undefined;
    if (extractor !== undefined) return { name, extractor };
    const known = Object.keys(extractors).join(', ');
    throw new UsageError(`--extract: there is no extractor "${name}"; there are ${known}`);
  });
  return Promise.all(chosen.map(async ({ name, extractor }) => (await extractor.load())(prefix + name)));
}
