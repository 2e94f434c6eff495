import { isUtf8 } from 'node:buffer';

import type { Exchanged, Page, Row } from '../shared/records.ts';
import { charsetFor } from './charset.ts';
import type { Charset } from './charset.ts';
import { decodeText } from './encodings.ts';
import { headerRecord } from './headers.ts';

/** The part of a row that processors see. */
export type RowCells = Pick<Row, 'cells' | 'table'>;

/** A response as processors see it. Its properties are computed on first use. */
export class ResponsePage implements Page {
  readonly url: string;
  readonly status: number;
  readonly body: Buffer;
  readonly input: RowCells;
  /** Names and values in turn. */
  readonly rawHeaders: readonly Buffer[];
  readonly contentType: string;
  /** The bytes of request and response for WARC; null unless they were asked for. */
  readonly exchanged: Exchanged | null;
  #rowRecord: Record<string, string> | null = null;
  #headers: Record<string, string> | null = null;
  #charset: Charset | null = null;
  #text: string | null = null;

  constructor(
    input: RowCells,
    url: string,
    status: number,
    rawHeaders: readonly Buffer[],
    contentType: string,
    body: Buffer,
    exchanged: Exchanged | null = null,
  ) {
    this.input = input;
    this.url = url;
    this.status = status;
    this.rawHeaders = rawHeaders;
    this.contentType = contentType;
    this.body = body;
    this.exchanged = exchanged;
  }

  get row(): Readonly<Record<string, string>> {
    if (this.#rowRecord === null) {
      // Without a prototype, as a column may be named __proto__.
      this.#rowRecord = Object.create(null) as Record<string, string>;
      for (const [i, name] of this.input.table.names.entries())
        this.#rowRecord[name] = this.input.cells[i] ?? '';
    }
    return this.#rowRecord;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= headerRecord(this.rawHeaders);
    return this.#headers;
  }

  get charset(): string {
    const { encoding, isText } = this.#foundCharset();
    return isText && this.body.length > 0 ? encoding : '';
  }

  // Arrow functions, as processors destructure the page: `process({ text })`.
  readonly text = (): string => {
    this.#text ??= decodeText(this.body, this.#foundCharset().encoding);
    return this.#text;
  };

  // JSON is UTF-8 whatever its media type; if it is not valid UTF-8, the encoding that was declared is tried.
  readonly json = (): unknown => JSON.parse(isUtf8(this.body) ? decodeText(this.body, 'UTF-8') : this.text());

  #foundCharset(): Charset {
    this.#charset ??= charsetFor(this.body, this.contentType);
    return this.#charset;
  }
}
