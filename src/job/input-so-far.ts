import type { ReadState } from '../read/rows.ts';
import type { Source } from '../read/source.ts';

/** Rows read so far, and in all: exact when all are read, before that estimated from the bytes read. */
export function inputSoFar(
  { rows, bytes, done }: ReadState,
  sources: readonly Source[],
  limit = Infinity,
): { read: number; total: number | null; exact: boolean } {
  if (done) return { read: rows, total: rows, exact: true };
  const sizes = sources.map(({ size }) => size ?? Number.NaN);
  const total = Math.round((rows / bytes) * sizes.reduce((sum, size) => sum + size, 0));
  return {
    read: rows,
    total: Number.isFinite(total) ? Math.min(Math.max(total, rows), limit) : null,
    exact: false,
  };
}
