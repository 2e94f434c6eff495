import { hash } from 'node:crypto';

import type { Result, Row } from '../../shared/records.ts';
import { requestIdentity } from '../request/identity.ts';
import type { Task } from './task.ts';

/** A row that waits for the result of another one. */
interface Follower {
  readonly row: Row;
  readonly sequence: number;
  readonly href: string;
}

/** A result that rows may share, without the cells of the row that it was made for. */
interface Kept {
  readonly result: Omit<Result, 'row'>;
  readonly rowNumber: number;
  readonly bytes: number;
}

/** Bytes that a row or a result takes besides its texts, roughly. */
const overhead = 500;

/**
 * Lets rows of the same request share one result (`--once`). A row *leads* while it is on its way to a result; rows of
 * the same request that come meanwhile *follow* it. Results are kept for rows that come later.
 *
 * Followers may take half of the memory; one that finds no room is fetched like any other row. Results take the other
 * half, in two generations: when the younger one is full it becomes the older one, and what stood in the older one is
 * forgotten unless a row has used it since. Taking the oldest result out of a single map would cost more.
 */
export class Once {
  readonly #memory: number;
  readonly #followers = new Map<string, Follower[]>();
  #followerBytes = 0;
  #young = new Map<string, Kept>();
  #youngBytes = 0;
  #old = new Map<string, Kept>();

  /** @param memory bytes that may be used, counted roughly */
  constructor(memory: number) {
    this.#memory = memory;
  }

  /**
   * Looks up whether the request of a row has been made, or is on its way.
   *
   * @returns the row's result when it is known; `follows` when it comes with the result of another row; `leads` when
   * the row must be fetched
   */
  join(task: Task): Result | 'follows' | 'leads' {
    const { row, sequence, home } = task;
    const key = keyOf(task);
    const kept = this.#known(key);
    if (kept !== undefined) return shared(kept.result, kept.rowNumber, row, home.href);
    const followers = this.#followers.get(key);
    if (followers === undefined) {
      this.#followers.set(key, []);
      task.onceKey = key;
      return 'leads';
    }
    const bytes = sizeOfRow(row);
    if (this.#followerBytes + bytes > this.#memory / 2) return 'leads';
    this.#followerBytes += bytes;
    followers.push({ row, sequence, href: home.href });
    return 'follows';
  }

  /** Whether a row may leave memory: not while others follow it. If it may, it stops leading. */
  leave(task: Task): boolean {
    if (task.onceKey === null) return true;
    if (this.#followers.get(task.onceKey)?.length !== 0) return false;
    this.#followers.delete(task.onceKey);
    task.onceKey = null;
    return true;
  }

  /** The result of a row is known: its followers get it too. */
  settle({ onceKey }: Task, result: Result, give: (result: Result, sequence: number) => void): void {
    if (onceKey === null) return;
    const followers = this.#followers.get(onceKey) ?? [];
    this.#followers.delete(onceKey);
    // A result without a request (`host-down`) is not kept: for the next row the host may be up.
    if (result.attempts > 0) this.#keep(onceKey, result);
    for (const { row, sequence, href } of followers) {
      this.#followerBytes -= sizeOfRow(row);
      give(shared(result, result.row.number, row, href), sequence);
    }
  }

  /** Drops all followers. */
  drop(): void {
    for (const followers of this.#followers.values()) followers.length = 0;
    this.#followerBytes = 0;
  }

  #known(key: string): Kept | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.#put(key, old);
    }
    return old;
  }

  #keep(key: string, { row, ...result }: Result): void {
    const bytes = sizeOfResult(result);
    if (bytes <= this.#memory / 4) this.#put(key, { result, rowNumber: row.number, bytes });
  }

  #put(key: string, kept: Kept): void {
    if (this.#youngBytes + kept.bytes > this.#memory / 4) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, kept);
    this.#youngBytes += kept.bytes;
  }
}

/** Two requests are the same when they send the same, conditional headers included. */
function keyOf({ method, home, request, orHttp, row }: Task): string {
  const all = [requestIdentity(method, home, request), orHttp, ...conditionsOf(row)];
  return hash('sha256', all.join('\n'), 'base64');
}

function conditionsOf({ earlier }: Row): readonly string[] {
  if (earlier === undefined) return [];
  const { url, etag = '', lastModified = '' } = earlier;
  return etag === '' && lastModified === '' ? [] : [url, etag, lastModified];
}

/** Copies a result to another row, whose URL may have another fragment. */
function shared(result: Omit<Result, 'row'>, rowNumber: number, row: Row, href: string): Result {
  const { page, redirects, pagesBefore } = result;
  // The leading row may have been answered over http though its own URL has https (`AssumedScheme`).
  const own = result.url.startsWith('http:') ? href.replace(/^https:/, 'http:') : href;
  const url = page === 1 && redirects.length === 0 ? own : result.url;
  const before = pagesBefore.map((one) => shared(one, rowNumber, row, href));
  return { ...result, row, url, attempts: 0, sameAs: rowNumber, pagesBefore: before };
}

function sizeOfRow({ cells, json, earlier }: Row): number {
  let characters = (json?.length ?? 0) + (earlier === undefined ? 0 : JSON.stringify(earlier).length);
  for (const cell of cells) characters += cell.length;
  return overhead + 2 * characters;
}

function sizeOfResult({
  url,
  detail,
  redirects,
  trace,
  values,
  rows,
  pagesBefore,
}: Omit<Result, 'row'>): number {
  const own = overhead + 2 * JSON.stringify([url, detail, redirects, trace, values, rows]).length;
  return pagesBefore.reduce((sum, page) => sum + sizeOfResult(page), own);
}
