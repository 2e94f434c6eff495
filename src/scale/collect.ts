import { pipeline } from 'node:stream/promises';

import { UsageError } from '../shared/errors.ts';
import { jobColumns } from '../job/columns.ts';
import type { Options } from '../options/table.ts';
import { rowStream } from '../read/row-stream.ts';
import type { Statistics } from '../watch/statistics.ts';
import { dialectOf } from '../write/dialect.ts';
import type { DialectOptions } from '../write/dialect.ts';
import { formatOf } from '../write/formats.ts';
import type { OutputFormat } from '../write/formats.ts';
import type { Output } from '../write/output.ts';
import { WriteResults } from '../write/write-results.ts';
import { resultsInOrder } from './in-list-order.ts';
import type { JobFolder } from './job-folder.ts';
import { resultsOf } from './parts.ts';
import { pieceName } from './pieces.ts';
import type { Piece } from './pieces.ts';

/** How the result is written. Format and dialect are those of the submit unless they are set here. */
export type CollectHow = Pick<Options, 'output' | 'outputFormat' | 'ordered'> & SaidDialect;

/** Undefined: as submitted. */
type SaidDialect = { readonly [K in keyof DialectOptions]: DialectOptions[K] | undefined };

/** The pieces of a job: those whose results are there, and the others. */
export interface Present {
  readonly done: readonly Piece[];
  readonly missing: readonly Piece[];
}

export async function presentPieces(job: JobFolder): Promise<Present> {
  const names = await job.done();
  const isDone = (piece: Piece): boolean => names.has(pieceName(piece));
  const { pieces } = job;
  return { done: pieces.filter(isDone), missing: pieces.filter((piece) => !isDone(piece)) };
}

/** How a result is to be written, checked before anything is opened. */
export interface CollectPlan {
  readonly format: OutputFormat;
  readonly dialect: ReturnType<typeof dialectOf>;
  readonly gzip: boolean;
}

/** @throws UsageError when the list is JSON Lines, and was not submitted for this format */
export function planOf({ file, options }: JobFolder, how: CollectHow): CollectPlan {
  const format = formatOf({ ...how, outputFormat: how.outputFormat ?? options.outputFormat });
  const submitted = formatOf(options);
  if (file.isJson && (format === 'jsonl') !== (submitted === 'jsonl')) {
    throw new UsageError(
      `--output-format: the list is JSON Lines, of which some rows are good for ${submitted} and not for ${format}; say --output-format ${format} when you submit it`,
    );
  }
  const said = merged(format === 'jsonl' ? plain : options, how, format);
  return { format, dialect: dialectOf(said, format), gzip: /\.gz$/i.test(how.output ?? '') };
}

/** JSON Lines has no dialect. */
const plain: DialectOptions = {
  outputDelimiter: undefined,
  outputBom: false,
  crlf: false,
  excelSafe: false,
  excel: false,
};

function merged(submitted: DialectOptions, said: SaidDialect, format: OutputFormat): DialectOptions {
  const outputDelimiter = format === 'csv' ? submitted.outputDelimiter : undefined;
  return {
    outputDelimiter: said.outputDelimiter ?? outputDelimiter,
    outputBom: said.outputBom ?? submitted.outputBom,
    crlf: said.crlf ?? submitted.crlf,
    excelSafe: said.excelSafe ?? submitted.excelSafe,
    excel: said.excel ?? submitted.excel,
  };
}

/**
 * Writes the results of these pieces, each row once, as a run would have written them.
 *
 * @param statistics gets the figures of what was written
 * @throws InputError when a part is damaged, OutputError
 */
export async function collect(
  job: JobFolder,
  pieces: readonly Piece[],
  { format, dialect, gzip }: CollectPlan,
  ordered: boolean,
  output: Output,
  statistics: Statistics,
): Promise<void> {
  const { file, options } = job;
  const writer = new WriteResults({
    format,
    dialect,
    gzip,
    added: jobColumns(options, file.processed).added,
    exploded: options.explode ?? null,
    emptyTable: () => file.table,
    onRow: (result) => statistics.add(result),
    onBatch: (batch) => output.add(batch),
  });
  try {
    const results = ordered ? resultsInOrder(job, pieces) : resultsOf(job, pieces);
    await pipeline([rowStream(results), writer, output.stream]);
    await output.finish();
  } catch (error) {
    await output.abandon();
    throw error;
  }
}
