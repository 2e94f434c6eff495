import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { attempt, writeAll } from '../../shared/files.ts';
import type { Result } from '../../shared/records.ts';
import { Statistics } from '../../watch/statistics.ts';
import { commitFile } from '../commit.ts';
import type { JobFolder } from '../job-folder.ts';
import type { Piece } from '../pieces.ts';
import { resultLine } from '../result-lines.ts';

/** Characters that are written at once. */
const batchSize = 64 * 1024;

/** A piece that is being fetched: the results of its rows go to a file that becomes its part when all are there. */
export class OpenPiece {
  readonly piece: Piece;
  /** Rows without a result. */
  left: number;
  readonly #folder: JobFolder;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #statistics = new Statistics(false);
  #text = '';
  #end = 0;
  #writing: Promise<void> = Promise.resolve();

  /** @param attemptName unlike that of any other attempt @throws OutputError */
  static async open(folder: JobFolder, piece: Piece, attemptName: string): Promise<OpenPiece> {
    const path = folder.temporaryOf(piece, attemptName);
    const handle = await attempt(path, () => open(path, 'wx'));
    return new OpenPiece(folder, piece, path, handle);
  }

  private constructor(folder: JobFolder, piece: Piece, path: string, handle: FileHandle) {
    this.#folder = folder;
    this.piece = piece;
    this.left = piece.rows;
    this.#path = path;
    this.#handle = handle;
  }

  /** Takes the result of one of its rows. @returns what is to be waited for before more are given; null: nothing */
  add(result: Result): Promise<void> | null {
    this.left--;
    this.#statistics.add(result);
    this.#text += resultLine(result);
    return this.#text.length < batchSize ? null : this.#write();
  }

  /**
   * Makes it the part of its piece, unless another worker has been faster.
   *
   * @param mayCommit asked at the last moment
   * @param worker as shown to people
   * @returns whether it is committed, by this worker or another one
   * @throws OutputError
   */
  async commit(worker: string, mayCommit: () => boolean): Promise<boolean> {
    await this.#write();
    await attempt(this.#path, async () => {
      await this.#handle.sync();
      await this.#handle.close();
    });
    if (!mayCommit()) return false;
    const won = await commitFile(this.#path, this.#folder.outputOf(this.piece));
    const { startedAt } = this.#statistics;
    const figures = this.#statistics.figures();
    if (won) await this.#folder.writeStats(this.piece, { worker, startedAt, endedAt: Date.now(), figures });
    return true;
  }

  /** Removes what there is of it. */
  async abandon(): Promise<void> {
    await this.#writing.catch(ignore);
    await this.#handle.close().catch(ignore);
    await unlink(this.#path).catch(ignore);
  }

  async #write(): Promise<void> {
    const bytes = Buffer.from(this.#text);
    const at = this.#end;
    this.#text = '';
    this.#end += bytes.length;
    const before = this.#writing;
    this.#writing = before.then(() => attempt(this.#path, () => writeAll(this.#handle, [bytes], at)));
    // Who waits is told; nobody may.
    this.#writing.catch(ignore);
    return this.#writing;
  }
}

function ignore(): void {}
