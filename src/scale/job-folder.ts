import { createReadStream } from 'node:fs';
import { mkdir, readFile, readdir, stat, unlink } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { InputError, errorCode } from '../shared/errors.ts';
import { attempt } from '../shared/files.ts';
import type { Row } from '../shared/records.ts';
import { writeWhole } from '../shared/whole-file.ts';
import { namedLayer, resolveOptions } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import { bytesOf, unreadable } from '../read/source.ts';
import type { Figures } from '../watch/statistics.ts';
import { jobFileOf, readJobFile } from './job-file.ts';
import type { JobFile } from './job-file.ts';
import { pieceName, piecesOf } from './pieces.ts';
import type { Piece } from './pieces.ts';
import { rowOf, wholeLines } from './row-lines.ts';
import type { WrittenRow } from './row-lines.ts';

/** The figures of a piece that is done. */
export interface PieceStats {
  /** Which worker has done it, as shown to people (`HOST:PID`). */
  readonly worker: string;
  /** When the piece was begun, and when it was committed: milliseconds since 1970 UTC, by the worker's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly figures: Figures;
}

/** The figures of a piece, as read from the folder. */
export interface WrittenStats extends PieceStats {
  /** When they were written, right after the last commit: milliseconds since 1970 UTC, by the clock of the folder. */
  readonly writtenAt: number;
}

/** A file of an attempt at a piece. */
export interface Attempt {
  readonly path: string;
  /** The name of the piece (`pieceName`). */
  readonly piece: string;
  /** Whether it belongs to this job, not to one that was in the folder before. */
  readonly isOfJob: boolean;
}

/**
 * The folder of a job that was submitted. It alone says what is to be done and what is done; see docs/scale.md.
 *
 *     job.json                   what all machines must agree on (job-file.ts); written last
 *     in/LANE-PIECE.jsonl[.gz]   the rows of the list (row-lines.ts)
 *     tmp/                       attempts at pieces: the holder of a lane takes over the results of earlier holders
 *     out/LANE-PIECE.jsonl       results of all rows of a piece (result-lines.ts): it is done, and never changes
 *     stats/LANE-PIECE.json      `PieceStats`
 */
export class JobFolder {
  readonly path: string;
  readonly file: JobFile;
  readonly options: Options;

  /** @throws InputError when there is no job, or it cannot be read; UsageError when it is of another version */
  static async open(path: string): Promise<JobFolder> {
    const file = await readJobFile(path);
    if (file === null) {
      throw new InputError(`--job: ${path} holds no job that is whole; urlmill submit makes one`);
    }
    return new JobFolder(path, file);
  }

  private constructor(path: string, file: JobFile) {
    this.path = path;
    this.file = file;
    const label = (name: string): string => `${jobFileOf(path)}: ${name}`;
    this.options = resolveOptions([namedLayer(file.options, label)]);
  }

  /** All pieces, by lane and index. */
  get pieces(): Piece[] {
    return this.file.lanes.flatMap((lane) => piecesOf(lane, this.file.pieceRows));
  }

  /** The files that no output may replace: job.json, and the list where this machine has it. */
  get ownFiles(): { name: string; reopens: true }[] {
    const lists = this.file.identity.inputs.flatMap(({ name }) => (isAbsolute(name) ? [name] : []));
    return [jobFileOf(this.path), ...lists].map((name) => ({ name, reopens: true }));
  }

  inputOf(piece: Piece): string {
    return join(this.path, 'in', inputName(piece, this.file.compressed));
  }

  /** Where the results of a piece are once it is done. */
  outputOf(piece: Piece): string {
    return join(this.path, 'out', outputName(piece));
  }

  /**
   * The file that an attempt at a piece writes.
   *
   * @param attemptName no other attempt has it; fit for the name of a file
   */
  temporaryOf(piece: Piece, attemptName: string): string {
    return join(this.path, 'tmp', `${pieceName(piece)}-${this.file.id}-${attemptName}.jsonl`);
  }

  /** The files of attempts. @param lane null: of all lanes @throws InputError when the folder cannot be read */
  async attempts(lane: number | null): Promise<Attempt[]> {
    const folder = join(this.path, 'tmp');
    const attempts = (await namesIn(folder)).flatMap((name): Attempt[] => {
      const [, piece, ofLane, id] = /^((\d{5})-\d{6,})-(?:(.*)-)?[\da-f-]{36}\.jsonl$/.exec(name) ?? [];
      if (piece === undefined || (lane !== null && Number(ofLane) !== lane)) return [];
      return [{ path: join(folder, name), piece, isOfJob: id === this.file.id }];
    });
    return attempts;
  }

  /**
   * Removes the files of attempts. For one lane only its holder may call this, for all lanes (null) anyone once all
   * pieces are done: in both cases, a worker that has lost a lane and does not know it yet can no longer commit its
   * attempt.
   */
  async sweep(lane: number | null): Promise<void> {
    for (const { path } of await this.attempts(lane)) await unlink(path).catch(ignore);
  }

  /** Makes the folders that workers write to. @throws OutputError */
  async makeFolders(): Promise<void> {
    for (const name of ['tmp', 'out', 'stats']) {
      const path = join(this.path, name);
      await attempt(path, () => mkdir(path, { recursive: true }));
    }
  }

  /**
   * The rows of a piece, in the order of the list.
   *
   * @throws InputError when they cannot be read, or their number is not the one that was submitted
   */
  async *rows(piece: Piece): AsyncGenerator<Row[]> {
    const path = this.inputOf(piece);
    let count = 0;
    const stream = createReadStream(path);
    const text = this.file.compressed ? pipeline(stream, createGunzip(), ignore) : stream;
    try {
      for await (const lines of wholeLines(bytesOf(text, path))) {
        count += lines.length;
        yield lines.map((line) => rowOf(JSON.parse(line) as WrittenRow, this.file.table));
      }
      if (count !== piece.rows) throw damaged(path);
    } catch (error) {
      throw error instanceof SyntaxError ? damaged(path) : unreadable(path, error);
    } finally {
      stream.destroy();
    }
  }

  /** Names of the pieces that are done (`pieceName`). @throws InputError when the folder cannot be read */
  async done(): Promise<Set<string>> {
    const files = new Set(await namesIn(join(this.path, 'out')));
    const names = this.pieces.flatMap((piece) => (files.has(outputName(piece)) ? [pieceName(piece)] : []));
    return new Set(names);
  }

  /** @throws OutputError */
  async writeStats(piece: Piece, stats: PieceStats): Promise<void> {
    const path = this.#statsOf(piece);
    await attempt(path, () => writeWhole(path, JSON.stringify(stats), 0o666));
  }

  /** @returns null when there are none, as its worker ended right after the commit, or when they are damaged */
  async stats(piece: Piece): Promise<WrittenStats | null> {
    const path = this.#statsOf(piece);
    try {
      const stats = JSON.parse(await readFile(path, 'utf8')) as Partial<PieceStats> | null;
      if (typeof stats?.figures?.rows !== 'number') return null;
      return { ...(stats as PieceStats), writtenAt: (await stat(path)).mtimeMs };
    } catch {
      return null;
    }
  }

  #statsOf(piece: Piece): string {
    return join(this.path, 'stats', `${pieceName(piece)}.json`);
  }
}

export function inputName(piece: Pick<Piece, 'lane' | 'index'>, compressed: boolean): string {
  return `${pieceName(piece)}.jsonl${compressed ? '.gz' : ''}`;
}

function outputName(piece: Piece): string {
  return `${pieceName(piece)}.jsonl`;
}

function damaged(path: string): InputError {
  return new InputError(`${path}: is damaged; its rows are not those that were submitted`);
}

/** Names in a folder; none when it is missing. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw unreadable(path, error);
  }
}

function ignore(): void {}
