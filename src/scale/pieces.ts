/** Rows of a list that are fetched and committed together. */
export interface Piece {
  readonly lane: number;
  /** Which piece of its lane it is, from 0. The rows of a lane are in the order of the list. */
  readonly index: number;
  readonly rows: number;
}

/** A lane that has rows: those of all hosts whose names hash to its number. */
export interface Lane {
  readonly lane: number;
  readonly rows: number;
}

/** Pieces of equal size, but the last. @param pieceRows rows of a whole piece */
export function piecesOf({ lane, rows }: Lane, pieceRows: number): Piece[] {
  const count = Math.ceil(rows / pieceRows);
  return Array.from({ length: count }, (_, index) => ({
    lane,
    index,
    rows: Math.min(pieceRows, rows - index * pieceRows),
  }));
}

/** The name of a piece's files, from its lane and index: `00017-000003`. */
export function pieceName({ lane, index }: Pick<Piece, 'lane' | 'index'>): string {
  return `${String(lane).padStart(5, '0')}-${String(index).padStart(6, '0')}`;
}
