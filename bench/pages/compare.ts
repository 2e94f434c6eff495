import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Check } from '../scenario.ts';
import { readCsv } from '../tally.ts';

/** A contestant's values by URL and field, as digests, because the texts would fill the memory. */
export type Found = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads urlmill's CSV. */
export async function foundInCsv(file: string, fields: readonly string[]): Promise<Found> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for await (const row of readCsv(file)) {
    const value = (field: string): unknown => {
      // Columns that the user names have no prefix.
      const cell = row[`fetch_${field}`] ?? row[field];
      if (cell === undefined) throw new Error(`${file} has no column ${field}`);
      return cell.startsWith('[') ? JSON.parse(cell) : cell;
    };
    found.set(row['url'] ?? '', digests(fields, value));
  }
  return found;
}

/** Reads a peer's JSON Lines. */
export async function foundInJsonLines(file: string, fields: readonly string[]): Promise<Found> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const page: Record<string, unknown> & { readonly url: string } = JSON.parse(line);
    found.set(
      page.url,
      digests(fields, (field) => page[field]),
    );
  }
  return found;
}

/**
 * Speed counts only if the answers agree, so no page may have a value other than that of the other
 * contestant.
 */
export function sameAs(what: string, own: Found, others: Found): Check {
  let pages = 0;
  const fields = new Map<string, number>();
  for (const url of new Set([...own.keys(), ...others.keys()])) {
    const values = own.get(url);
    const other = others.get(url);
    const differing =
      values === undefined || other === undefined
        ? ['missing']
        : [...values].filter(([field, value]) => other.get(field) !== value).map(([field]) => field);
    if (differing.length > 0) pages += 1;
    for (const field of differing) fields.set(field, (fields.get(field) ?? 0) + 1);
  }
  const details = [...fields].map(([field, count]) => `${field} ${count}`).join(', ');
  return {
    what: `pages with a value other than ${what}`,
    measured: `${pages} of ${own.size}${details === '' ? '' : ` (${details})`}`,
    needed: '0',
    ok: pages === 0,
  };
}

const digests = (fields: readonly string[], value: (field: string) => unknown): Map<string, string> =>
  new Map(
    fields.map((field) => [
      field,
      createHash('sha1')
        .update(comparable(field, value(field)))
        .digest('base64'),
    ]),
  );

function comparable(field: string, value: unknown): string {
  // Scrapy leaves out the slash of `http://www.w3.org/` and the empty fragment of `#`.
  if (field === 'links' && Array.isArray(value)) {
    return value.map((href) => new URL(String(href)).href.replace(/#$/, '')).join(' ');
  }
  const text = Array.isArray(value) ? value.join('\n') : String(value);
  // At the end of blocks and cells, some write line breaks and some nothing, so only the other characters are
  // compared.
  if (field === 'text') return text.replace(/\s+/g, '');
  // Line breaks and runs of spaces are left to each tool, so they are not compared.
  return text.replace(/\s+/g, ' ').trim();
}
