import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import type { Result, Table } from '../../src/shared/records.ts';
import { fetchUrls } from '../../src/job/fetch-urls.ts';
import { blankReply } from '../../src/fetch/messages.ts';
import { readUrls } from '../../src/read/read-urls.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';
import { writeResults } from '../../src/write/write-results.ts';
import type { WriteResultsOptions } from '../../src/write/write-results.ts';

export function tableOf(...names: string[]): Table {
  return { names, header: true };
}

/** The result of a successful fetch, with some changes. */
export function resultOf(table: Table, cells: readonly string[], changes: Partial<Result> = {}): Result {
  const url = 'http://example.org/';
  return {
    row: { number: 1, cells, table, url, error: null, detail: '', json: null },
    status: 200,
    error: null,
    detail: '',
    url,
    host: 'example.org',
    type: 'text/html',
    charset: '',
    charsetFrom: '',
    bytes: 5,
    wireBytes: 4,
    ms: 12.4,
    attempts: 1,
    at: Date.UTC(2024, 1, 29, 12, 30, 15, 7),
    redirects: [],
    trace: blankReply.trace,
    values: {},
    rows: null,
    page: 1,
    next: '',
    pagesBefore: [],
    sameAs: null,
    sha256: '',
    soft404: null,
    notModified: false,
    change: null,
    ...changes,
  };
}

/** The text to which the results are written. */
export async function written(
  results: readonly Result[],
  options: WriteResultsOptions = {},
): Promise<string> {
  return text(Readable.from(results).pipe(writeResults(options)));
}

/** Reads, fetches and writes an input. Its URLs should need no network. */
export async function converted(
  input: string,
  read: ReadUrlsOptions = {},
  write: WriteResultsOptions = {},
): Promise<string> {
  const parts: string[] = [];
  await pipeline(
    Readable.from([Buffer.from(input)]),
    readUrls(read),
    fetchUrls({ ordered: true }),
    writeResults(write),
    async (output: AsyncIterable<Buffer>) => {
      for await (const part of output) parts.push(part.toString());
    },
  );
  return parts.join('');
}
