import { mkdir, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { journalOf, partOf } from '../src/write/file-output.ts';
import { Journal, readJournal } from '../src/write/journal.ts';
import { RowSet } from '../src/shared/row-set.ts';
import { makesRequest } from './input.ts';
import { isSeen, rowsOf, wrongIn } from './output-rows.ts';
import type { Expected } from './output-rows.ts';
import type { Site } from './site.ts';

/** What a run left behind. */
export interface Left {
  /** Rows that the next run of the job must not request again. */
  readonly committed: RowSet;
  readonly problems: readonly string[];
}

/** An output in its own folder, with its initial files and the rows expected at the end. */
export class Scene {
  readonly output: string;
  readonly #ordered: boolean;
  readonly #expected: Expected;
  /** The files present before the first run, by name. */
  readonly #first: ReadonlyMap<string, Buffer>;
  /** Whether the initial files of an earlier run belong to another job. */
  readonly #foreign: boolean;

  constructor(
    output: string,
    expected: Expected,
    settings: { ordered: boolean; first?: ReadonlyMap<string, Buffer>; foreign?: boolean },
  ) {
    this.output = output;
    this.#expected = expected;
    this.#ordered = settings.ordered;
    this.#first = settings.first ?? new Map();
    this.#foreign = settings.foreign ?? false;
  }

  /** Restores the initial state. */
  async restore(): Promise<void> {
    const folder = dirname(this.output);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of this.#first) await writeFile(join(folder, name), bytes);
    const left = await readJournal(journalOf(this.output), Infinity);
    if (left !== null && left.whole !== null) await this.#renewWhole(left.whole.size);
  }

  /**
   * The journal identifies a finished output by its inode, which has changed because the file was written
   * anew.
   */
  async #renewWhole(size: number): Promise<void> {
    const path = journalOf(this.output);
    const text = await readFile(path, 'latin1');
    const end = text.lastIndexOf('\n', text.length - 2) + 1;
    const handle = await open(path, 'r+');
    await handle.truncate(end);
    const journal = new Journal(handle, end);
    await journal.finish({ size, inode: (await stat(partOf(this.output))).ino });
    await journal.close();
  }

  async files(): Promise<Map<string, Buffer>> {
    const folder = dirname(this.output);
    const names = await readdir(folder);
    return new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
    );
  }

  /** Checks what a run left that may have been interrupted. */
  async look(): Promise<Left> {
    const problems: string[] = [];
    const files = await this.files();
    const file = files.get(basename(this.output));
    const part = files.get(basename(partOf(this.output)));
    const isOld = same(file, this.#first.get(basename(this.output)));
    if (!isOld) problems.push(...this.#wrong('FILE', file, true));
    const committed = await this.#committed(part, !isOld, problems);
    problems.push(...this.#lost(files));
    return { committed, problems };
  }

  /** Checks the outcome of a run that reported success. */
  async problemsAtEnd(): Promise<string[]> {
    const files = await this.files();
    const here = [partOf(this.output), journalOf(this.output)].map((path) => basename(path));
    return [
      ...this.#wrong('FILE', files.get(basename(this.output)), true),
      ...here.filter((name) => files.has(name)).map((name) => `${name} is still there`),
      ...this.#lost(files),
    ];
  }

  /**
   * Checks that each row was requested as often as it had to be, or, if the job is not done, not more often.
   */
  wrongRequests(site: Site, committed: RowSet, isDone: boolean): string[] {
    for (const row of this.#expected.keys()) {
      const needed = makesRequest(row) && !committed.has(row) ? 1 : 0;
      const asked = site.askedFor(row);
      if (asked > needed || (isDone && asked < needed)) {
        return [`row ${row} was asked for ${asked} times, not ${needed} times`];
      }
    }
    return [];
  }

  async #committed(part: Buffer | undefined, isFinished: boolean, problems: string[]): Promise<RowSet> {
    const none = new RowSet();
    const journal = await readFile(journalOf(this.output)).catch(() => null);
    const left = await readJournal(journalOf(this.output), Infinity);
    if (journal === null || left === null || this.#isForeign(journal)) return none;
    if (part === undefined) return left.whole !== null && isFinished ? left.rows : none;
    if (left.end > part.length) problems.push('FILE.journal knows of more than there is in FILE.part');
    if (left.whole !== null && left.whole.size !== part.length)
      problems.push('FILE.part has not the size it should');
    const good = part.subarray(0, left.end);
    problems.push(...this.#wrong('FILE.part', good, left.whole !== null));
    if (problems.length > 0) return left.rows;
    const there = new Set(rowsOf(good, basename(this.output)).map(([row]) => row));
    const isRight = (row: number): boolean =>
      there.has(row) === (left.rows.has(row) && isSeen(this.#expected, row));
    if (![...this.#expected.keys()].every(isRight)) {
      problems.push('FILE.journal names other rows than there are in FILE.part');
    }
    return left.rows;
  }

  #isForeign(journal: Buffer): boolean {
    return (
      this.#foreign && same(firstLine(journal), firstLine(this.#first.get(basename(journalOf(this.output)))))
    );
  }

  #wrong(what: string, bytes: Buffer | undefined, whole: boolean): string[] {
    if (bytes === undefined) return [`${what} is not there`];
    try {
      const rows = rowsOf(bytes, basename(this.output));
      const wrong = wrongIn(rows, this.#expected, { ordered: this.#ordered, whole });
      return wrong === null ? [] : [`${what}: ${wrong}`];
    } catch (error) {
      return [`${what}: ${(error as Error).message}`];
    }
  }

  /** What another job left must be kept, under any name. */
  #lost(files: ReadonlyMap<string, Buffer>): string[] {
    if (!this.#foreign) return [];
    const theirs = [partOf(this.output), journalOf(this.output)].map((path) =>
      this.#first.get(basename(path)),
    );
    const isThere = theirs.every((one) => [...files.values()].some((bytes) => same(bytes, one)));
    return isThere ? [] : ['what another job has left is gone'];
  }
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function firstLine(bytes: Buffer | undefined): Buffer | undefined {
  return bytes?.subarray(0, bytes.indexOf('\n'));
}
