import { closeSync, openSync, readSync } from 'node:fs';

import type { Result } from '../shared/records.ts';
import { unreadable } from '../read/source.ts';
import type { JobFolder } from './job-folder.ts';
import { PartIndex } from './part-index.ts';
import { NumberCheck, damagedPart, readResult } from './parts.ts';
import type { Piece } from './pieces.ts';

/** Results per batch. */
const batchSize = 100;

/** Parts that are open at once: more than the default of 256 lanes, and fewer than systems allow. */
const mostOpen = 300;

/**
 * The results of these pieces in the order of the list. The pieces of a lane follow one another in the list, so only
 * one piece of each lane is read at a time: memory holds the indexes of these pieces, and nothing is written to disk.
 *
 * @throws InputError when a part is damaged
 */
export async function* resultsInOrder(job: JobFolder, pieces: readonly Piece[]): AsyncGenerator<Result[]> {
  const files = new OpenParts();
  const check = new NumberCheck(job.file.rows);
  const waiting = new LaneHeap();
  try {
    for (const ofLane of byLane(pieces)) {
      const lane = new LaneResults(job, ofLane, files, check);
      if (await lane.begin()) waiting.push(lane);
    }
    let batch: Result[] = [];
    for (let lane = waiting.first; lane !== null; lane = waiting.first) {
      batch.push(lane.take());
      if (lane.number === null) await lane.nextPiece();
      waiting.settle(lane.number === null);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    files.close();
  }
}

function byLane(pieces: readonly Piece[]): Piece[][] {
  const lanes = new Map<number, Piece[]>();
  for (const piece of pieces) {
    const lane = lanes.get(piece.lane);
    if (lane === undefined) lanes.set(piece.lane, [piece]);
    else lane.push(piece);
  }
  return [...lanes.values()];
}

/** The results of a lane in the order of the list. */
class LaneResults {
  /** The number of the row that comes next; null after the last row of a piece, and of the lane. */
  number: number | null = null;
  readonly #job: JobFolder;
  readonly #pieces: readonly Piece[];
  readonly #files: OpenParts;
  readonly #check: NumberCheck;
  #piece = -1;
  #path = '';
  #index: PartIndex | null = null;
  /** Which row of the piece comes next. */
  #at = 0;
  /** Number of the row that was taken last. */
  #last = 0;

  constructor(job: JobFolder, pieces: readonly Piece[], files: OpenParts, check: NumberCheck) {
    this.#job = job;
    this.#pieces = pieces;
    this.#files = files;
    this.#check = check;
  }

  /** Opens the first piece. @returns whether the lane has rows */
  async begin(): Promise<boolean> {
    await this.nextPiece();
    return this.number !== null;
  }

  /** Gives the next result. If `number` is null afterwards, the piece is used up, and `nextPiece()` must be called. */
  take(): Result {
    const index = this.#index;
    if (index === null) throw new TypeError('a lane was asked for more than it has');
    const { start, length } = index.range(this.#at);
    const line = this.#files.read(this.#path, start, length);
    const result = this.#check.added(readResult(line, this.#path, this.#job.file.table), this.#path);
    this.#last = result.row.number;
    this.#at++;
    this.number = this.#at < index.rows ? index.number(this.#at) : null;
    return result;
  }

  async nextPiece(): Promise<void> {
    if (this.#index !== null) this.#files.closeOne(this.#path);
    this.#index = null;
    const piece = this.#pieces[++this.#piece];
    if (piece === undefined) return;
    this.#path = this.#job.outputOf(piece);
    try {
      this.#index = await PartIndex.of(this.#path, piece.rows);
    } catch (error) {
      throw unreadable(this.#path, error);
    }
    this.#at = 0;
    this.number = this.#index.number(0);
    if (this.number <= this.#last)
      throw damagedPart(this.#path, `row ${this.number} belongs to an earlier piece`);
  }
}

/**
 * The parts that are open, to be read at any place. When there are too many, the least recently used one is closed.
 * Reads are synchronous: for a line at a time, that costs a tenth of what promises would.
 */
class OpenParts {
  readonly #descriptors = new Map<string, number>();

  read(path: string, start: number, length: number): string {
    try {
      const buffer = Buffer.allocUnsafe(length);
      for (let at = 0; at < length;) {
        const read = readSync(this.#descriptor(path), buffer, at, length - at, start + at);
        if (read === 0) throw damagedPart(path, 'it has become shorter');
        at += read;
      }
      return buffer.toString();
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  closeOne(path: string): void {
    const descriptor = this.#descriptors.get(path);
    if (descriptor !== undefined) closeSync(descriptor);
    this.#descriptors.delete(path);
  }

  close(): void {
    for (const path of this.#descriptors.keys()) this.closeOne(path);
  }

  #descriptor(path: string): number {
    const there = this.#descriptors.get(path);
    if (there !== undefined) {
      this.#descriptors.delete(path);
      this.#descriptors.set(path, there);
      return there;
    }
    const [oldest] = this.#descriptors.keys();
    if (oldest !== undefined && this.#descriptors.size >= mostOpen) this.closeOne(oldest);
    const descriptor = openSync(path, 'r');
    this.#descriptors.set(path, descriptor);
    return descriptor;
  }
}

/** Lanes by the number of the row that comes next: a binary heap. */
class LaneHeap {
  readonly #lanes: LaneResults[] = [];

  /** The lane whose row comes first; null when there is no lane. */
  get first(): LaneResults | null {
    return this.#lanes[0] ?? null;
  }

  push(lane: LaneResults): void {
    const lanes = this.#lanes;
    let at = lanes.push(lane) - 1;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = lanes[(at - 1) >> 1];
      if (parent === undefined || !isBefore(lane, parent)) break;
      lanes[at] = parent;
    }
    lanes[at] = lane;
  }

  /** Restores the order after the first lane has moved on. @param isEmpty whether that lane has no more rows */
  settle(isEmpty: boolean): void {
    const lanes = this.#lanes;
    const last = isEmpty ? lanes.pop() : lanes[0];
    if (last === undefined || lanes.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [lanes[left], lanes[left + 1]];
      const least = one !== undefined && other !== undefined && isBefore(other, one) ? left + 1 : left;
      const child = lanes[least];
      if (child === undefined || !isBefore(child, last)) break;
      lanes[at] = child;
      at = least;
    }
    lanes[at] = last;
  }
}

function isBefore(a: LaneResults, b: LaneResults): boolean {
  return (a.number ?? Infinity) < (b.number ?? Infinity);
}
