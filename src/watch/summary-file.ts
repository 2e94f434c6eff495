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

/**
 * @param print writes to standard error, which `-` is
 * @throws OutputError when it cannot be written
 */
export async function writeSummaryFile(
  path: string,
  summary: object,
  print: (text: string) => void,
): Promise<void> {
  const text = `${JSON.stringify(summary, null, 2)}\n`;
  if (path === standardError) print(text);
  else await writeSmallFile('--summary', path, text);
}
