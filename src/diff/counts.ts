import { differing } from './differences.ts';
import type { Difference, RowChange } from './differences.ts';

/** The figures of a comparison, as `--summary` writes them. */
export interface DiffSummary {
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Rows of NEW, plus the rows that only OLD has. */
  readonly rows: number;
  /** All rows except those with the change `same`. */
  readonly different: number;
  readonly byChange: Readonly<Record<RowChange, number>>;
  /** Rows that both files have and whose cells differ, by compared column. */
  readonly byColumn: Readonly<Record<string, number>>;
}

export class Counts {
  readonly #names: readonly string[];
  readonly #byChange: Record<RowChange, number> = {
    new: 0,
    gone: 0,
    changed: 0,
    failed: 0,
    recovered: 0,
    'still-failing': 0,
    same: 0,
  };
  readonly #byColumn: number[];

  /** @param names of the compared columns */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#byColumn = names.map(() => 0);
  }

  add(difference: Difference): void {
    this.#byChange[difference.change]++;
    for (const index of differing(difference)) this.#byColumn[index] = (this.#byColumn[index] ?? 0) + 1;
  }

  /** Whether a column differs in any row. */
  differs(index: number): boolean {
    return this.#byColumn[index] !== 0;
  }

  summary(): DiffSummary {
    const byChange = { ...this.#byChange };
    const rows = Object.values(byChange).reduce((sum, count) => sum + count, 0);
    return {
      rowsBefore: rows - byChange.new,
      rowsAfter: rows - byChange.gone,
      rows,
      different: rows - byChange.same,
      byChange,
      byColumn: Object.fromEntries(this.#names.map((name, index) => [name, this.#byColumn[index] ?? 0])),
    };
  }
}
