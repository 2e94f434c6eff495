import { differing } from '../diff/differences.ts';
import type { Difference } from '../diff/differences.ts';
import { openTwoResults } from '../diff/two-results.ts';
import type { ComparedHow } from '../diff/two-results.ts';
import type { Source } from '../read/source.ts';
import { looksLikeUrl } from '../shared/url-like.ts';
import { Changes } from './count/changes.ts';
import { shownText } from './count/shown.ts';

/**
 * Counts what has become of the rows of a result since an earlier one.
 *
 * @param directories folders to try for temporary files, in order
 * @param hidden removes from a URL of the list what is secret in it
 * @throws UsageError when a file is no result, or they have no column in common that can be compared
 * @throws InputError when a file cannot be read
 * @throws OutputError when a temporary file cannot be written
 */
export async function changesSince(
  old: string,
  now: Source,
  how: Omit<ComparedHow, 'columns'>,
  directories: readonly string[],
  hidden: (url: string) => string,
): Promise<Changes> {
  const results = await openTwoResults(old, now, { ...how, columns: '' }, directories);
  try {
    const { compared } = results.comparison;
    const urlAt = compared.findIndex(({ name }) => name === `${how.prefix}url`);
    const changes = new Changes();
    for await (const difference of results.differences) {
      const names = differing(difference).map((index) => shownText(compared[index]?.name ?? '', 60));
      changes.add(difference.change, hidden(urlOfRow(difference, urlAt)), names);
    }
    return changes;
  } finally {
    await results.close();
  }
}

/** The final URL, else the first cell of the list that looks like one. */
function urlOfRow({ before, after, own }: Difference, urlAt: number): string {
  const cell = (after ?? before)?.[urlAt] ?? '';
  return cell === '' ? (own.find(looksLikeUrl) ?? '') : cell;
}
