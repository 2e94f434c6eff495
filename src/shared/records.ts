import type { FailureCode } from './failures.ts';

/** What all rows of one input have in common. */
export interface Table {
  /** Column names in the order of the cells; numbers from 1 when the input has no header. */
  readonly names: readonly string[];
  /** Whether the input had a header line, and the output so gets one. */
  readonly header: boolean;
}

/** One record of the input. */
export interface Row {
  /** 1-based number of the record in the whole input, header not counted. */
  readonly number: number;
  readonly cells: readonly string[];
  readonly table: Table;
  /** The URL to fetch, with a scheme; empty when `error` says why there is none. */
  readonly url: string;
  readonly error: FailureCode | null;
  /** Why, in words, when `error` is set. */
  readonly detail: string;
  /** For JSON Lines: the record's own text, so that its values keep their types and digits. */
  readonly json: string | null;
  /**
   * There only when the row went well in an earlier run and is copied as it is, not fetched (`--retry-failed`): its
   * HTTP status then.
   */
  readonly earlierStatus?: number;
}

/** A value that a processor gives for one of its columns. */
export type Value = string | number | boolean | null | undefined | object;

/** Values by column. */
export type Values = Readonly<Record<string, Value>>;

/** The failure codes of a page that could be fetched and not be processed. */
export type ProcessCode = Extract<FailureCode, `process-${string}`>;

/** Where the last response of a row came from, and how it came about. What was not asked for is empty or null. */
export interface Trace {
  /** Address that was connected to: of the server, or of the proxy; empty when no connection was made. */
  readonly remoteIp: string;
  /** `1.1` or `1.0`; empty without a response. */
  readonly httpVersion: string;
  /** Values of the headers of these names; empty where there was none. */
  readonly etag: string;
  readonly lastModified: string;
  readonly server: string;
  /** Milliseconds for the name, TCP and TLS; null where a connection was used again, or there was nothing to do. */
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  /** Milliseconds from the start of the request to its response headers. */
  readonly firstByteMs: number | null;
}

/** What went over the wire for one row: its last request and the whole response. */
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
  /** The words behind the status; mostly empty, or the usual ones. */
  readonly reason: string;
  /** `1.1` or `1.0`. */
  readonly httpVersion: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly Buffer[];
  /** As it came, without its transfer coding, and with its content codings. */
  readonly body: readonly Buffer[];
  /** When the request began, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** Address of the server; empty when it is not known. */
  readonly remoteIp: string;
}

/** What became of one row. */
export interface Result {
  readonly row: Row;
  /** HTTP status of the last response; null when there was none. */
  readonly status: number | null;
  readonly error: FailureCode | null;
  /** What went wrong, in words; may hold text from the network. */
  readonly detail: string;
  /** Final URL without credentials. */
  readonly url: string;
  /** Host of the final URL; empty when nothing was tried. */
  readonly host: string;
  /** Media type of the response, lower case, without parameters. */
  readonly type: string;
  /**
   * Name of the encoding that the body's text is read by, as `document.characterSet` has it; empty where there is no
   * text, and where nobody asked for it.
   */
  readonly charset: string;
  /** Decoded size of the body in bytes; null when it is not known whole. */
  readonly bytes: number | null;
  /** Bytes of the body as they came over the wire. */
  readonly wireBytes: number | null;
  /** Duration of the last attempt in milliseconds; null when nothing was tried. */
  readonly ms: number | null;
  /** How often the row was tried; 0 when it could not be, or need not be. */
  readonly attempts: number;
  /** Number of the row whose result this is too (option `once`); null: it is the row's own. */
  readonly sameAs: number | null;
  /** When the last attempt began (or the row was given up), in milliseconds since 1970 UTC. */
  readonly at: number;
  /** URLs of the chain that led to `url`, in order; empty without redirects. */
  readonly redirects: readonly string[];
  /** All of it is filled in by the library; the command fills in what its columns show. */
  readonly trace: Trace;
  /** The values that the processors gave. */
  readonly values: Values;
  /**
   * Where a processor gave a list: an output row for each of these, which has `values` too; for none of them no row at
   * all. Null: one row.
   */
  readonly rows: readonly Values[] | null;
}

/** What a processor sees of a response. `text()` and `json()` decode on first use. */
export interface Page {
  /** The input row, cells by column name. */
  readonly row: Readonly<Record<string, string>>;
  /** Final URL without credentials. */
  readonly url: string;
  readonly status: number;
  /** Response headers, names in lower case, several values of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The decoded body (content codings removed). */
  readonly body: Buffer;
  /** Name of the encoding that `text()` reads, as `document.characterSet` has it; empty where the body is no text. */
  readonly charset: string;
  /** The body as a browser decodes it; without a byte order mark. */
  readonly text: () => string;
  /** Its text is UTF-8 where that is valid, else that of `text()`. @throws SyntaxError when the body is not JSON */
  readonly json: () => unknown;
}

/** Takes values out of a response: a built-in extractor or the user's module. */
export interface Processor {
  /** Names of the columns that it fills. */
  readonly columns: readonly string[];
  /**
   * Whether its promise is waited for however long it takes, instead of `processTimeout` for this one and those after
   * it together: for what writes to a disk of this machine. Default: no.
   */
  readonly untimed?: boolean;
  /**
   * Gives a value per column, by name; a column without a value stays empty. An array of such objects makes an output
   * row of each, an empty one none. Throwing, or a name that is not in `columns`, makes the row `process-failed`; only
   * a RunError (an OutputError, say) ends the whole run.
   */
  process(page: Page): Values | readonly Values[] | PromiseLike<Values | readonly Values[]>;
}

/**
 * What a module may export instead of a processor: called once in each thread.
 *
 * @param options what `--module-option` says, by name
 */
export type MakeProcessor = (options: Readonly<Record<string, string>>) => Processor | PromiseLike<Processor>;
