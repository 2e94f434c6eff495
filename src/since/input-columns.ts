import { objectMembers } from '../shared/json-object.ts';
import type { Table } from '../shared/records.ts';
import { cellText } from '../read/json-lines.ts';

type Cells = readonly string[];

/** Where the columns of this run's list stand in an earlier result. */
export class InputColumns {
  readonly #names: readonly string[];
  readonly #width: number;
  /** A place for each column; -1: it is not there. */
  readonly #places: readonly number[];
  /** Whether they come first there and in the same order, as they do while the list keeps its columns. */
  readonly #areFirst: boolean;
  /**
   * Whether rows may have more columns than the table (JSON Lines), as cells like `{"name":value}` behind the others.
   */
  readonly #isOpen: boolean;

  constructor(list: Table, earlier: Table, isOpen: boolean) {
    this.#names = list.names;
    this.#width = earlier.names.length;
    this.#places = list.names.map((name, at) => placeOf(name, list.names.slice(0, at), earlier.names));
    this.#areFirst = this.#places.every((place, at) => place === at);
    this.#isOpen = isOpen;
  }

  /**
   * The name of a column that no row has although `read` looks at it; null when there is none.
   *
   * @param read makes something of the cells of a row
   */
  missing(read: (cells: Cells) => unknown): string | null {
    if (this.#isOpen) return null;
    const at = this.#places.findIndex((place, column) => place === -1 && looksAt(read, column));
    return at === -1 ? null : (this.#names[at] ?? '');
  }

  /** The cells of an earlier row in the order of the list. There may be more cells behind them, which nobody reads. */
  cells(cells: Cells): Cells {
    if (this.#areFirst) return cells;
    const found = this.#places.map((place) => cells[place] ?? '');
    if (!this.#isOpen || cells.length <= this.#width) return found;
    const behind = new Map(cells.slice(this.#width).flatMap(membersIn));
    return found.map((cell, at) =>
      this.#places[at] === -1 ? cellText(behind.get(this.#names[at] ?? '') ?? 'null') : cell,
    );
  }
}

/** Columns that share a name are matched in order: the first with the first, and so on. */
function placeOf(name: string, before: readonly string[], names: readonly string[]): number {
  const places = names.flatMap((other, place) => (other === name ? [place] : []));
  if (places.length > 0) return places[before.filter((other) => other === name).length] ?? -1;
  const wanted = name.trim().toLowerCase();
  return names.findIndex((other) => other.trim().toLowerCase() === wanted);
}

function looksAt(read: (cells: Cells) => unknown, column: number): boolean {
  let isSeen = false;
  const cells = new Proxy<string[]>([], {
    get: (_, key) => {
      isSeen ||= key === String(column);
      return '';
    },
  });
  read(cells);
  return isSeen;
}

/** The members of a JSON object; none for other texts, such as a damaged line. */
function membersIn(json: string): ReturnType<typeof objectMembers> {
  try {
    return objectMembers(json);
  } catch {
    return [];
  }
}
