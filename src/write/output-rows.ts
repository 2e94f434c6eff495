import { JsonText } from '../shared/json-text.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { Result, Value, Values } from '../shared/records.ts';
import { isAnswered } from '../shared/statuses.ts';

/**
 * The processors' values of each output row of a result: of the rows that a module has made and, with `--explode`, one for
 * each element of the array in a column. They are made one by one, as there may be as many as a sitemap has URLs.
 *
 * @param exploded name of that column; null without `--explode`
 */
export function* outputRows(result: Result, exploded: string | null): Generator<Values> {
  const { values, rows } = result;
  if (rows === null) {
    if (exploded === null) yield values;
    else yield* explode(values, exploded, result);
    return;
  }
  for (const own of rows) {
    const of = { ...values, ...own };
    if (exploded === null) yield of;
    else yield* explode(of, exploded, result);
  }
}

/**
 * Without elements there is one row with an empty cell. A result without an answer also gives one such row, whatever
 * its page held: `--retry-failed` fetches the row again, and must find exactly one line of it.
 */
function* explode(of: Values, name: string, { status, error }: Result): Generator<Values> {
  const elements = isAnswered(status, error) ? elementsOf(of[name]) : [];
  if (elements.length === 0) yield { ...of, [name]: null };
  else for (const element of elements) yield { ...of, [name]: element };
}

/** The elements of an array, which may be written as JSON. Any other value stands for itself. */
function elementsOf(value: Value): readonly Value[] {
  const plain = value instanceof JsonText ? (JSON.parse(value.json) as Value) : value;
  const found = typeof plain === 'string' ? (arrayIn(plain) ?? plain) : plain;
  return Array.isArray(found) ? (found as readonly Value[]) : [found];
}

/** The array that a text holds as JSON, as a module or an expression may have taken it from a page; else null. */
function arrayIn(text: string): Value {
  if (!/^\s*\[/.test(text)) return null;
  try {
    return parseJson(text) as Value;
  } catch {
    return null;
  }
}

/** The records of a result: those of its pages, in order, and with `--explode` those of their elements. */
export function* recordsOf(
  result: Result,
  exploded: string | null,
  recordOf: (page: Result) => (of: Values) => string,
): Generator<string> {
  for (const page of [...result.pagesBefore, result]) {
    const record = recordOf(page);
    for (const of of outputRows(page, exploded)) yield record(of);
  }
}

/**
 * The text of records in pieces of at least `size` characters.
 *
 * @returns the last piece, which may be shorter or empty
 */
export function* piecesOf(records: Iterable<string>, size: number): Generator<string, string> {
  let text = '';
  for (const record of records) {
    // A piece is given when the next row is known, so that the last one is known to be the last.
    if (text.length >= size) {
      yield text;
      text = '';
    }
    text += record;
  }
  return text;
}
