import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

import { errorCode } from '../shared/errors.ts';
import { unwritable } from '../shared/files.ts';
import { Turns } from '../shared/turns.ts';
import { numbered } from './file-names.ts';
import type { Manifest, SavedFile } from './manifest.ts';
import type { WantedName } from './name-template.ts';

/** Numbers up to this one are tried in turn; beyond it a free one is searched by bisection. */
const fewNumbers = 16;

/** Errors of the system for a path that a cell has made impossible: its row fails, as the disk is not at fault. */
export const faultsOfNames = new Set([
  'ENAMETOOLONG',
  'EINVAL',
  'EILSEQ',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'EEXIST',
]);

export type Clash = 'number' | 'skip' | 'fail';

/** The name that a row has got. */
export interface Claim {
  readonly file: string;
  /** Resolves when the manifest's line is on disk, so that nobody else can get the name. */
  readonly durable: Promise<void>;
  /** Whether the file is already there with this content. */
  readonly isThere: boolean;
  /** The line to be added once the new content has replaced the old one; null when none is needed. */
  readonly afterwards: SavedFile | null;
}

/** Gives names to rows, so that no two rows get the same name in this folder, in this run or across runs. */
export class NameClaims {
  readonly manifest: Manifest;
  readonly #directory: string;
  readonly #clash: Clash;
  /** Where the lines of this run begin in the manifest. */
  readonly #begin: number;
  /** One row at a time gets a name. */
  readonly #turns = new Turns(1);

  constructor(manifest: Manifest, directory: string, clash: Clash) {
    this.manifest = manifest;
    this.#directory = directory;
    this.#clash = clash;
    this.#begin = manifest.end;
  }

  /** The file of a row, if it is there with the size that it was saved with; else null. @throws OutputError */
  async find(owner: string): Promise<SavedFile | null> {
    const saved = await this.manifest.ofOwner(owner);
    return saved !== null && (await this.#isThere(saved)) ? saved : null;
  }

  /** Whether the file of that name holds this body, whosever it is. @throws OutputError */
  async holds(file: string, sha256: string): Promise<boolean> {
    const named = await this.manifest.named(file);
    return named?.file === file && named.sha256 === sha256 && (await this.#isThere(named));
  }

  /**
   * Notes that the body of a row has become empty, so that its earlier file is no longer found as its body. The file stays,
   * and its name stays reserved for the row.
   *
   * @throws OutputError
   */
  async disown(owner: string): Promise<void> {
    await this.#turns.take(async () => {
      const mine = await this.manifest.ofOwner(owner);
      // A file with its hash in its name may belong to other rows too, and still holds what its name says.
      if (mine === null || mine.size === null || mine.file.includes(mine.sha256)) return;
      await this.manifest.add({ ...mine, size: null });
    });
  }

  /**
   * @param hasHash whether names contain the hash, so that equal names mean equal bodies
   * @returns null when the row is to have no file
   * @throws Error when another row has its name, with `--save-clash fail`; OutputError
   */
  async claim(wanted: WantedName, wish: SavedFile, hasHash: boolean): Promise<Claim | null> {
    return this.#turns.take(async () => this.#claim(wanted, wish, hasHash));
  }

  async #claim(wanted: WantedName, wish: SavedFile, hasHash: boolean): Promise<Claim | null> {
    const { manifest } = this;
    const mine = await manifest.ofOwner(wish.owner);
    if (mine !== null && (mine.wanted ?? mine.file) === wanted.path) return this.#again(mine, wish);
    const same = hasHash ? await manifest.named(wanted.path) : null;
    if (same?.sha256 === wish.sha256 && same.size === wish.size) {
      const saved = { ...wish, file: same.file };
      const isThere = await this.#isThere(same);
      return { file: same.file, durable: manifest.add(saved), isThere, afterwards: null };
    }
    const own = await this.#ownName(wanted, wish.owner);
    if (own !== null) return this.#again(own, wish);
    if (this.#clash !== 'number' && !(await this.#isFree(wanted.path))) {
      if (this.#clash === 'skip') return null;
      throw new Error(`--save-as: ${JSON.stringify(wanted.path)} is the file of another row`);
    }
    const file = await this.#freeName(wanted);
    const saved = file === wanted.path ? wish : { ...wish, file, wanted: wanted.path };
    return { file, durable: manifest.add(saved), isThere: false, afterwards: null };
  }

  /** Gives a row the name that it had before. If its content changes, a line without a size voids it at once. */
  async #again(mine: SavedFile, wish: SavedFile): Promise<Claim> {
    const { file } = mine;
    const isThere = await this.#isThere(mine);
    if (isThere && mine.sha256 === wish.sha256)
      return { file, durable: Promise.resolve(), isThere, afterwards: null };
    const saved = { ...wish, file, ...(mine.wanted !== undefined && { wanted: mine.wanted }) };
    const durable = this.manifest.add({ ...saved, size: null });
    return { file, durable, isThere: false, afterwards: saved };
  }

  /** A name that the row had in an earlier run, before its body was of another type and so got another name. */
  async #ownName({ path, tail }: WantedName, owner: string): Promise<SavedFile | null> {
    for (let n = 1; n <= fewNumbers; n++) {
      const name = numbered(path, n, tail);
      const place = this.manifest.place(name);
      if (place === null) return null;
      if (place >= this.#begin) continue;
      const named = await this.manifest.named(name);
      if (named?.owner === owner) return named;
    }
    return null;
  }

  async #freeName({ path, tail }: WantedName): Promise<string> {
    for (let n = 1; n <= fewNumbers; n++) {
      const name = numbered(path, n, tail);
      if (await this.#isFree(name)) return name;
    }
    for (let n = this.#nextNumber(path, tail); ; n++) {
      const name = numbered(path, n, tail);
      if (await this.#isFree(name)) return name;
    }
  }

  /** A number that no row has, found by doubling and bisection: few look-ups, however many numbers are given. */
  #nextNumber(path: string, tail: string): number {
    const isGiven = (n: number): boolean => this.manifest.place(numbered(path, n, tail)) !== null;
    let [given, free] = [fewNumbers, 2 * fewNumbers];
    while (isGiven(free)) [given, free] = [free, 2 * free];
    while (free - given > 1) {
      const middle = Math.floor((given + free) / 2);
      if (isGiven(middle)) given = middle;
      else free = middle;
    }
    return free;
  }

  /** Whether a name may be given: nobody has it, or only a row of an earlier run whose file is gone. */
  async #isFree(file: string): Promise<boolean> {
    const place = this.manifest.place(file);
    if (place !== null && place >= this.#begin) return false;
    if (await this.#exists(file)) {
      if (place === null) this.manifest.setForeign(file);
      return false;
    }
    // Where letter case counts, the file of that row may exist under a name in another case.
    const named = place === null ? null : await this.manifest.named(file);
    return named === null || named.file === file || !(await this.#exists(named.file));
  }

  async #exists(file: string): Promise<boolean> {
    return (await lstatOf(join(this.#directory, file))) !== null;
  }

  async #isThere({ file, size }: SavedFile): Promise<boolean> {
    if (size === null) return false;
    const found = await lstatOf(join(this.#directory, file));
    return found !== null && found.isFile() && found.size === size;
  }
}

/** Null when no file has this name, or none can have it. @throws OutputError when that cannot be known */
async function lstatOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || faultsOfNames.has(errorCode(error))) return null;
    throw unwritable(path, error);
  }
}
