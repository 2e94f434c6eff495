import { UsageError } from '../shared/errors.ts';
import type { Options } from '../options/table.ts';

/** How a CSV or TSV file is written. */
export interface Dialect {
  /** Between the cells of CSV. */
  readonly delimiter: string;
  /** Whether a byte order mark comes first, by which Excel knows UTF-8. */
  readonly bom: boolean;
  readonly lineEnd: '\n' | '\r\n';
  /** Whether text from the web that a spreadsheet would run is made harmless. */
  readonly isSafe: boolean;
}

export const plainDialect: Dialect = { delimiter: ',', bom: false, lineEnd: '\n', isSafe: false };

export type DialectOptions = Pick<Options, 'outputDelimiter' | 'outputBom' | 'crlf' | 'excelSafe' | 'excel'>;

/** @throws UsageError when something is asked for that the format does not have */
export function dialectOf(options: DialectOptions, format: NonNullable<Options['outputFormat']>): Dialect {
  const { outputDelimiter, outputBom, crlf, excelSafe, excel } = options;
  const forTables = { 'output-bom': outputBom, crlf, 'excel-safe': excelSafe, excel };
  const [asked] = Object.entries(forTables).find(([, isSet]) => isSet) ?? [];
  if (format === 'jsonl' && asked !== undefined)
    throw new UsageError(`--${asked}: JSON Lines has no such thing`);
  if (format !== 'csv' && outputDelimiter !== undefined) {
    throw new UsageError(`--output-delimiter: only CSV has one, and ${format} is to be written`);
  }
  const said = outputDelimiter === 'tab' || outputDelimiter === '\\t' ? '\t' : outputDelimiter;
  return {
    delimiter: said ?? (excel ? ';' : plainDialect.delimiter),
    bom: outputBom || excel,
    lineEnd: crlf || excel ? '\r\n' : plainDialect.lineEnd,
    isSafe: excelSafe || excel,
  };
}

/** Characters that begin a formula, also in full-width form and behind characters that some spreadsheets drop. */
const formula = /^(?:[\t\r\n]|[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20])/u;

/** A number with a sign, or a sign alone, is no formula. */
const number = /^[+-][\d.,]*$/;

/** Puts `'` before text that a spreadsheet would run as a formula, so that it is shown instead (OWASP: CSV injection). */
export function harmless(text: string): string {
  return formula.test(text) && !number.test(text) ? `'${text}` : text;
}
