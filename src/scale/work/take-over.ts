import { createReadStream } from 'node:fs';

import type { Result, Table } from '../../shared/records.ts';
import { resultOf } from '../result-lines.ts';
import { wholeLines } from '../row-lines.ts';

/**
 * The results that an earlier attempt at a piece has left, with their lines. A power cut may leave a part of a line
 * or zeros, and a machine that still writes the file may not have sent all of it: reading ends at the first line that
 * is no result.
 *
 * @param path the file of the attempt; if it is gone, there are no results
 */
export async function* leftResults(
  path: string,
  table: Table,
): AsyncGenerator<{ readonly line: string; readonly result: Result }> {
  const stream = createReadStream(path);
  try {
    for await (const lines of wholeLines(stream as AsyncIterable<Buffer>)) {
      for (const line of lines) yield { line, result: resultOf(line, table) };
    }
  } catch {
    // What is not taken over is fetched again.
  } finally {
    stream.destroy();
  }
}
