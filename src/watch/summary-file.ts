import { checkSmallFile, writeSmallFile } from '../shared/small-file.ts';

/** Standard output may hold the rows, so this is standard error. */
const standardError = '-';

/**
 * Checks before the run that the summary can be written, without changing an existing file.
 *
 * @throws OutputError when it cannot be written
 */
export async function checkSummaryFile(path: string): Promise<void> {
  if (path !== standardError) await checkSmallFile('--summary', path);
}

/** The figures as the JSON text of a summary file. */
export function summaryText(summary: object): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/**
 * @param tell writes the figures to standard error: it is called if `path` is `-`
 * @throws OutputError when it cannot be written
 */
export async function writeSummaryFile<T extends object>(
  path: string,
  summary: T,
  tell: (summary: T) => void,
): Promise<void> {
  if (path === standardError) tell(summary);
  else await writeSmallFile('--summary', path, summaryText(summary));
}
