import { gunzipSync } from 'node:zlib';

import { parse } from 'csv-parse/sync';

/** What differs from run to run. */
const volatile = new Set(['fetch_ms', 'fetch_at']);

/** The rows of an output, each as its number and its cells but the volatile ones. @throws when it is not valid */
export function rowsOf(bytes: Buffer, name: string): [row: number, cells: string][] {
  const text = (name.endsWith('.gz') ? gunzip(bytes) : bytes).toString();
  const records = name.includes('.jsonl') ? jsonLines(text) : csv(text);
  return records.map((record) => {
    const cells = Object.entries(record).filter(([column]) => !volatile.has(column));
    return [Number(record['id']), JSON.stringify(cells)];
  });
}

/** An output without a batch has no gzip member. */
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

/** What is wrong with these rows; null when they are the expected ones, each once. */
export function wrongIn(
  found: readonly (readonly [number, string])[],
  expected: ReadonlyMap<number, string>,
  { ordered, whole }: { readonly ordered: boolean; readonly whole: boolean },
): string | null {
  const seen = new Set<number>();
  let last = 0;
  for (const [row, cells] of found) {
    if (seen.has(row)) return `row ${row} is there twice`;
    seen.add(row);
    if (expected.get(row) !== cells) return `row ${row} is ${cells}, not ${expected.get(row)}`;
    if (ordered && row !== last + 1) return `row ${row} stands behind row ${last}`;
    last = row;
  }
  if (!whole || seen.size === expected.size) return null;
  const missing = [...expected.keys()].filter((row) => !seen.has(row));
  return `${missing.length} rows are missing, the first of them row ${missing[0]}`;
}
