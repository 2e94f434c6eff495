import { hash, randomUUID } from 'node:crypto';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { RunError, errorCode, systemReason } from '../shared/errors.ts';
import { attempt, syncFolder, syncFolderOf, unwritable } from '../shared/files.ts';
import { lockOutput } from '../shared/lock.ts';
import type { Lock } from '../shared/lock.ts';
import { makeFolder, makeWritableFolder } from '../shared/make-folder.ts';
import { shownType } from '../shared/media-type.ts';
import type { Table, Values } from '../shared/records.ts';
import { isSuccess } from '../shared/statuses.ts';
import { Turns } from '../shared/turns.ts';
import { nameWhole, writeWhole } from '../shared/whole-file.ts';
import { removeLarge } from '../page/large-body.ts';
import type { LargeFolder } from '../page/large-body.ts';
import type { ResponsePage } from '../page/page.ts';
import type { extensionFor } from './extensions.ts';
import { removeLeft } from './left-files.ts';
import { Manifest, manifestName } from './manifest.ts';
import type { SavedFile } from './manifest.ts';
import { NameClaims, faultsOfNames } from './name-claims.ts';
import type { Clash } from './name-claims.ts';
import { NameTemplate } from './name-template.ts';
import type { WantedName } from './name-template.ts';

/** Bodies that are written at once. */
const mostAtOnce = 16;

/** Folders that are remembered, so that they are not looked at for each file. */
const mostFolders = 10_000;

export interface NamedFilesOptions {
  readonly directory: string;
  /** `--save-as` */
  readonly template: string;
  readonly clash: Clash;
  readonly column: string;
  readonly shownCell: ShownCell;
  /** Whether requests are HEAD: then an empty body does not mean that the resource is empty. */
  readonly isHead: boolean;
}

/** A cell as it may stand in a name: without what is secret in it. @param url that of its row */
export type ShownCell = (cell: string, url: string) => string;

/**
 * Saves bodies under names made of columns (`--save-as`). The manifest of the folder says which row has which name, so that
 * rows keep their names in a run that goes on, and in later ones.
 *
 * As with `SaveBodies`, a file is complete and on disk before it has its name, and a body that cannot be written ends the run. A
 * name that the file system does not take fails its row.
 */
export class NamedFiles {
  readonly largeFolder: LargeFolder;
  readonly #options: NamedFilesOptions;
  readonly #turns = new Turns(mostAtOnce);
  readonly #unfinished = new Set<Promise<unknown>>();
  readonly #folders = new Set<string>();
  readonly #changed = new Set<string>();
  /** Folders whose files of earlier runs are on disk by now, or will be with the next sync. */
  readonly #settled = new Set<string>();
  #template: { readonly table: Table; readonly compiled: NameTemplate } | null = null;
  #extensionFor: typeof extensionFor | null = null;
  #claims: NameClaims | null = null;
  #lock: Lock | null = null;

  constructor(options: NamedFilesOptions) {
    const { directory } = options;
    this.#options = options;
    this.largeFolder = { directory, mark: `.tmp-${randomUUID()}-` };
  }

  /**
   * Makes the folder if it is missing, and reads its manifest.
   *
   * @param ownFiles paths of files that the run itself writes: no row gets the name of one
   * @throws OutputError, BusyError when another run names files there
   */
  async open(ownFiles: readonly string[] = []): Promise<void> {
    const { directory, template, clash } = this.#options;
    const isNew = await attempt(directory, async () => makeWritableFolder(directory));
    const path = join(directory, manifestName);
    this.#lock = await lockOutput(path);
    try {
      const claims = new NameClaims(await Manifest.open(path), directory, clash);
      this.#claims = claims;
      const own = await Promise.all(ownFiles.map(async (file) => nameBelow(directory, file)));
      for (const name of own) if (name !== null) claims.manifest.reserve(name);
      // A file that gets its name while the manifest could still lose its own would be taken for somebody else's.
      await attempt(directory, async () => syncFolder(directory));
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#changed.add(directory);
    if (isNew) this.#changed.add(dirname(resolve(directory)));
    if (/\{\s*ext\s*\}/i.test(template)) this.#extensionFor = (await import('./extensions.ts')).extensionFor;
  }

  /** `--save-as` for the columns of these rows. @throws UsageError for a column that they do not have */
  templateFor(table: Table): NameTemplate {
    if (this.#template?.table !== table)
      this.#template = { table, compiled: new NameTemplate(this.#options.template, table.names) };
    return this.#template.compiled;
  }

  /** The file of a row, if it is there with the size that it was saved with; else null. @throws OutputError */
  async find(owner: string): Promise<SavedFile | null> {
    return this.#opened.find(owner);
  }

  /** Whether a file is there and holds this body, whosever it is. @throws OutputError */
  async holds(file: string, sha256: string): Promise<boolean> {
    return this.#opened.holds(file, sha256);
  }

  /** @throws OutputError when the body cannot be written, Error when its row gets no name */
  async save(page: ResponsePage): Promise<Values> {
    const { large, body } = page;
    if (large === null && body.length === 0) {
      if (isSuccess(page.status) && !this.#options.isHead) await this.#opened.disown(ownerOf(page));
      return {};
    }
    const saving = this.#turns.take(async () => this.#save(page));
    this.#unfinished.add(saving);
    try {
      const file = await saving;
      return file === null ? {} : { [this.#options.column]: file };
    } catch (error) {
      if (large !== null) removeLarge(large);
      throw error;
    } finally {
      this.#unfinished.delete(saving);
    }
  }

  /** Waits for bodies that are being written, then brings the names of all files to disk. @throws OutputError */
  async sync(): Promise<void> {
    await Promise.allSettled(this.#unfinished);
    const folders = [...this.#changed];
    this.#changed.clear();
    await this.#opened.manifest.sync();
    const synced = folders.map(async (path) =>
      this.#turns.take(async () => attempt(path, async () => syncFolder(path))),
    );
    await Promise.all(synced);
  }

  async close(): Promise<void> {
    await removeLeft(this.largeFolder);
    await this.#claims?.manifest.close();
    this.#lock?.release();
  }

  get #opened(): NameClaims {
    if (this.#claims === null) throw new TypeError('the manifest is not open');
    return this.#claims;
  }

  /** @returns the path below the folder; null when the row is to have no file */
  async #save(page: ResponsePage): Promise<string | null> {
    const { wanted, file: wish } = this.#wished(page);
    const hasHash = this.templateFor(page.input.table).hasHash;
    const claim = await this.#opened.claim(wanted, wish, hasHash);
    if (claim === null) {
      if (page.large !== null) removeLarge(page.large);
      return null;
    }
    const { file, durable, isThere, afterwards } = claim;
    const path = join(this.#options.directory, file);
    try {
      await this.#write(page, file, durable, isThere);
    } catch (error) {
      if (error instanceof RunError) throw error;
      if (!faultsOfNames.has(errorCode(error))) throw unwritable(path, error);
      throw new Error(`--save-as: ${JSON.stringify(file)} is no name here: ${systemReason(error)}`, {
        cause: error,
      });
    }
    if (afterwards !== null) {
      // The rename first: after a power cut the line alone would vouch for the old content under this name.
      await attempt(path, async () => syncFolderOf(path));
      await this.#opened.manifest.add(afterwards);
    }
    return file;
  }

  async #write(
    { large, body }: ResponsePage,
    file: string,
    durable: Promise<void>,
    isThere: boolean,
  ): Promise<void> {
    const path = join(this.#options.directory, file);
    if (isThere) {
      await durable;
      this.#settle(file);
      if (large !== null) removeLarge(large);
      return;
    }
    durable.catch(ignore);
    await this.#ensureFolders(file);
    if (large === null) await writeWhole(path, body, 0o600, durable);
    else await nameWhole(large.path ?? '', path, durable);
    this.#changed.add(dirname(path));
  }

  /** The name that the row wants, and the line of the manifest for it. */
  #wished(page: ResponsePage): { readonly wanted: WantedName; readonly file: SavedFile } {
    const { large, body, input, url, status, contentType } = page;
    const { url: asked = '' } = input;
    const owner = ownerOf(page);
    const type = shownType(contentType);
    const sha256 = large?.sha256 ?? hash('sha256', body, 'hex');
    const cells = input.cells.map((cell) => this.#options.shownCell(cell, asked));
    const wanted = this.templateFor(input.table).name(cells, {
      sha256,
      host: new URL(url).hostname,
      ext: this.#extensionFor?.(type, url) ?? '',
    });
    const size = large?.size ?? body.length;
    return { wanted, file: { file: wanted.path, size, sha256, owner, url, status, type, at: Date.now() } };
  }

  /** Makes the folders of a file, or checks that they are folders and not links, which could lead anywhere. */
  async #ensureFolders(file: string): Promise<void> {
    const components = file.split('/').slice(0, -1);
    for (let i = 1; i <= components.length; i++) {
      const name = components.slice(0, i).join('/');
      if (this.#folders.has(name)) continue;
      const path = join(this.#options.directory, name);
      if (!(await makeFolder(path)) && !(await lstat(path)).isDirectory())
        throw Object.assign(new Error(`${name} is no folder`), { code: 'ENOTDIR' });
      // Also if it existed: an earlier run may have been killed before it synced that.
      this.#changed.add(dirname(path));
      if (this.#folders.size >= mostFolders) this.#folders.clear();
      this.#folders.add(name);
    }
  }

  /** Has the next sync include the folders of a file that is there: the run that saved it may have been killed before its own. */
  #settle(file: string): void {
    for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) {
      const name = file.slice(0, at);
      if (this.#settled.has(name)) continue;
      const path = join(this.#options.directory, name);
      this.#changed.add(path).add(dirname(path));
      if (this.#settled.size >= mostFolders) this.#settled.clear();
      this.#settled.add(name);
    }
  }
}

/** The path below a folder, with `/`; null for a file that is elsewhere. */
async function nameBelow(directory: string, path: string): Promise<string | null> {
  const folder = await realpath(dirname(path)).catch(() => null);
  if (folder === null) return null;
  const name = relative(await realpath(directory), join(folder, basename(path)));
  return /^\.\.(?:[/\\]|$)/.test(name) || isAbsolute(name) ? null : name.replaceAll(sep, '/');
}

function ownerOf({ input: { owner } }: ResponsePage): string {
  if (owner === undefined) throw new TypeError('a row without an owner');
  return owner;
}

function ignore(): void {}
