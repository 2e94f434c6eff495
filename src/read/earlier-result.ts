import { UsageError } from '../shared/errors.ts';
import type { Table } from '../shared/records.ts';
import { mayPassLater } from '../shared/statuses.ts';

/** The columns of an input that are this tool's own. */
export interface OwnColumns {
  /** They are not looked at when the URL column is searched for, as they are written anew. */
  readonly names: ReadonlySet<string>;
  /** Those that say what became of a row in an earlier run. */
  readonly status: string;
  readonly error: string;
  /** Whether rows that went well in that run are copied instead of fetched. */
  readonly copies: boolean;
  /** The column of the number of a page, and whether this run asks for next pages (`--next`). Default: there are no pages. */
  readonly pages?: { readonly column: string; readonly areAskedFor: boolean };
}

/** Rows with these statuses need not be fetched again. */
const answered = /^[1-4]\d\d$/;

/**
 * Tells by the cells of a row whether it went well in an earlier run: its status then, or null for a row that is to
 * be fetched.
 */
export function earlierStatus(
  { names }: Table,
  { status, error }: OwnColumns,
): (cells: readonly string[]) => number | null {
  const statusAt = names.indexOf(status);
  const errorAt = names.indexOf(error);
  return (cells) => {
    const text = cells[statusAt] ?? '';
    if ((cells[errorAt] ?? '') !== '' || !answered.test(text)) return null;
    return mayPassLater(Number(text)) ? null : Number(text);
  };
}

/**
 * Tells by the cells of a row that failed in an earlier run at which page it failed. The pages before have rows of their own
 * in that result.
 *
 * @throws UsageError when it was not the first, and this run does not ask for next pages
 */
export function failedPage({ names }: Table, { pages }: OwnColumns): (cells: readonly string[]) => number {
  const at = pages === undefined ? -1 : names.indexOf(pages.column);
  return (cells) => {
    const text = cells[at] ?? '';
    const number = /^\d{1,9}$/.test(text) ? Number(text) : 1;
    if (number > 1 && pages?.areAskedFor !== true) {
      throw new UsageError(
        `--retry-failed: page ${number} of a row has failed in the earlier run; say --next as there`,
      );
    }
    return number;
  };
}
