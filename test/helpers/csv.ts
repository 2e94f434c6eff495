import { parse } from 'csv-parse/sync';

/** Parses CSV into one object per row, by other code than urlmill's own. */
export function csvObjects(csv: string, delimiter = ','): Record<string, string>[] {
  const [header = [], ...records] = csvRecords(csv, delimiter);
  return records.map((cells) => {
    const row: Record<string, string> = {};
    for (const [index, name] of header.entries()) row[name] = cells[index] ?? '';
    return row;
  });
}

export function csvRecords(csv: string, delimiter = ','): string[][] {
  if (/["\r]/.test(csv)) return parse(csv, { delimiter, relax_column_count: true });
  // Without quotes, splitting is enough and takes a quarter of the time on large outputs.
  const lines = csv.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.split(delimiter));
}
