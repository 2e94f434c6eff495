import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { callbackify } from 'node:util';

import { InputError, UsageError, errorCode } from '../shared/errors.ts';
import type { Change, Result, Row, Table } from '../shared/records.ts';
import { hasFailed } from '../shared/statuses.ts';
import type { RequestSettings } from '../fetch/request/request.ts';
import type { Options } from '../options/table.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import { urlOfLine } from '../read/lines.ts';
import type { UrlText } from '../read/row-maker.ts';
import type { ReadState } from '../read/rows.ts';
import { unreadable } from '../read/source.ts';
import type { AddedColumns } from '../write/layout-shape.ts';
import { comparedColumns } from './compared.ts';
import type { Known } from './earlier-lines.ts';
import { EarlierResult, NoLines } from './earlier-result.ts';
import type { SavedFiles, SinceSetup } from './setup.ts';

interface SinceSurroundings {
  readonly saving: SavedFiles | null;
  readonly fetcher: { readonly settings: RequestSettings };
  /** Folders for temporary files. */
  readonly directories: readonly string[];
  readonly notice: (text: string) => void;
}

/** Null without `--since`. @throws UsageError when a column is to be compared that is not written */
export function sinceOf(
  options: Options,
  { added, own }: { readonly added: AddedColumns; readonly own: OwnColumns },
  { saving, fetcher, directories, notice }: SinceSurroundings,
): Since | null {
  const { since } = options;
  if (since === undefined) return null;
  const { settings } = fetcher;
  const { results, processed, prefix } = added;
  const written = { results: results ?? [], processed, prefix };
  const compared = comparedColumns(options, written, saving?.column ?? null, settings.method === 'HEAD');
  const shared = { settings, saving, directories, notice, own, written, compared };
  return new Since({ options: { ...options, since }, ...shared });
}

/** Tells what has become of rows since an earlier result (`--since`). */
export class Since {
  readonly #setup: SinceSetup;
  /** Null while no row has been read, and where there is no earlier result. */
  #earlier: EarlierResult | null = null;
  readonly #reading = new AbortController();

  constructor(setup: SinceSetup) {
    this.#setup = setup;
  }

  /**
   * Adds to each row what the earlier result knows of it. Rows of the same request get the lines of that request in
   * turn. Rows that are done already take their lines too, so that a resumed run gives each row the same line.
   *
   * @param list how the rows are read
   * @param isDone whether the row of that number is done: it takes its line, then is left out. Null: no row is
   * @throws InputError when the earlier result cannot be read, UsageError when it is none
   */
  async *matched(
    batches: AsyncIterable<Row[]>,
    list: ReadState,
    isDone: ((number: number) => boolean) | null,
  ): AsyncGenerator<Row[]> {
    let isOpen = false;
    for await (const batch of batches) {
      const [first] = batch;
      if (first === undefined) continue;
      if (!isOpen) {
        this.#earlier = await this.#open(first.table, list);
        if (this.#reading.signal.aborted) return;
        isOpen = true;
      }
      const rows: Row[] = [];
      for (const row of batch) {
        const known = (await this.#earlier?.find(row)) ?? null;
        if (isDone?.(row.number) === true) continue;
        rows.push(known === null ? row : { ...row, earlier: known });
      }
      yield rows;
    }
  }

  /** A stage that sets `change` of each result, and completes the results of pages that were not sent again. */
  stage(): Transform {
    const copy = callbackify(async (result: Result) => this.#copied(result));
    return new Transform({
      objectMode: true,
      transform: (result: Result, _encoding, callback) => {
        if (result.notModified) copy(result, callback);
        else callback(null, { ...result, change: this.#change(result) });
      },
    });
  }

  /** Ends the reading of the earlier result, and with it that of the list. */
  stop(): void {
    this.#reading.abort();
  }

  async close(): Promise<void> {
    await this.#earlier?.close();
  }

  /** @returns null where no row has a line, and when it was stopped */
  async #open(table: Table, list: ReadState): Promise<EarlierResult | null> {
    const { options, notice } = this.#setup;
    if (!table.header) {
      throw new UsageError(
        '--since: the columns of a result are known by its header, and this input has none; give it one',
      );
    }
    const { signal } = this.#reading;
    try {
      await refuseNothing(options.since);
      return await EarlierResult.open(this.#setup, { table, urlText: this.#urlText(list) }, signal);
    } catch (error) {
      if (error instanceof NoLines) notice(`--since: ${options.since} ${error.message}, so every row is new`);
      else if (!signal.aborted) throw error;
      return null;
    }
  }

  #urlText({ rowMaker, dialect }: ReadState): UrlText {
    const { comment = '#' } = this.#setup.options;
    const urlText: UrlText = (cells) => rowMaker?.urlText(cells) ?? '';
    return dialect?.format === 'lines' ? (cells) => urlOfLine(urlText(cells), comment) : urlText;
  }

  async #copied(result: Result): Promise<Result> {
    if (this.#earlier === null) throw new TypeError('a copy of no earlier result');
    return this.#earlier.copied(result);
  }

  #change(result: Result): Change | null {
    const known = result.row.earlier as Known | undefined;
    if (known === undefined) return 'new';
    if (hasFailed(result.status, result.error)) return known.failed ? 'still-failing' : 'failed';
    if (known.failed) return 'recovered';
    if (known.status !== result.status) return 'changed';
    const isSame = this.#earlier?.isSame(result) ?? null;
    if (isSame === null) return null;
    return isSame ? 'same' : 'changed';
  }
}

/** @throws NoLines when the file is empty or missing; InputError for what cannot be read twice */
async function refuseNothing(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory()) {
      throw new InputError(`--since: ${path} is no file, and must be read more than once; save it as one`);
    }
    if (found.isFile() && found.size === 0) throw new NoLines('is empty');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new NoLines('does not exist yet');
    throw unreadable(path, error);
  }
}
