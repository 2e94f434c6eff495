import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import type { Result } from '../shared/records.ts';
import { unreadable } from '../read/source.ts';
import type { JobFolder } from './job-folder.ts';
import { PartIndex } from './part-index.ts';
import { NumberCheck, damagedPart, readResult } from './parts.ts';
import type { Piece } from './pieces.ts';

/** Results at a time. */
const batchSize = 100;

/** Parts that are open at once: fewer than any system allows. */
const mostOpen = 200;

/**
 * The results of these pieces in the order of the list. The pieces of a lane follow one another in the list, so one piece of each
 * lane is looked at at a time: memory is that of their indexes, and nothing is written to disk.
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
      batch.push(await lane.take());
      waiting.settle(lane.number === null);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    await files.close();
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
  /** Of the row that comes next; null behind the last one. */
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

  constructor(job: JobFolder, pieces: readonly Piece[], files: OpenParts, check: NumberCheck) {
    this.#job = job;
    this.#pieces = pieces;
    this.#files = files;
    this.#check = check;
  }

  /** @returns whether there is any */
  async begin(): Promise<boolean> {
    await this.#nextPiece(0);
    return this.number !== null;
  }

  async take(): Promise<Result> {
    const index = this.#index;
    if (index === null) throw new TypeError('a lane was asked for more than it has');
    const { start, length } = index.range(this.#at);
    const line = await this.#files.read(this.#path, start, length);
    const result = this.#check.added(readResult(line, this.#path, this.#job.file.table), this.#path);
    const { number } = result.row;
    this.#at++;
    if (this.#at < index.rows) this.number = index.number(this.#at);
    else await this.#nextPiece(number);
    return result;
  }

  /** @param last number of the row before */
  async #nextPiece(last: number): Promise<void> {
    if (this.#index !== null) await this.#files.closeOne(this.#path);
    this.#index = null;
    this.number = null;
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
    if (this.number <= last) throw damagedPart(this.#path, `row ${this.number} belongs to an earlier piece`);
  }
}

/** Parts that are read here and there. The one that was asked for longest ago is closed when there are too many. */
class OpenParts {
  readonly #handles = new Map<string, FileHandle>();

  async read(path: string, start: number, length: number): Promise<string> {
    try {
      const handle = await this.#handle(path);
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
      if (bytesRead !== length) throw damagedPart(path, 'it has become shorter');
      return buffer.toString();
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  async closeOne(path: string): Promise<void> {
    await this.#handles.get(path)?.close();
    this.#handles.delete(path);
  }

  async close(): Promise<void> {
    for (const path of this.#handles.keys()) await this.closeOne(path);
  }

  async #handle(path: string): Promise<FileHandle> {
    const there = this.#handles.get(path);
    if (there !== undefined) {
      this.#handles.delete(path);
      this.#handles.set(path, there);
      return there;
    }
    const [oldest] = this.#handles.keys();
    if (oldest !== undefined && this.#handles.size >= mostOpen) await this.closeOne(oldest);
    const handle = await open(path, 'r');
    this.#handles.set(path, handle);
    return handle;
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

  /** Puts the first lane where it belongs now. @param isEmpty whether it has no more rows */
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
