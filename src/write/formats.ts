import { stringify } from 'csv-stringify/sync';

import { objectMembers } from '../shared/json-object.ts';
import { JsonText } from '../shared/json-text.ts';
import type { Result, Row, Value, Values } from '../shared/records.ts';
import type { Cell } from './columns.ts';
import { harmless } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { free } from './layout.ts';
import type { Layout } from './layout-shape.ts';

export type OutputFormat = 'csv' | 'tsv' | 'jsonl';

/** Turns results into text. Lone surrogates from U+DC80 to U+DCFF stand for bytes of the input that are not UTF-8. */
export interface Formatter {
  readonly header: (layout: Layout) => string;
  /**
   * Formats the records of one result, each with its line end. A record is made when it is asked for, as a result may have
   * many (`outputRows`).
   */
  readonly records: (result: Result, layout: Layout) => (of: Values) => string;
}

export const formatters: Readonly<Record<OutputFormat, (dialect: Dialect) => Formatter>> = {
  csv: delimited,
  tsv: (dialect) => delimited({ ...dialect, delimiter: '\t' }),
  jsonl: () => ({ header: () => '', records: jsonLines }),
};

/** The format of `--output-format`, else by the name of the output, else CSV. */
export function formatOf(options: {
  readonly outputFormat: OutputFormat | undefined;
  readonly output: string | undefined;
}): OutputFormat {
  return options.outputFormat ?? byExtension.get(extensionOf(options.output ?? '')) ?? 'csv';
}

/** The last extension of a name, except .gz, in lower case; empty when there is none. */
export function extensionOf(path: string): string {
  return /\.([a-z0-9]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}

export const byExtension: ReadonlyMap<string, OutputFormat> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
]);

/** With `isSafe`, cells with any of these are quoted: a reader that takes another delimiter than ours might find formulas. */
const delimiters = /[,;\t|]/;

function delimited({ delimiter, bom, lineEnd, isSafe }: Dialect): Formatter {
  const code = delimiter.charCodeAt(0).toString(16).padStart(4, '0');
  // A U+FEFF at the start of the file would be read as a byte order mark, so it is quoted.
  const besides = isSafe ? `${delimiters.source}|^\ufeff` : '^\ufeff';
  const special = new RegExp(`[\\n\\r"\\u${code}]|${besides}`);
  const isOfNumbers = /[\d.e+-]/.test(delimiter);
  const quoted = (record: readonly Cell[]): string =>
    stringify([[...record]], {
      delimiter,
      record_delimiter: lineEnd,
      quote_record_delimiter: true,
      quoted_match: new RegExp(besides),
      quoted_empty: isBlank(record),
    });
  // Nearly all rows need no quotes. Joining those is five times as fast as the library.
  const line = (record: readonly Cell[]): string =>
    isOfNumbers || record.some((cell) => typeof cell === 'string' && special.test(cell)) || isBlank(record)
      ? quoted(record)
      : record.join(delimiter) + lineEnd;
  const cellOf = isSafe ? safeCell : toCell;
  return {
    header: ({ header, names }) => (bom ? '\ufeff' : '') + (header ? quoted(names).toWellFormed() : ''),
    records: (result, layout) => {
      const own = layout.inputCells(result.row);
      const surplus = layout.surplus(result.row);
      // Lone surrogates stand for bytes only in rows that could not be decoded.
      const holdsBytes = result.row.error === 'bad-row';
      return (of) => {
        const text = line([...own, ...layout.addedValues(result, of).map(cellOf), ...surplus]);
        return holdsBytes ? text : text.toWellFormed();
      };
    },
  };
}

/** Whether a record would be a blank line, which readers skip: it is written as `""` instead. */
function isBlank(record: readonly Cell[]): boolean {
  return record.length === 1 && (record[0] === null || record[0] === '');
}

/** A value as the text that its cell has when the output is read again. */
export function cellText(value: Value): string {
  return String(toCell(value) ?? '').toWellFormed();
}

function toCell(value: Value): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return clean(typeof value === 'string' ? value : (jsonOf(value) ?? ''));
}

/** A cell that is harmless for spreadsheets, as all that a run adds to the cells of its input may be text from the web. */
function safeCell(value: Value): Cell {
  const cell = toCell(value);
  return typeof cell === 'string' ? harmless(cell) : cell;
}

/** Replaces NUL, at which CSV readers stop. */
function clean(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

/**
 * One JSON object per line. Values of JSON input are copied as text, so they keep their types and digits; cells of other
 * formats are strings. Values of processors keep their types. A record of an earlier result is copied as its whole text.
 */
function jsonLines(result: Result, layout: Layout): (of: Values) => string {
  const { row } = result;
  if (row.earlierStatus !== undefined && row.json !== null) return () => `${row.json}\n`;
  const own = row.json === null ? cellMembers(row, layout) : jsonMembers(row, row.json, layout);
  const surplus = row.json === null ? surplusMembers(row, layout) : [];
  return (of) => {
    const added = layout
      .addedValues(result, of)
      .map((value, index) =>
        member(layout.added[index] ?? '', typeof value === 'string' ? clean(value) : value),
      );
    // JSON must be UTF-8, so bytes that are not UTF-8 are replaced.
    return `{${[...own, ...added, ...surplus].join(',')}}\n`.toWellFormed();
  };
}

function member(name: string, value: Value): string {
  return `${JSON.stringify(name)}:${jsonOf(value) ?? 'null'}`;
}

function jsonOf(value: Value): string | undefined {
  return value instanceof JsonText ? value.json : JSON.stringify(value);
}

function cellMembers(row: Row, { inputCells, inputKey }: Layout): string[] {
  return inputCells(row).map((cell, index) => member(inputKey(index), cell.toWellFormed()));
}

function surplusMembers(row: Row, { surplus, surplusKey }: Layout): string[] {
  return surplus(row).map((cell, index) => member(surplusKey(index), cell.toWellFormed()));
}

function jsonMembers({ error }: Row, json: string, layout: Layout): string[] {
  const { isReplaced, isTakenLate, isEmptied } = layout;
  // Only in rows that could not be decoded lone surrogates stand for bytes; in others they were escapes and stay.
  const stringOf = (key: string): string => JSON.stringify(error === 'bad-row' ? key.toWellFormed() : key);
  const members = objectMembers(json);
  const keyOf = (key: string): string =>
    isTakenLate(key) ? free(key, [...members.map(([other]) => other), ...layout.added]) : key;
  return members
    .filter(([key]) => !isReplaced(key) || isTakenLate(key))
    .map(([key, value]) => `${stringOf(keyOf(key))}:${isEmptied(key) ? 'null' : value}`);
}
