import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';

/** The rows of a CSV with a header, one object each. */
export function readCsv(file: string): AsyncIterable<Record<string, string>> {
  const rows = parse({ columns: true });
  // `pipeline` also destroys `rows` if the file cannot be read, so whoever iterates over them gets the error.
  pipeline(createReadStream(file), rows, () => {});
  return rows;
}

/** How often each value occurs in a column of a CSV with a header. */
export async function tally(file: string, column: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const row of readCsv(file)) {
    const value = row[column] ?? `(no column ${column})`;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/**
 * Checks the output of a run. @throws Error unless the file has exactly `rows` rows, all with `value` in the
 * column
 */
export async function expectAll(file: string, column: string, value: string, rows: number): Promise<void> {
  const counts = await tally(file, column);
  if (counts.size === 1 && counts.get(value) === rows) return;
  const found = [...counts].map(([key, count]) => `${count} × "${key}"`).slice(0, 10);
  throw new Error(
    `${rows} rows with ${column} "${value}" were expected, found ${found.join(', ') || 'none'}`,
  );
}
