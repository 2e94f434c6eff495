import { UsageError } from '../shared/errors.ts';
import { findColumn } from '../shared/find-column.ts';
import { didYouMean } from '../shared/nearest.ts';
import { parseNameTemplate } from '../options/saving.ts';
import type { NamePart } from '../options/saving.ts';
import { safePath } from './file-names.ts';

/** Values that a name may contain besides the cells of its row. */
export interface NameFacts {
  /** SHA-256 of the body in hexadecimal. */
  readonly sha256: string;
  /** Name of the host that answered, without a port. */
  readonly host: string;
  /** The extension for the media type, with its dot; may be empty. */
  readonly ext: string;
}

const facts = ['sha256', 'host', 'ext'] as const;
type Fact = (typeof facts)[number];

/** A path, and the end of it (`.tar.gz`) before which a number is inserted. */
export interface WantedName {
  readonly path: string;
  readonly tail: string;
}

type Part = { readonly text: string } | { readonly column: number } | { readonly fact: Fact };

/** `--save-as` for the columns of one table. */
export class NameTemplate {
  /** Whether names contain the hash, so that equal names mean equal bodies. */
  readonly hasHash: boolean;
  readonly hasExtension: boolean;
  readonly #parts: readonly Part[];

  /** @throws UsageError for a column that the table does not have */
  constructor(template: string, names: readonly string[]) {
    this.#parts = parseNameTemplate(template).map((part) => compiled(part, names));
    this.hasHash = this.#has('sha256');
    this.hasExtension = this.#has('ext');
  }

  /** The cells that a row puts into its name. */
  cells(cells: readonly string[]): string[] {
    return this.#parts.flatMap((part) => ('column' in part ? [cells[part.column] ?? ''] : []));
  }

  name(cells: readonly string[], said: NameFacts): WantedName {
    const components = [''];
    let tail = '';
    // Whether the component has begun with empty values and is still empty.
    let isBlank = false;
    for (const part of this.#parts) {
      const value = textOf(part, cells, said);
      const [first = '', ...more] = 'text' in part ? value.split('/') : [value];
      const isStart = isBlank || ('fact' in part && components.at(-1) === '');
      // An extension alone would be taken for a name that begins with a dot.
      if (isStart && first.startsWith('.')) components[components.length - 1] = '_';
      components[components.length - 1] += first;
      components.push(...more);
      isBlank = components.at(-1) === '' && !('text' in part);
      tail = tailAfter(part, more.at(-1) ?? value, more.length > 0 ? '' : tail);
    }
    return { path: safePath(components, tail), tail };
  }

  #has(fact: Fact): boolean {
    return this.#parts.some((part) => 'fact' in part && part.fact === fact);
  }
}

function compiled(part: NamePart, names: readonly string[]): Part {
  if ('text' in part) return part;
  // A column named like a fact comes first, as it is what the user sees.
  const column = findColumn(names, part.name);
  if (column !== -1) return { column };
  const fact = facts.find((name) => name === part.name.trim().toLowerCase());
  if (fact !== undefined) return { fact };
  throw new UsageError(
    `--save-as: there is no column "${part.name}"; the columns are ${names.join(', ')}, and {sha256}, {host} and {ext} are known besides${didYouMean(part.name, [...names, ...facts])}`,
  );
}

function textOf(part: Part, cells: readonly string[], said: NameFacts): string {
  if ('text' in part) return part.text;
  return 'column' in part ? (cells[part.column] ?? '') : said[part.fact];
}

/**
 * The end of a name, from the first dot that comes from the template's own text or from {ext}: `.tar.gz` for
 * `{id}.tar{ext}`. Any other value behind that empties it.
 */
function tailAfter(part: Part, value: string, before: string): string {
  if ('fact' in part && part.fact === 'ext') return before + value;
  if (!('text' in part)) return '';
  if (before !== '') return before + value;
  const dot = value.indexOf('.');
  return dot === -1 ? '' : value.slice(dot);
}
