import { appendFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { attempt } from '../shared/files.ts';
import { Turns } from '../shared/turns.ts';
import { inputName } from './job-folder.ts';
import type { Lane } from './pieces.ts';
import { syncNames } from './commit.ts';

/**
 * Characters of rows that are held before they are written: of all lanes together, and the least and the most of one.
 */
const heldInAll = 16 * 2 ** 20;
const [leastHeld, mostHeld] = [4 * 1024, 64 * 1024];

/** Files that are synced at once. */
const syncedAtOnce = 16;

interface Begun {
  rows: number;
  lines: string[];
  /** Characters of the lines. */
  size: number;
}

/** Cuts rows into pieces of lanes. No file stays open, as there may be thousands. */
export class PieceWriter {
  readonly #folder: string;
  readonly #pieceRows: number;
  readonly #compressed: boolean;
  readonly #held: number;
  readonly #lanes: (Begun | undefined)[] = [];

  /** @param folder where the pieces are written; empty */
  constructor(folder: string, how: { laneCount: number; pieceRows: number; compressed: boolean }) {
    this.#folder = folder;
    this.#pieceRows = how.pieceRows;
    this.#compressed = how.compressed;
    this.#held = Math.min(mostHeld, Math.max(leastHeld, heldInAll / how.laneCount));
  }

  /**
   * Adds a row.
   *
   * @returns null when it is held, else a promise: the rows of the lane are being written
   * @throws OutputError
   */
  add(lane: number, line: string): Promise<void> | null {
    const begun = (this.#lanes[lane] ??= { rows: 0, lines: [], size: 0 });
    begun.lines.push(line);
    begun.size += line.length;
    begun.rows++;
    const isWhole = begun.rows % this.#pieceRows === 0;
    return isWhole || begun.size >= this.#held ? this.#write(lane, begun) : null;
  }

  /** Writes and syncs all that is left. @returns the lanes that have rows @throws OutputError */
  async finish(): Promise<Lane[]> {
    const lanes: Lane[] = [];
    for (const [lane, begun] of this.#lanes.entries()) {
      if (begun === undefined) continue;
      if (begun.lines.length > 0) await this.#write(lane, begun);
      lanes.push({ lane, rows: begun.rows });
    }
    const turns = new Turns(syncedAtOnce);
    await Promise.all(
      lanes.flatMap((lane) => this.#paths(lane)).map((path) => turns.take(() => synced(path))),
    );
    await attempt(this.#folder, () => syncNames(this.#folder));
    return lanes;
  }

  async #write(lane: number, begun: Begun): Promise<void> {
    const data = Buffer.from(begun.lines.join(''));
    begun.lines = [];
    begun.size = 0;
    const path = this.#path(lane, Math.floor((begun.rows - 1) / this.#pieceRows));
    await attempt(path, () => appendFile(path, this.#compressed ? gzipSync(data) : data));
  }

  #paths({ lane, rows }: Lane): string[] {
    return Array.from({ length: Math.ceil(rows / this.#pieceRows) }, (_, index) => this.#path(lane, index));
  }

  #path(lane: number, index: number): string {
    return join(this.#folder, inputName({ lane, index }, this.#compressed));
  }
}

async function synced(path: string): Promise<void> {
  await attempt(path, async () => {
    const handle = await open(path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}
