import { parse } from 'csv-parse/sync';

/** A CSV text as a header and objects, read by another path than urlmill's own. */
export function csvObjects(csv: string, delimiter = ','): Record<string, string>[] {
  const [header = [], ...records] = csvRecords(csv, delimiter);
  return records.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])));
}

export function csvRecords(csv: string, delimiter = ','): string[][] {
  return parse(csv, { delimiter, relax_column_count: true });
}
