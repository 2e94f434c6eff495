import { isWritable } from '../count/columns.ts';
import type { ColumnName, ResultColumns } from '../count/columns.ts';
import type { Figures } from '../count/figures.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { note } from './parts.ts';

/** All that a page is made from. */
export interface Facts {
  readonly figures: Figures;
  readonly columns: ResultColumns;
  /** Name of the file, fit to be shown. */
  readonly name: string;
  readonly version: string;
  /** Whether it is known which column of the list has the URL. */
  readonly knowsList: boolean;
}

export function has({ columns }: Facts, name: ColumnName): boolean {
  return columns.at[name] !== -1;
}

/** Says which column would show more; null where it is there, or this version cannot write it. */
export function missing(facts: Facts, name: ColumnName, what: string): Markup | null {
  if (has(facts, name) || !isWritable(name)) return null;
  const column = html`<code>${facts.columns.prefix}${name}</code>`;
  return note(
    html`The result has no column ${column}: with <code>--columns +${name}</code> the next run tells ${what}.`,
  );
}
