import { gunzipSync } from 'node:zlib';

import { parse } from 'csv-parse/sync';

/** Columns that differ from run to run. */
const volatile = new Set(['fetch_ms', 'fetch_at']);

/** The expected cells of each input row's output rows, in order. */
export type Expected = ReadonlyMap<number, readonly string[]>;

/** Adjacent output rows that belong to one input row. */
export type RowGroup = readonly [row: number, cells: readonly string[]];

/**
 * Parses an output into groups: the number of an input row, and the cells of its output rows except volatile
 * columns.
 *
 * @throws Error if the output is not valid
 */
export function rowsOf(bytes: Buffer, name: string): RowGroup[] {
  const text = (name.endsWith('.gz') ? gunzip(bytes) : bytes).toString();
  const records = name.includes('.jsonl') ? jsonLines(text) : csv(text);
  const groups: [number, string[]][] = [];
  for (const record of records) {
    const row = Number(record['id']);
    const cells = JSON.stringify(Object.entries(record).filter(([column]) => !volatile.has(column)));
    const last = groups.at(-1);
    if (last?.[0] === row) last[1].push(cells);
    else groups.push([row, [cells]]);
  }
  return groups;
}

/** An output without any batch has no gzip member, and is empty. */
function gunzip(bytes: Buffer): Buffer {
  return bytes.length === 0 ? bytes : gunzipSync(bytes);
}

function csv(text: string): Record<string, unknown>[] {
  return parse(text, { columns: true });
}

function jsonLines(text: string): Record<string, unknown>[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Describes the first fault in these rows; null if they are the expected ones, each once. */
export function wrongIn(
  found: readonly RowGroup[],
  expected: Expected,
  { ordered, whole }: { readonly ordered: boolean; readonly whole: boolean },
): string | null {
  const seen = new Set<number>();
  const right = [...expected.keys()].filter((row) => isSeen(expected, row));
  for (const [index, [row, cells]] of found.entries()) {
    if (seen.has(row)) return `row ${row} is there twice`;
    seen.add(row);
    const own = expected.get(row) ?? [];
    if (cells.join('\n') !== own.join('\n')) return `row ${row} is ${told(cells)}, not ${told(own)}`;
    if (ordered && row !== right[index]) return `row ${row} stands where row ${right[index]} belongs`;
  }
  const missing = whole ? right.filter((row) => !seen.has(row)) : [];
  if (missing.length === 0) return null;
  return `${missing.length} rows are missing, the first of them row ${missing[0]}`;
}

/** Whether the row has any output. */
export function isSeen(expected: Expected, row: number): boolean {
  return (expected.get(row) ?? []).length > 0;
}

function told(cells: readonly string[]): string {
  return cells.length === 1 ? String(cells[0]) : `${cells.length} rows (${cells.join(', ')})`;
}
