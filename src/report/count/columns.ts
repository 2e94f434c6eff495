import { UsageError } from '../../shared/errors.ts';
import type { Table } from '../../shared/records.ts';
import { printable } from '../../watch/escape.ts';
import { columns } from '../../write/columns.ts';
import { shownText } from './shown.ts';

/** The result columns that a report reads. */
const names = [
  'status',
  'error',
  'error_detail',
  'url',
  'bytes',
  'ms',
  'first_byte_ms',
  'attempts',
  'at',
  'row',
  'redirects',
  'redirect_chain',
  'first_status',
  'same_as',
  'change',
] as const;

export type ColumnName = (typeof names)[number];

/** Where the columns of a result are; -1 for one that it does not have. */
export interface ResultColumns {
  readonly prefix: string;
  readonly at: Readonly<Record<ColumnName, number>>;
}

/**
 * Finds the result columns of a file by their names.
 *
 * @param file its name, for messages
 * @throws UsageError when it has neither a status nor an error column, by which failed rows are known
 */
export function findColumns({ names: header }: Table, prefix: string, file: string): ResultColumns {
  const placeOf = (name: string): number => header.lastIndexOf(`${prefix}${name}`);
  const at = Object.fromEntries(names.map((name) => [name, placeOf(name)])) as Record<ColumnName, number>;
  if (at.status === -1 && at.error === -1) {
    throw new UsageError(
      `${file} has neither column "${prefix}status" nor "${prefix}error"; is it a result, and written with this --prefix?`,
    );
  }
  return { prefix, at };
}

/** Whether the command can write this column at all. */
export function isWritable(name: string): boolean {
  return Object.hasOwn(columns, name);
}

/** What a report reads of a row. Texts are those of the file, unless a field is said to be fit to be shown. */
export interface Outcome {
  /** Number of the row in the input of the run if the result has that column; else its number in the result. */
  readonly row: number;
  readonly status: number | null;
  /** The failure code, fit to be shown. */
  readonly error: string | null;
  readonly detail: string;
  /** The final URL; empty where it is not known. */
  readonly final: string;
  /** The final URL; if it is not known, the URL of the list. */
  readonly url: string;
  /** The URL of the list, without what is secret in it; empty where the column is not known. */
  readonly listed: string;
  /** Host of `url`, with its port, fit to be shown; empty where it has none. */
  readonly host: string;
  /** Null where the body was not complete, or was counted with another row. */
  readonly bytes: number | null;
  readonly ms: number | null;
  readonly firstByteMs: number | null;
  readonly attempts: number | null;
  readonly at: string;
  /** How often the row was redirected; null where that is not known. */
  readonly redirects: number | null;
  /** URLs that redirected, in order. */
  readonly chain: readonly string[];
  readonly firstStatus: number | null;
  /** Fit to be shown; empty where there is none. */
  readonly change: string;
}

/**
 * Makes the function that reads a row.
 *
 * @param listedAt index of the list's column that has the URL, or -1
 * @param hidden removes from a URL of the list what is secret in it
 */
export function outcomeReader(
  { at }: ResultColumns,
  listedAt: number,
  hidden: (url: string) => string,
): (cells: readonly string[], number: number) => Outcome {
  return (cells, number) => {
    const cell = (place: number): string => cells[place] ?? '';
    const final = cell(at.url);
    const listed = hidden(cell(listedAt));
    const url = final === '' ? listed : final;
    return {
      row: wholeOf(cell(at.row)) ?? number,
      status: statusOf(cell(at.status)),
      error: codeOf(cell(at.error)) || null,
      detail: cell(at.error_detail),
      final,
      url,
      listed,
      host: hostOf(url),
      bytes: cell(at.same_as) === '' ? wholeOf(cell(at.bytes)) : null,
      ms: durationOf(cell(at.ms)),
      firstByteMs: durationOf(cell(at.first_byte_ms)),
      attempts: wholeOf(cell(at.attempts)),
      at: cell(at.at),
      redirects: wholeOf(cell(at.redirects)),
      chain: cell(at.redirect_chain) === '' ? noUrls : cell(at.redirect_chain).split(' '),
      firstStatus: statusOf(cell(at.first_status)),
      change: codeOf(cell(at.change)),
    };
  };
}

const noUrls: readonly string[] = [];

function statusOf(text: string): number | null {
  return /^[1-9]\d\d$/.test(text) ? Number(text) : null;
}

function wholeOf(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function durationOf(text: string): number | null {
  return /^\d{1,12}(?:\.\d{1,6})?$/.test(text) ? Number(text) : null;
}

/** A code is cut after this many characters, as a file may hold anything. */
const longestCode = 60;

/** The form of all our own codes. A file may hold anything. */
const isCode = /^[\w-]*$/;

function codeOf(text: string): string {
  return text.length <= longestCode && isCode.test(text) ? text : shownText(text, longestCode);
}

/** A host is cut after this many characters, as a file may hold anything: no real one with its port is longer. */
const longestHost = 260;

/**
 * The host of a URL in lower case, with its port, fit to be shown. It is found by a pattern, as parsing costs much more than
 * all other counting.
 */
export function hostOf(url: string): string {
  const [, host = ''] = /^https?:\/\/(?:[^/?#\\\s]*@)?([^/?#\\\s@]*)/i.exec(url) ?? [];
  const known = host.slice(0, longestHost).toLowerCase();
  return /^[!-~]*$/.test(known) ? known : printable(known, longestHost);
}
