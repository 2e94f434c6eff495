import type { Moment } from '../../shared/lease.ts';
import type { Piece } from '../pieces.ts';
import type { TakenLane } from '../queue/lane-queue.ts';
import type { OpenPiece } from './open-piece.ts';

/** A lane that this worker holds, and how far it is. */
export class HeldLane {
  readonly taken: TakenLane;
  /** Its lock holds for one lock time from there on. */
  since: Moment;
  /** Pieces that nobody has read yet, in order. */
  readonly #unread: Piece[];
  readonly open = new Set<OpenPiece>();
  /** Rows that were given to the fetcher and have no result yet. */
  pending = 0;

  /** @param pieces those that are not done */
  constructor(taken: TakenLane, pieces: readonly Piece[]) {
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

  next(): Piece | null {
    return this.#unread.shift() ?? null;
  }
}
