import { blankReply } from '../fetch/messages.ts';
import { JsonText } from '../shared/json-text.ts';
import type { Result, Row, Table, Trace, Value, Values } from '../shared/records.ts';
import { rowOf, writtenRow } from './row-lines.ts';
import type { WrittenRow } from './row-lines.ts';

/**
 * A result as a line of a part: `{"row":{"row":7,…},"status":200,…}`. It has all that a writer needs, so that
 * `collect` writes any format as a run would have. Fields that are blank are left out.
 */
export function resultLine(result: Result): string {
  return `${JSON.stringify({ row: writtenRow(result.row), ...writtenPage(result) })}\n`;
}

/** A result without its row, which all its pages share. */
function writtenPage(result: Result): Record<string, unknown> {
  const { row: _, trace, values, rows, pagesBefore, ...plain } = result;
  const written: Record<string, unknown> = {};
  addFilled(written, plain, blankResult);
  const traced: Record<string, unknown> = {};
  addFilled(traced, trace, blankTrace);
  if (Object.keys(traced).length > 0) written['trace'] = traced;
  if (Object.keys(values).length > 0) written['values'] = writtenValues(values);
  if (rows !== null) written['rows'] = rows.map(writtenValues);
  if (pagesBefore.length > 0) written['pagesBefore'] = pagesBefore.map(writtenPage);
  return written;
}

/**
 * The reverse of `resultLine`. Field by field, as spreading objects takes longer than parsing.
 *
 * @throws SyntaxError for a line that is damaged
 */
export function resultOf(line: string, table: Table): Result {
  const { row, ...written } = JSON.parse(line) as WrittenResult & { readonly row: WrittenRow };
  return pageOf(written, rowOf(row, table));
}

function pageOf(written: WrittenResult, row: Row): Result {
  const { trace, values, rows, pagesBefore } = written;
  return {
    row,
    status: written.status ?? null,
    error: written.error ?? null,
    detail: written.detail ?? '',
    url: written.url ?? '',
    host: written.host ?? '',
    type: written.type ?? '',
    charset: written.charset ?? '',
    charsetFrom: written.charsetFrom ?? '',
    bytes: written.bytes ?? null,
    wireBytes: written.wireBytes ?? null,
    sha256: written.sha256 ?? '',
    notModified: written.notModified ?? false,
    soft404: written.soft404 ?? null,
    change: written.change ?? null,
    ms: written.ms ?? null,
    attempts: written.attempts ?? 0,
    sameAs: written.sameAs ?? null,
    at: written.at ?? 0,
    redirects: written.redirects ?? blankResult.redirects,
    trace: trace === undefined ? blankTrace : { ...blankTrace, ...trace },
    values: values === undefined ? noValues : valuesOf(values),
    rows: rows === undefined ? null : rows.map(valuesOf),
    page: written.page ?? 1,
    next: written.next ?? '',
    pagesBefore: pagesBefore?.map((page) => pageOf(page, row)) ?? noPages,
  };
}

/** The number of the row that a line of `resultLine` is of; null for a line that is damaged. */
export function numberOfLine(line: string): number | null {
  const [, digits] = /^\{"row":\{"row":(\d+),/.exec(line) ?? [];
  return digits === undefined ? null : Number(digits);
}

type Plain = Omit<Result, 'row' | 'trace' | 'values' | 'rows' | 'pagesBefore'>;

interface WrittenResult extends Partial<Plain> {
  readonly trace?: Partial<Trace>;
  readonly values?: WrittenValues;
  readonly rows?: readonly WrittenValues[];
  readonly pagesBefore?: readonly WrittenResult[];
}

const blankResult: Plain = {
  status: null,
  error: null,
  detail: '',
  url: '',
  host: '',
  type: '',
  charset: '',
  charsetFrom: '',
  bytes: null,
  wireBytes: null,
  sha256: '',
  notModified: false,
  soft404: null,
  change: null,
  ms: null,
  attempts: 0,
  sameAs: null,
  at: 0,
  redirects: [],
  page: 1,
  next: '',
};

const noValues: Values = {};
const noPages: readonly Result[] = [];

const { trace: blankTrace } = blankReply;

function addFilled<T extends object>(to: Record<string, unknown>, from: T, blank: T): void {
  for (const name of Object.keys(blank) as (keyof T & string)[]) {
    const value = from[name];
    const isBlank = Array.isArray(value) ? value.length === 0 : value === blank[name];
    if (!isBlank) to[name] = value;
  }
}

/** An object is written as its JSON text, so that numbers in it keep their digits. */
type WrittenValue = string | number | boolean | null | { readonly json: string };
type WrittenValues = Readonly<Record<string, WrittenValue>>;

function writtenValues(values: Values): WrittenValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, writtenValue(value)]));
}

function writtenValue(value: Value): WrittenValue {
  if (value === undefined || value === null) return null;
  if (value instanceof JsonText) return { json: value.json };
  return typeof value === 'object' ? { json: JSON.stringify(value) } : value;
}

function valuesOf(values: WrittenValues): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? new JsonText(value.json) : value,
    ]),
  );
}
