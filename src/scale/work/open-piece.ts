import { open, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { attempt, writeAll } from '../../shared/files.ts';
import type { Result } from '../../shared/records.ts';
import { Statistics } from '../../watch/statistics.ts';
import { commitFile } from '../commit.ts';
import type { JobFolder } from '../job-folder.ts';
import type { Piece } from '../pieces.ts';
import { resultLine } from '../result-lines.ts';
import { leftResults } from './take-over.ts';

/** The next holder of the lane has taken over the results, and removed the file: there is nothing left to write to. */
export class TakenOverError extends Error {}

/** Characters that are written at once. */
const batchSize = 64 * 1024;

/**
 * A piece that is being fetched. Results go to a temporary file, which becomes the part of the piece when all are
 * there. If this worker ends before, the next holder of the lane takes over what was written.
 */
export class OpenPiece {
  readonly piece: Piece;
  /** Rows without a result. */
  left: number;
  readonly #folder: JobFolder;
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Makes the saved bodies that results name durable. */
  readonly #sync: () => Promise<void>;
  readonly #statistics = new Statistics(false);
  #text = '';
  #end = 0;
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param attemptName no other attempt has it
   * @param sync called before results are written: makes the bodies durable that they name
   * @throws OutputError
   */
  static async open(
    folder: JobFolder,
    piece: Piece,
    attemptName: string,
    sync: () => Promise<void>,
  ): Promise<OpenPiece> {
    const path = folder.temporaryOf(piece, attemptName);
    const handle = await attempt(path, () => open(path, 'wx'));
    return new OpenPiece(folder, piece, path, handle, sync);
  }

  private constructor(
    folder: JobFolder,
    piece: Piece,
    path: string,
    handle: FileHandle,
    sync: () => Promise<void>,
  ) {
    this.#folder = folder;
    this.piece = piece;
    this.left = piece.rows;
    this.#path = path;
    this.#handle = handle;
    this.#sync = sync;
  }

  /**
   * Takes over the results of earlier attempts, and removes their files once it has them in its own.
   *
   * @param paths files of attempts at this piece, whose workers have lost its lane
   * @returns the numbers of the rows that were taken over: `pass()` must be called for each of them
   * @throws OutputError
   */
  async takeOver(paths: readonly string[]): Promise<Set<number>> {
    const numbers = new Set<number>();
    for (const path of paths) {
      for await (const { line, result } of leftResults(path, this.#folder.file.table)) {
        const { number } = result.row;
        if (numbers.has(number)) continue;
        numbers.add(number);
        this.#statistics.add(result);
        this.#text += `${line}\n`;
        if (this.#text.length >= batchSize) await this.flush();
      }
    }
    await this.flush();
    for (const path of paths) await unlink(path).catch(ignore);
    return numbers;
  }

  /** Passes over one of its rows whose result was taken over. */
  pass(): void {
    this.left--;
  }

  /**
   * Takes the result of one of its rows.
   *
   * @returns a promise to wait for before more are given; null: nothing to wait for
   */
  add(result: Result): Promise<void> | null {
    this.left--;
    this.#statistics.add(result);
    this.#text += resultLine(result);
    return this.#text.length < batchSize ? null : this.flush();
  }

  /**
   * Makes the file the part of the piece, unless another worker has been faster.
   *
   * @param mayCommit called right before the file gets its name
   * @param worker as shown to people
   * @returns whether it is committed, by this worker or another one
   * @throws OutputError, TakenOverError
   */
  async commit(worker: string, mayCommit: () => boolean): Promise<boolean> {
    await this.flush();
    await this.#unlessGone(async () => {
      await this.#handle.sync();
      await this.#handle.close();
    });
    if (!mayCommit()) return false;
    const won = await commitFile(this.#path, this.#folder.outputOf(this.piece));
    if (won === null) throw takenOver();
    const { startedAt } = this.#statistics;
    const figures = this.#statistics.figures();
    if (won) await this.#folder.writeStats(this.piece, { worker, startedAt, endedAt: Date.now(), figures });
    return true;
  }

  /** Leaves what was written to the next holder of the lane. */
  async leave(): Promise<void> {
    await this.flush().catch(ignore);
    await this.#handle.close().catch(ignore);
    if (this.#end === 0) await unlink(this.#path).catch(ignore);
  }

  /** Writes the results that there are. @throws OutputError, TakenOverError */
  async flush(): Promise<void> {
    if (this.#text === '') return this.#writing;
    const bytes = Buffer.from(this.#text);
    const at = this.#end;
    this.#text = '';
    this.#end += bytes.length;
    this.#writing = this.#writeBehind(this.#writing, bytes, at);
    // A caller that waits gets the error. Without one it must not count as unhandled.
    this.#writing.catch(ignore);
    return this.#writing;
  }

  async #writeBehind(before: Promise<void>, bytes: Buffer, at: number): Promise<void> {
    await before;
    await this.#sync();
    await this.#unlessGone(() => writeAll(this.#handle, [bytes], at));
  }

  /** On NFS a file that another machine has removed cannot be written any more. */
  async #unlessGone(action: () => Promise<void>): Promise<void> {
    try {
      await attempt(this.#path, action);
    } catch (error) {
      throw (await isThere(this.#path)) ? error : takenOver();
    }
  }
}

function takenOver(): TakenOverError {
  return new TakenOverError('another worker has taken over a lane');
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function ignore(): void {}
