import type { ReadState } from '../read/rows.ts';
import type { Source } from '../read/source.ts';

/** How much of its input a job has read. */
export interface InputRead {
  /** Rows so far. */
  readonly read: number;
  /** Rows in all; null while that cannot be told. */
  readonly total: number | null;
  /** Whether all are read; before that the total is estimated from the bytes read. */
  readonly exact: boolean;
}

export function inputRead(
  { rows, bytes, done }: ReadState,
  sources: readonly Source[],
  limit = Infinity,
): InputRead {
  if (done) return { read: rows, total: rows, exact: true };
  const sizes = sources.map(({ size }) => size ?? Number.NaN);
  const total = Math.round((rows / bytes) * sizes.reduce((sum, size) => sum + size, 0));
  return {
    read: rows,
    total: Number.isFinite(total) ? Math.min(Math.max(total, rows), limit) : null,
    exact: false,
  };
}
