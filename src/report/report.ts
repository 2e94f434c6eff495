import { readFile } from 'node:fs/promises';

import { UsageError } from '../shared/errors.ts';
import { version } from '../shared/version.ts';
import { openContent } from '../read/content.ts';
import type { InputOptions, Reader } from '../read/content.ts';
import type { Entry } from '../read/entry.ts';
import { shownCells } from '../job/shown-cells.ts';
import { bytesOf, unreadable } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { findUrlColumn } from '../read/url-column.ts';
import { columns as resultColumns } from '../write/columns.ts';
import type { Changes } from './count/changes.ts';
import { findColumns, outcomeReader } from './count/columns.ts';
import { Figures } from './count/figures.ts';
import { shownText } from './count/shown.ts';
import { changesSince } from './since.ts';
import { reportPage } from './view/page.ts';
import type { Assets } from './view/page.ts';
import type { Facts } from './view/facts.ts';

/** Input options that nobody can set for a report: a result has a header, and needs no URL column. */
const fixed = {
  urlTemplate: undefined,
  defaultScheme: 'none',
  noHeader: false,
  headerLine: true,
  limit: undefined,
} as const;

export interface ReportOptions extends Omit<InputOptions, keyof typeof fixed> {
  readonly prefix: string;
  /** Query parameters that are not shown. */
  readonly secretParam: readonly string[];
  /** An earlier result with which this one is compared. */
  readonly since: string | undefined;
  readonly sinceMemory: number;
}

export interface ReportSurroundings {
  /** Folders to try for temporary files, in order. */
  readonly directories: readonly string[];
  /** Gets notices for the user about how the files were read. */
  readonly onNotice: (text: string) => void;
}

/**
 * Makes the HTML page of a result: one pass over its rows in bounded memory, and another one for `since`.
 *
 * @throws InputError when the file cannot be read
 * @throws UsageError when it is no result, or none with this prefix
 */
export async function makeReport(
  source: Source,
  options: ReportOptions,
  where: ReportSurroundings,
): Promise<string> {
  const { since } = options;
  const changes = since === undefined ? null : await compared(since, source, options, where);
  const facts = await countFacts(source, options, changes, where.onNotice);
  return reportPage(facts, await readAssets());
}

async function compared(
  old: string,
  source: Source,
  { urlColumn, secretParam, since: _since, ...options }: ReportOptions,
  { directories, onNotice }: ReportSurroundings,
): Promise<Changes> {
  if (!source.reopens) throw new UsageError('--since: RESULT is read twice, so it is to be a file');
  const { prefix, sinceMemory, ...input } = options;
  return changesSince(
    old,
    source,
    { key: urlColumn, keyFlag: '--url-column', prefix, sinceMemory, input, onNotice },
    directories,
    hiding({ secretParam }),
  );
}

/** Hides in URLs of the list what a run hides in the URLs that it writes. */
function hiding(options: Pick<ReportOptions, 'secretParam'>): (url: string) => string {
  const shown = shownCells(options);
  return (url) => shown(url, url);
}

async function countFacts(
  source: Source,
  options: ReportOptions,
  changes: Changes | null,
  onNotice: (text: string) => void,
): Promise<Facts> {
  const stream = source.open();
  const reader: Reader = { onNotice, comments: 0 };
  try {
    const said = { ...options, ...fixed, resultColumn: `${options.prefix}status` };
    const { table, batches } = await openContent(bytesOf(stream, source.name), source.name, said, reader);
    const columns = findColumns(table, options.prefix, source.name);
    const figures = new Figures(columns, changes);
    const hidden = hiding(options);
    let listed = -1;
    let read: ReturnType<typeof outcomeReader> | null = null;
    for await (const batch of batches) {
      if (read === null && batch.length > 0) {
        listed = listedColumn(table.names, batch, options);
        read = outcomeReader(columns, listed, hidden);
      }
      for (const { cells, fault } of batch) {
        if (fault !== null) figures.damaged++;
        if (read !== null) figures.add(read(cells, figures.rows + 1));
      }
    }
    const name = shownText(source.name.replace(/^.*\//s, ''), 200);
    return { figures, columns, name, version, knowsList: listed !== -1 };
  } catch (error) {
    throw unreadable(source.name, error);
  } finally {
    stream.destroy();
  }
}

/**
 * Index of the list's column that has the URL; -1 if none was named and none looks like one, as with `--url-template`.
 *
 * @throws UsageError when the named column does not exist
 */
function listedColumn(
  names: readonly string[],
  rows: readonly Entry[],
  { prefix, urlColumn }: ReportOptions,
): number {
  const written = Object.keys(resultColumns).map((name) => prefix + name);
  const own = new Set(prefix === '' ? written : names.filter((name) => name.startsWith(prefix)));
  const status = `${prefix}status`;
  try {
    const cells = rows.map((row) => row.cells);
    return findUrlColumn(names, urlColumn, cells, {
      names: own,
      status,
      error: `${prefix}error`,
      copies: false,
    });
  } catch (error) {
    if (error instanceof UsageError && urlColumn === undefined) return -1;
    throw error;
  }
}

/** Reads script and style sheet, which lie beside this file, in the bundled command too. */
async function readAssets(): Promise<Assets> {
  const [script, style] = await Promise.all([
    readFile(new URL('./report-page.js', import.meta.url), 'utf8'),
    readFile(new URL('./report-page.css', import.meta.url), 'utf8'),
  ]);
  return { script, style };
}
