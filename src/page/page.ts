import { isUtf8 } from 'node:buffer';

import type { Ask, Asked, OnAnswer } from '../shared/asked.ts';
import type { Exchanged, FetchedPage, Page, PageRequest, Row } from '../shared/records.ts';
import { charsetFor } from './charset.ts';
import type { Charset, CharsetSource } from './charset.ts';
import { decodeText } from './encodings.ts';
import { headerRecord, headerTexts } from './headers.ts';
import type { LargeBody } from './large-body.ts';
import { unpackedText } from './packed-text.ts';
import { PageFetches, askedOf } from './page-fetch.ts';
import type { Content } from './packed-text.ts';
import type { TextKind } from './text-kind.ts';

/** The part of a row that processors see. */
export type RowCells = Pick<Row, 'cells' | 'table' | 'owner'> & Partial<Pick<Row, 'url'>>;

/** Makes a request on behalf of a page. @returns a function that abandons it */
export type PageAsk = (page: ResponsePage, ...asked: Parameters<Ask<ResponsePage>>) => () => void;

/** A response as processors see it. Its properties are computed on first use. */
export class ResponsePage implements Page {
  readonly url: string;
  readonly status: number;
  readonly input: RowCells;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly contentType: string;
  /** The bytes of request and response for WARC; null unless they were asked for. */
  readonly exchanged: Exchanged | null;
  /** The exchanges of the redirects that led to this response, in order; empty unless they were asked for. */
  hops: readonly Exchanged[] = [];
  /** The body, if it was too large to be kept in memory; then it cannot be read here. */
  readonly large: LargeBody | null;
  #body: Buffer | null = null;
  #shared: SharedArrayBuffer | null = null;
  #rowRecord: Record<string, string> | null = null;
  #headers: Record<string, string> | null = null;
  #content: Content | null = null;
  #charset: Charset | null = null;
  #text: string | null = null;
  /** Id of the request that this answers, and whether it came from a public address: needed for the page's own requests. */
  id = -1;
  isPublic = false;
  /** Makes the page's own requests; null: it can make none. All pages share it, as hardly one in a thousand makes any. */
  ask: PageAsk | null = null;
  #fetches: PageFetches<ResponsePage> | null = null;

  constructor(
    input: RowCells,
    url: string,
    status: number,
    rawHeaders: readonly string[],
    contentType: string,
    body: Buffer | SharedArrayBuffer,
    exchanged: Exchanged | null = null,
    large: LargeBody | null = null,
  ) {
    this.input = input;
    this.url = url;
    this.status = status;
    this.rawHeaders = rawHeaders;
    this.contentType = contentType;
    if (body instanceof SharedArrayBuffer) this.#shared = body;
    else this.#body = body;
    this.exchanged = exchanged;
    this.large = large;
  }

  /** Shared memory is copied first, as some uses of a Buffer do not work on it. */
  get body(): Buffer {
    this.#body ??= Buffer.from(new Uint8Array(this.#shared ?? new SharedArrayBuffer(0)));
    return this.#body;
  }

  /** The body for other threads. */
  get sharedBody(): SharedArrayBuffer {
    this.#shared ??= sharedCopy(this.body);
    return this.#shared;
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
    return this.#textCharset()?.encoding ?? '';
  }

  /** What decided about the charset; empty if the charset is empty. */
  get charsetFrom(): CharsetSource | '' {
    return this.#textCharset()?.from ?? '';
  }

  get kind(): TextKind {
    return this.#foundCharset().kind;
  }

  // Arrow functions, as processors destructure the page: `process({ text })`.
  readonly text = (): string => {
    this.#text ??= decodeText(this.#foundContent().body, this.#foundCharset().encoding);
    return this.#text;
  };

  readonly json = (): unknown => JSON.parse(this.jsonText());

  // JSON is UTF-8 whatever its media type; if it is not valid UTF-8, the encoding that was declared is tried.
  readonly jsonText = (): string => {
    const { body } = this.#foundContent();
    return isUtf8(body) ? decodeText(body, 'UTF-8') : this.text();
  };

  // oxlint-disable-next-line typescript/promise-function-async -- where it was called is to be known
  readonly fetch = (url: string | URL, request: PageRequest = {}): Promise<FetchedPage> => {
    const at = new Error();
    if (this.ask === null) return Promise.reject(new TypeError('page.fetch: the page is done'));
    const response = this.#fetchesBy(this.ask).fetch(askedOf(url, request), at);
    // Otherwise the failure of a request that the user does not await would be an unhandled rejection.
    response.catch(ignore);
    return response;
  };

  /** `fetch` for the copy of the page in another thread, which may not know yet that its row has ended. */
  fetchFor(asked: Asked, onAnswer: OnAnswer<ResponsePage>): void {
    if (this.ask === null) onAnswer({ error: 'cancelled', detail: 'the page is done' });
    else this.#fetchesBy(this.ask).ask(asked, onAnswer);
  }

  #fetchesBy(ask: PageAsk): PageFetches<ResponsePage> {
    this.#fetches ??= new PageFetches((...asked) => ask(this, ...asked));
    return this.#fetches;
  }

  /** Milliseconds that it has waited for its own requests. */
  get waited(): number {
    return this.#fetches?.waited ?? 0;
  }

  /** The page is done: its pending requests are dropped, and it can make no more. */
  end(): void {
    this.abandonFetches();
    this.ask = null;
  }

  /** Drops the pending requests of the page: nobody waits for them any more. */
  abandonFetches(): void {
    this.#fetches?.abandon();
  }

  readonly headerValues = (name: string): readonly string[] =>
    headerTexts(this.rawHeaders, name.toLowerCase());

  /** Null for a body that is not text or cannot be unpacked. */
  #textCharset(): Charset | null {
    if (this.body.length === 0) return null;
    try {
      const charset = this.#foundCharset();
      return charset.kind === 'other' ? null : charset;
    } catch {
      return null;
    }
  }

  #foundCharset(): Charset {
    if (this.#charset === null) {
      const { body, contentType } = this.#foundContent();
      this.#charset = charsetFor(body, contentType);
    }
    return this.#charset;
  }

  #foundContent(): Content {
    this.#content ??= unpackedText(this);
    return this.#content;
  }
}

function ignore(): void {}

export function sharedCopy(bytes: Buffer): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length);
  bytes.copy(new Uint8Array(shared));
  return shared;
}
