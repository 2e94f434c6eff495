import { refuseOwnInput } from '../job/checks.ts';
import { waitingFolders } from '../job/waiting-folders.ts';
import type { reportOptions } from '../options/report.ts';
import { fileSource, streamSource } from '../read/source.ts';
import { makeReport } from '../report/report.ts';
import { outputTarget } from '../shared/output-target.ts';
import { checkSmallFile, writeSmallFile } from '../shared/small-file.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';

/** Writes the page of a result. */
export async function report({
  operands: [name = '-'],
  options: { output = '-', quiet, ...options },
  print,
  tell,
  standardInput,
}: Call<typeof reportOptions>): Promise<number> {
  const notice = (text: string): void => void (quiet || tell(text));
  const source = name === '-' ? streamSource(standardInput, 'standard input') : await fileSource(name);
  const target = await outputTarget(output);
  const inputs = options.since === undefined ? [source] : [source, await fileSource(options.since)];
  await refuseOwnInput({ summary: undefined, retryFailed: undefined }, target, inputs);
  // Counting many rows takes a while.
  if (output !== '-') await checkSmallFile('--output', output);
  const page = await makeReport(source, options, {
    directories: await waitingFolders(target),
    onNotice: notice,
  });
  if (output === '-') await print(page);
  else {
    await writeSmallFile('--output', output, page);
    notice(`the report is in ${output}`);
  }
  return exitCodes.done.code;
}
