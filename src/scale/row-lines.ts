import { StringDecoder } from 'node:string_decoder';

import type { Row, Table } from '../shared/records.ts';

/**
 * A row as a line of a piece: `{"row":7,"url":"https://…","cells":["…"]}`. It is JSON, as that holds any text: bytes
 * that are not UTF-8 become escaped lone surrogates, and a row is one line whatever its cells hold.
 */
export interface WrittenRow {
  readonly row: number;
  readonly url: string;
  readonly cells: readonly string[];
  /** The other fields are there only if the row has them. */
  readonly error?: Row['error'] | undefined;
  readonly detail?: string | undefined;
  readonly json?: string | undefined;
  readonly orHttp?: true | undefined;
}

export function writtenRow({ number, url, cells, error, detail, json, orHttp }: Row): WrittenRow {
  return {
    row: number,
    url,
    cells,
    error: error ?? undefined,
    detail: detail === '' ? undefined : detail,
    json: json ?? undefined,
    orHttp,
  };
}

/** The reverse of `writtenRow`. */
export function rowOf(written: WrittenRow, table: Table): Row {
  const { row: number, url, cells, error = null, detail = '', json = null, orHttp } = written;
  const row = { number, cells, table, url, error, detail, json };
  return orHttp === true ? { ...row, orHttp } : row;
}

/** The complete lines of a text in UTF-8, in batches and without line ends. What follows the last LF is left out. */
export async function* wholeLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8');
  const begun: string[] = [];
  for await (const chunk of bytes) {
    const lines = decoder.write(chunk).split('\n');
    const last = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = begun.join('') + lines[0];
      begun.length = 0;
      yield lines;
    }
    begun.push(last);
  }
}
