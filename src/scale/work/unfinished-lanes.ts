import type { JobFolder } from '../job-folder.ts';
import { pieceName } from '../pieces.ts';

/** The lanes that have rows without a committed result. */
export async function unfinishedLanes(folder: JobFolder): Promise<{ lane: number; rows: number }[]> {
  const done = await folder.done();
  const rows = new Map<number, number>();
  for (const piece of folder.pieces) {
    if (!done.has(pieceName(piece))) rows.set(piece.lane, (rows.get(piece.lane) ?? 0) + piece.rows);
  }
  return [...rows].map(([lane, count]) => ({ lane, rows: count }));
}
