import type { Certificate } from './certificate.ts';
import type { FailureCode } from './failures.ts';

/** The columns of an input. All rows of one input share this object. */
export interface Table {
  /** Column names in the order of the cells; numbers from 1 when the input has no header. */
  readonly names: readonly string[];
  /** Whether the input has a header line, so that the output gets one. */
  readonly header: boolean;
}

/** One record of the input. */
export interface Row {
  /** 1-based number of the record in the whole input, header not counted. */
  readonly number: number;
  /** The cells as texts, in the order of `table.names`. */
  readonly cells: readonly string[];
  readonly table: Table;
  /** The URL to fetch, with a scheme; empty when `error` says why there is none. */
  readonly url: string;
  /** The failure code of a row that cannot be fetched; null for all others. */
  readonly error: FailureCode | null;
  /** The reason in words when `error` is set. */
  readonly detail: string;
  /** The text of a JSON record, so that its values keep their types and digits; null for other formats. */
  readonly json: string | null;
  /** Whether its cell has no scheme, and http is to be tried where no connection by https can be made. */
  readonly orHttp?: true;
  /** The object that was given to `fetchUrls()`. */
  readonly item?: FetchItem;
  /** What an earlier run has got for the same request; the request of this row is then conditional. */
  readonly earlier?: Earlier;
  /** With `--retry-failed`, for a row that is copied and not fetched again: its HTTP status in the earlier run. */
  readonly earlierStatus?: number;
  /** With `--save-as`: identifies the row among all whose files are in that folder, in this run and later ones. */
  readonly owner?: string;
  /** With `--skip-saved`, for a row that is not fetched because its file is there: the result that it gets instead. */
  readonly saved?: SavedResult;
  /** With `--retry-failed` and `next`: the page that failed in the earlier run, which has written those before it. */
  readonly fromPage?: number;
}

/** What is known of a response whose body was saved before. */
export interface SavedResult extends Pick<
  Result,
  'url' | 'status' | 'type' | 'bytes' | 'sha256' | 'at' | 'values'
> {}

/** What an earlier result tells of a saved body. */
export interface SavedBody {
  readonly sha256: string;
  /** Null where it does not tell. */
  readonly bytes: number | null;
}

/**
 * An object that `fetchUrls()` takes. It comes back as `row.item` of its result, with all else that it holds. Its strings,
 * numbers and booleans are the cells of its row, for `{column}` in options and for `writeResults()`.
 */
export interface FetchItem {
  /** With a scheme. */
  readonly url: string | URL;
  /** Default: that of the options, or POST with a body. */
  readonly method?: string;
  /** Added to the headers of the options; they replace those of the same name. The rules are those of the option `header`;
   * headers that may be secrets are sent to the origin of `url` only. */
  readonly headers?: Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;
  /** A text is sent as UTF-8, as `text/plain` unless a header says otherwise. */
  readonly body?: string | Uint8Array;
  /** Anything that is to come back with the result. */
  readonly data?: unknown;
}

/** What is known of a URL from an earlier run. Plain data, as rows may wait on disk. */
export interface Earlier {
  /** The URL that answered, after redirects: only a request for it is conditional. */
  readonly url: string;
  /** Values of its headers ETag and Last-Modified, a character per byte; empty or not given: it had none. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What may become of a row since an earlier result. */
export const allChanges = ['new', 'same', 'changed', 'failed', 'recovered', 'still-failing'] as const;
/** What has become of a row. It failed only now (`failed`), only before (`recovered`), both times, or neither time. */
export type Change = (typeof allChanges)[number];

/** What a processor gives for a column. Null and undefined leave the cell empty; objects are written as JSON. */
export type Value = string | number | boolean | null | undefined | object;

/** Values by column. */
export type Values = Readonly<Record<string, Value>>;

/** The failure codes of a page that was fetched and could not be processed. */
export type ProcessCode = Extract<FailureCode, `process-${string}`>;

/** Details of the last request of a row. Values that were not asked for are empty or null. */
export interface Trace {
  /** IP address of the server, or of the proxy if one was used; empty without a connection. */
  readonly remoteIp: string;
  /** `1.1` or `1.0`; empty without a response. */
  readonly httpVersion: string;
  /** Values of the headers ETag and Last-Modified, a character per byte, and of Server; empty when missing. */
  readonly etag: string;
  readonly lastModified: string;
  readonly server: string;
  /** Milliseconds for DNS, TCP and TLS; null for steps that were not needed, as on a reused connection. */
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  /** Milliseconds from the start of the request to its response headers. */
  readonly firstByteMs: number | null;
  /** Null without TLS, and unless it was asked for (option `certificates`). */
  readonly certificate: Certificate | null;
}

/** A request that was answered with a redirect. */
export interface Redirect {
  /** Without credentials. */
  readonly url: string;
  readonly status: number | null;
  readonly ms: number;
}

/** Why less of a body is kept than was sent: the words of WARC-Truncated. */
export type Truncation = 'length' | 'time' | 'disconnect';

/** A request of a row and its response as they were on the wire, for WARC. */
export interface Exchanged {
  /** The URL without credentials and fragment. */
  readonly url: string;
  readonly method: string;
  /** The target in the request line. */
  readonly path: string;
  /** Value of the Host header. */
  readonly host: string;
  /** Names and values in turn, a character per byte, as they were sent; without those that hold secrets. */
  readonly requestHeaders: readonly string[];
  readonly requestBody: Buffer | null;
  readonly status: number;
  /** The reason phrase, a character per byte; may be empty. */
  readonly reason: string;
  /** `1.1` or `1.0`. */
  readonly httpVersion: string;
  /** Names and values in turn, a character per byte. */
  readonly rawHeaders: readonly string[];
  /** The body without its transfer coding, and with its content codings. */
  readonly body: readonly Buffer[];
  /** When the request began, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** Address of the server; empty when it is not known. */
  readonly remoteIp: string;
  /** Null: the body is complete. Only the body of a redirect may be cut. */
  readonly truncated: Truncation | null;
}

/** The result of one row, as `fetchUrls()` gives it and `writeResults()` takes it. */
export interface Result {
  readonly row: Row;
  /** HTTP status of the last response; null without a response. */
  readonly status: number | null;
  /** Why the row failed; null when it did not. An HTTP status such as 404 is not a failure here. */
  readonly error: FailureCode | null;
  /** The failure in words; may hold text from the network. */
  readonly detail: string;
  /** Final URL without credentials. */
  readonly url: string;
  /** Host of the final URL; empty when nothing was tried. */
  readonly host: string;
  /** Media type of the response, lower case, without parameters. */
  readonly type: string;
  /**
   * Name of the encoding of the body's text, as in `document.characterSet`; empty for a body that is not text, and unless it
   * was asked for (option `charset`).
   */
  readonly charset: string;
  /** Where `charset` comes from: `bom`, `http`, `document`, `guess` or `default`; empty where `charset` is. */
  readonly charsetFrom: string;
  /** Decoded size of the body in bytes; null when it is incomplete. */
  readonly bytes: number | null;
  /** Bytes of the body that were received, before decoding; null without a response. */
  readonly wireBytes: number | null;
  /**
   * SHA-256 of the decoded body in hexadecimal; empty when it is incomplete, for HEAD, and unless it was asked for (option
   * `sha256`).
   */
  readonly sha256: string;
  /** Whether the request was conditional (`row.earlier`), and the server has said that it has nothing newer. */
  readonly notModified: boolean;
  /**
   * Whether a made-up URL in the same folder gave the same page; null where that was not found out, and unless it was
   * asked for (option `soft404`).
   */
  readonly soft404: boolean | null;
  /** What has become of the row since the result that `--since` names; null without it, and where that cannot be told. */
  readonly change: Change | null;
  /** Duration of the last attempt in milliseconds; null when nothing was tried. */
  readonly ms: number | null;
  /** Number of attempts; 0 for a row that could not be tried or shares the result of another one. */
  readonly attempts: number;
  /** With the option `once`: number of the row whose result this row shares; else null. */
  readonly sameAs: number | null;
  /** When the last attempt began, or the row was given up, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** The redirects of the last attempt, which led to `url`, in order. */
  readonly redirects: readonly Redirect[];
  /** The library fills in all of it, the command only what its columns show. */
  readonly trace: Trace;
  /** The processors' values by column. */
  readonly values: Values;
  /**
   * Null for one output row. When a processor returned a list: an output row for each element, which has `values` too; an
   * empty list gives no row.
   */
  readonly rows: readonly Values[] | null;
  /** With the option `next`: the number of this page, which is the last one of the row; else 1. */
  readonly page: number;
  /**
   * With the option `next`: URL of a next page that was not fetched, because `maxPages` was reached or the row has had
   * that page before; else empty.
   */
  readonly next: string;
  /** With the option `next`: what the row's pages before this one have given, in order. Their own lists are empty. */
  readonly pagesBefore: readonly Result[];
}

/** A response as processors see it. `text()` decodes on first use. */
export interface Page {
  /** The input row, cells by column name. */
  readonly row: Readonly<Record<string, string>>;
  /** Final URL without credentials. */
  readonly url: string;
  readonly status: number;
  /** Response headers, names in lower case, several values of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The kind of text, by Content-Type or, where that names no type, by the first characters. Feeds and sitemaps are `xml`
   * whatever their type.
   */
  readonly kind: 'html' | 'xml' | 'json' | 'plain' | 'other';
  /** The values of one header in order, not joined; none without it. */
  readonly headerValues: (name: string) => readonly string[];
  /** The decoded body (content codings removed). */
  readonly body: Buffer;
  /** Name of the encoding that `text()` uses, as in `document.characterSet`; empty for a body that is not text. */
  readonly charset: string;
  /**
   * The body as a browser decodes it; without a byte order mark. A text in a gzip file is unpacked.
   *
   * @throws RangeError when it cannot be unpacked
   */
  readonly text: () => string;
  /** The text that `json()` parses: UTF-8 where that is valid, else that of `text()`. */
  readonly jsonText: () => string;
  /** @throws SyntaxError when the body is not JSON */
  readonly json: () => unknown;
  /**
   * Makes a request on behalf of this page, with the same limits, attempts, and rules for addresses and secrets as for rows.
   * Its time does not count for `processTimeout`. Requests that are pending when the page is done are dropped.
   *
   * @param url may be relative to that of the page
   * @returns the response, whatever its status; its redirects have been followed
   * @throws (rejects with) an Error whose `code` is a failure code: `dns-not-found`, `timeout`, `host-down`…
   */
  readonly fetch: (url: string | URL, request?: PageRequest) => Promise<FetchedPage>;
}

/** A request that a processor makes. By default GET, or POST with a body, with the headers that the options set for all rows. */
export type PageRequest = Pick<FetchItem, 'method' | 'headers' | 'body'>;

/** A response that a processor has asked for. */
export type FetchedPage = Omit<Page, 'fetch'>;

/** Takes values from a response: a built-in extractor or the user's module. */
export interface Processor {
  /** Names of the columns that it fills. */
  readonly columns: readonly string[];
  /** Whether it may take longer than `processTimeout`, for processors that write to a local disk. Default: false. */
  readonly untimed?: boolean;
  /**
   * Gives an object with a value per column; a column without a value stays empty. An array of such objects makes an output
   * row for each, an empty array none. An error, or a name that is not in `columns`, makes the row `process-failed`; only a
   * RunError, such as an OutputError, ends the whole run.
   */
  process(page: Page): Values | readonly Values[] | PromiseLike<Values | readonly Values[]>;
}

/**
 * Gives the URL of the page that comes next, which may be relative; null when there is none.
 *
 * @throws an error that fails the page, when that cannot be told
 */
export type FindNext = (page: Page) => string | null;

/**
 * A function that a module may export instead of a processor. It is called once in each thread.
 *
 * @param options the values of `--module-option` by name
 */
export type MakeProcessor = (options: Readonly<Record<string, string>>) => Processor | PromiseLike<Processor>;
