import { UsageError } from '../errors.ts';
import type { Processor } from '../records.ts';
import { sha256 } from './sha256.ts';
import { title } from './title.ts';

export interface Extractor {
  readonly help: string;
  /** Makes the processor that fills the column. */
  readonly create: (column: string) => Processor;
}

/** The built-in extractors: the one table that `--extract` and docs/columns.md are made from. */
export const extractors: Readonly<Record<string, Extractor>> = {
  title: { help: "Title of an HTML page, as a browser's `document.title`.", create: title },
  sha256: { help: 'SHA-256 of the decoded body, in hexadecimal.', create: sha256 },
};

/**
 * The processors of a list like `title,sha256`; their columns carry the prefix.
 *
 * @throws UsageError for a name that is none, or twice the same
 */
export function chosenExtractors(list: string, prefix: string): Processor[] {
  const names = list.split(',').map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`--extract: ${twice} is named twice`);
  return names.map((name) => {
    const extractor = Object.hasOwn(extractors, name) ? extractors[name] : undefined;
    if (extractor === undefined) {
      throw new UsageError(
        `--extract: there is no extractor "${name}"; there are ${Object.keys(extractors).join(', ')}`,
      );
    }
    return extractor.create(prefix + name);
  });
}
