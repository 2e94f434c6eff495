import { randomInt } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';

import { InputError, OutputError, UsageError, systemReason } from '../shared/errors.ts';
import { closeFile, openNamelessIn, writeWhole } from '../shared/nameless-file.ts';
import type { Row, Table } from '../shared/records.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import { largestRecord } from '../read/lines.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { ReadOptions } from '../read/rows.ts';
import { unreadable } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { keyHash } from './key-hash.ts';
import { RowIndex } from './row-index.ts';
import { TextFile } from './text-file.ts';

export interface EarlierOptions {
  /** How the file is read. `own` names the columns that make it a result; with null any table will do. */
  readonly read: ReadOptions;
  /**
   * Gives the key by which a row is found; null: it cannot be found. A `bad-row` has none unless `badRows` is set.
   *
   * @param text what the URL column, or the template, gives for the row
   */
  readonly key: (row: Row, text: string) => string | null;
  readonly badRows?: boolean;
  /** Bytes of memory that the index may take, besides a bit per row. The rest of it is on disk. */
  readonly memory: number;
  /** Folders to try for temporary files, in order. Default: the system's temporary folder. */
  readonly directories?: readonly string[] | undefined;
  /** The flag that messages about the file begin with, such as `--since`. */
  readonly option?: string | undefined;
  /** Gets the columns before any row, and whether rows may have others too; what it throws ends the reading. */
  readonly onTable?: ((table: Table, isOpen: boolean) => void) | undefined;
  /** Ends the reading of the file; `open()` then throws its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Gets notices for the user about how the file was read. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** A hash of 32 bits. Default: one with a random seed. */
  readonly hash?: (key: string) => number;
}

/** Bytes of the longest record that is not damaged: a character takes 4 bytes at most. */
const mostBytes = 4 * largestRecord;

/**
 * Finds rows of an earlier result by their keys. The file is read once to index it, and found rows are read again.
 * It stays open, so it may be replaced meanwhile, but not written to. If it had to be unpacked or converted, its
 * text is kept in a temporary file without a name.
 */
export class EarlierRows {
  readonly #name: string;
  readonly #options: EarlierOptions;
  readonly #hash: (key: string) => number;
  readonly #handle: FileHandle;
  readonly #index: RowIndex;
  readonly #state = new ReadState();
  /** The temporary file; null while the text is read from the file itself. */
  #copy: number | null = null;
  /** Bytes of the text. */
  #size = 0;
  #text: TextFile;
  /** The call of `take()` that is under way: the next one waits for it. */
  #taking: Promise<unknown> | null = null;

  /**
   * Reads the file and makes the index.
   *
   * @throws InputError when the file cannot be read
   * @throws UsageError when it is no result, or the URL column cannot be told
   * @throws OutputError when a temporary file cannot be written
   */
  static async open(path: string, options: EarlierOptions): Promise<EarlierRows> {
    const handle = await open(path, 'r').catch((error: unknown) => {
      throw unreadable(path, error);
    });
    const earlier = new EarlierRows(path, handle, options);
    try {
      await earlier.#read();
      return earlier;
    } catch (error) {
      await earlier.close();
      throw unreadable(path, error);
    }
  }

  private constructor(name: string, handle: FileHandle, options: EarlierOptions) {
    const seed = randomInt(2 ** 32);
    this.#name = name;
    this.#handle = handle;
    this.#options = options;
    this.#hash = options.hash ?? ((key) => keyHash(key, seed));
    this.#index = new RowIndex(options.memory, options.directories);
    this.#text = new TextFile(handle.fd, 0);
  }

  /** The columns of the file. */
  get table(): Table {
    return this.#state.table ?? { names: [], header: true };
  }

  /** How many rows it has. */
  get rows(): number {
    return this.#index.rows;
  }

  /** Whether the index is on disk in part. */
  get isOnDisk(): boolean {
    return this.#index.isOnDisk;
  }

  /**
   * Takes the next row with this key, in the order of the file. Each is given once. Overlapping calls are queued.
   *
   * @returns null when no row with this key is left
   * @throws InputError when the file cannot be read any more; OutputError for a temporary file
   */
  async take(key: string): Promise<Row | null> {
    while (this.#taking !== null) await this.#taking;
    const taking = this.#take(key);
    const settled = taking.then(ignore, ignore);
    this.#taking = settled;
    try {
      return await taking;
    } finally {
      this.#taking = null;
    }
  }

  /** The row that `take()` would give, which stays. @throws like `take()` */
  async next(key: string): Promise<Row | null> {
    return this.#find(key);
  }

  /** Reads the row with this number again, taken or not. @throws InputError when the file cannot be read any more */
  async read(number: number): Promise<Row> {
    return this.#rowAt(number - 1);
  }

  /** The rows that were not taken, in the order of the file. @throws InputError when the file cannot be read any more */
  async *rest(): AsyncGenerator<Row> {
    for (let row = 0; row < this.rows; row++) if (!this.#index.isTaken(row)) yield this.#rowAt(row);
  }

  /** Closes all files. No other method may be called after that. */
  async close(): Promise<void> {
    await this.#taking;
    this.#index.close();
    if (this.#copy !== null) await closeFile(this.#copy).catch(ignore);
    this.#copy = null;
    await this.#handle.close();
  }

  async #take(key: string): Promise<Row | null> {
    const row = await this.#find(key);
    if (row !== null) this.#index.take(row.number - 1);
    return row;
  }

  async #find(key: string): Promise<Row | null> {
    for (const number of this.#index.find(this.#hash(key))) {
      const row = await this.#rowAt(number);
      if (this.#keyOf(row) === key) return row;
    }
    return null;
  }

  async #rowAt(number: number): Promise<Row> {
    const index = this.#index;
    const start = index.start(number);
    const end = number + 1 < index.rows ? index.start(number + 1) : this.#size;
    const { entryIn, rowMaker } = this.#state;
    try {
      const entry = entryIn?.(await this.#text.read(start, Math.min(end, start + mostBytes))) ?? null;
      if (entry === null || rowMaker === null)
        throw new InputError(
          `${this.#name}: was changed while it was read; run it again when nothing else writes to it`,
        );
      return rowMaker.toRow(entry, number + 1);
    } catch (error) {
      throw unreadable(this.#name, error);
    }
  }

  async #read(): Promise<void> {
    const stat = await this.#handle.stat();
    if (stat.isDirectory()) throw new InputError(`${this.#name}: is a directory; name a file`);
    const state = this.#state;
    const { own } = this.#options.read;
    const { onTable = ignore, signal, option } = this.#options;
    state.onTable = (table) => {
      refuseNoResult(table, own, this.#name, option);
      onTable(table, state.dialect?.format === 'jsonl');
    };
    state.onNotice = this.#options.onNotice ?? ignore;
    state.onText = (text, isOwn) => (isOwn && stat.isFile() ? this.#counted(text) : this.#copied(text));
    let starts: number[] = [];
    let entries = 0;
    state.onEntries = (batch) => {
      entries += batch.length;
      for (const { start } of batch) starts.push(start);
    };
    const source: Source = {
      name: this.#name,
      size: stat.size,
      open: () => Readable.from(bytesOf(this.#handle)),
      reopens: false,
    };
    const shown = own !== null && { resultColumn: own.status };
    const read = { ...this.#options.read, ...shown, limit: undefined, isDone: null };
    const stop = (): void => state.stop();
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      for await (const rows of readRows([source], read, state)) {
        rows.forEach((row, index) => this.#index.add(starts[index] ?? 0, this.#hashOf(row)));
        starts = starts.slice(rows.length);
      }
    } catch (error) {
      // A file without rows needs no URL column, so it does not matter that none was found.
      if (!(error instanceof UsageError) || state.table === null || entries > 0) throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    signal?.throwIfAborted();
    this.#index.finish();
    // The whole file is read, so what is not text stands before it: a byte order mark, lines that were skipped.
    if (this.#copy === null) this.#text = new TextFile(this.#handle.fd, state.bytes - this.#size);
  }

  #hashOf(row: Row): number | null {
    const { badRows = false } = this.#options;
    const key = row.error === 'bad-row' && !badRows ? null : this.#keyOf(row);
    return key === null ? null : this.#hash(key);
  }

  #keyOf(row: Row): string | null {
    return this.#options.key(row, this.#state.rowMaker?.urlText(row.cells) ?? '');
  }

  async *#counted(text: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of text) {
      this.#size += chunk.length;
      yield chunk;
    }
  }

  async *#copied(text: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    const { directories = [tmpdir()] } = this.#options;
    let folder = directories.at(-1) ?? '';
    for await (const chunk of text) {
      try {
        if (this.#copy === null) {
          const { descriptor, directory } = openNamelessIn(directories);
          [this.#copy, folder] = [descriptor, directory];
          this.#text = new TextFile(descriptor, 0);
        }
        await writeWhole(this.#copy, chunk, this.#size);
      } catch (error) {
        throw new OutputError(`temporary file in ${folder}: cannot be written: ${systemReason(error)}`, {
          cause: error,
        });
      }
      this.#size += chunk.length;
      yield chunk;
    }
  }
}

/**
 * @param own null: any table will do
 * @param option the flag that the message begins with
 * @throws UsageError for a table that is not a result's
 */
export function refuseNoResult(
  { names, header }: Table,
  own: OwnColumns | null,
  name: string,
  option?: string,
): void {
  if (own === null || (header && names.includes(own.status))) return;
  const label = option === undefined ? '' : `${option}: `;
  throw new UsageError(
    `${label}${name} has no column "${own.status}"; is it a result, and written with this --prefix?`,
  );
}

/** All bytes of a file. Unlike Node's streams, it never closes the handle. */
async function* bytesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(64 * 1024), 0, 64 * 1024, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function ignore(): void {}
