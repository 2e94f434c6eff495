import type { Moment } from '../../shared/lease.ts';
import type { JobFolder } from '../job-folder.ts';
import { pieceName } from '../pieces.ts';
import type { Piece } from '../pieces.ts';
import type { TakenLane } from '../queue/lane-queue.ts';
import type { OpenPiece } from './open-piece.ts';

/** A piece that is not done, and the files of earlier attempts at it. */
export interface LeftPiece {
  readonly piece: Piece;
  readonly attempts: readonly string[];
}

/**
 * The pieces of a lane that are not done. Only the holder of the lane can rely on the answer, as nobody else works on
 * the lane then.
 *
 * @throws InputError when the folder cannot be read
 */
export async function leftOf(folder: JobFolder, lane: number): Promise<LeftPiece[]> {
  const [done, attempts] = await Promise.all([folder.done(), folder.attempts(lane)]);
  const pieces = folder.pieces.filter((piece) => piece.lane === lane && !done.has(pieceName(piece)));
  return pieces.map((piece) => {
    const name = pieceName(piece);
    const ofPiece = attempts.filter(({ isOfJob, piece: attempted }) => isOfJob && attempted === name);
    return { piece, attempts: ofPiece.map(({ path }) => path) };
  });
}

/** A lane that this worker holds, and how far it is. */
export class HeldLane {
  readonly taken: TakenLane;
  /** The lock of the lane holds for one lock time from this moment on. */
  since: Moment;
  /** Pieces that nobody has read yet, in order. */
  readonly #unread: LeftPiece[];
  readonly open = new Set<OpenPiece>();
  /** Rows that were given to the fetcher and have no result yet. */
  pending = 0;

  /** @param pieces those that are not done */
  constructor(taken: TakenLane, pieces: readonly LeftPiece[]) {
    this.taken = taken;
    this.since = taken.since;
    this.#unread = [...pieces];
  }

  get hasMore(): boolean {
    return this.#unread.length > 0;
  }

  /** Whether all its rows are committed. */
  get isDone(): boolean {
    return !this.hasMore && this.open.size === 0;
  }

  next(): LeftPiece | null {
    return this.#unread.shift() ?? null;
  }

  /** Writes the results of all open pieces. If that fails for a piece, the next `add()` or `commit()` of it rejects. */
  async flush(): Promise<void> {
    await Promise.allSettled([...this.open].map(async (piece) => piece.flush()));
  }
}
