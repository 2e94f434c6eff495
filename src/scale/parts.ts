import { createReadStream } from 'node:fs';

import { InputError } from '../shared/errors.ts';
import type { Result, Table } from '../shared/records.ts';
import { RowSet } from '../shared/row-set.ts';
import { bytesOf, unreadable } from '../read/source.ts';
import type { JobFolder } from './job-folder.ts';
import type { Piece } from './pieces.ts';
import { resultOf } from './result-lines.ts';
import { wholeLines } from './row-lines.ts';

/** Results per batch. */
const batchSize = 100;

/** The results of these pieces, one piece after the other. @throws InputError when a part is damaged */
export async function* resultsOf(job: JobFolder, pieces: readonly Piece[]): AsyncGenerator<Result[]> {
  const check = new NumberCheck(job.file.rows);
  for (const piece of pieces) {
    const path = job.outputOf(piece);
    let rows = 0;
    const stream = createReadStream(path);
    try {
      for await (const lines of wholeLines(bytesOf(stream, path))) {
        rows += lines.length;
        for (let at = 0; at < lines.length; at += batchSize) {
          yield lines
            .slice(at, at + batchSize)
            .map((line) => check.added(readResult(line, path, job.file.table), path));
        }
      }
      if (rows !== piece.rows) throw damagedPart(path, `it has ${rows} results and not ${piece.rows}`);
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      stream.destroy();
    }
  }
}

/** @throws InputError for a line that is damaged */
export function readResult(line: string, path: string, table: Table): Result {
  try {
    return resultOf(line, table);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw damagedPart(path, 'a line is no result');
    }
    throw error;
  }
}

/** Checks that no row comes twice. So if there are as many rows as there should be, none is missing. */
export class NumberCheck {
  readonly #seen = new RowSet();
  readonly #last: number;

  /** @param last number of the last row of the list */
  constructor(last: number) {
    this.#last = last;
  }

  /** @returns the result @throws InputError when its row was there before, or is none of the list */
  added(result: Result, path: string): Result {
    const { number } = result.row;
    if (!Number.isSafeInteger(number) || number < 1 || number > this.#last) {
      throw damagedPart(path, `row ${number} is none of the list`);
    }
    if (this.#seen.has(number)) throw damagedPart(path, `row ${number} is there twice`);
    this.#seen.add(number);
    return result;
  }
}

export function damagedPart(path: string, what: string): InputError {
  return new InputError(
    `${path}: is damaged: ${what}; remove it, and start a worker to fetch its rows again`,
  );
}
