import { tmpdir } from 'node:os';

import { FetchUrls } from '../fetch/fetch-urls.ts';
import { SharedLimits, limitNames } from '../fetch/shared-limits.ts';
import { streamOptions } from '../fetch/stream-options.ts';
import { readSaid } from '../options/resolve.ts';
import { outputOptions, processOptions } from '../options/table.ts';
import type { SaidOf, ValuesOf } from '../options/table.ts';
import { InThisThread } from '../page/in-this-thread.ts';
import { inTurn } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import { UsageError } from '../shared/errors.ts';
import { checkSignal } from '../shared/abort-signal.ts';
import type { Processor } from '../shared/records.ts';
import { exceptLarge, largeBodiesOf } from './large-pages.ts';
import { asksForValues, openThreads } from './processing.ts';

const { extract, select, xpath, json, regex, responseHeader, body } = processOptions;
const { module, moduleOption, processTimeout } = processOptions;
const valueOptions = { extract, select, xpath, json, regex, responseHeader, body, module, moduleOption };
const { prefix, grace } = outputOptions;
const fetchOptions = { ...streamOptions, ...valueOptions, prefix, processTimeout, grace };

/**
 * Options of {@link fetchUrls}: all options of the section "Request" of the command in camelCase (docs/options.md),
 * with the same defaults; `ordered`, `next`, `maxPages`, `prefix` and `grace`; those of the section "Processing" that
 * take values from pages; and those below.
 *
 * Durations are in milliseconds or texts like `30s`, sizes in bytes or texts like `10MB`, rates in requests per
 * second or texts like `600/m`. `extract` is a text separated by commas, or a list of names.
 *
 * The values that `extract`, `select`, `xpath`, `json`, `regex`, `responseHeader`, `body` and `module` take are in
 * `values` (or `rows`) of a result, under the names of the columns that the command would write: `fetch_title` for
 * `extract: 'title'`, `price` for `select: ['price=.price']`.
 */
export interface FetchUrlsOptions extends SaidOf<typeof fetchOptions> {
  /**
   * Processors that take values from each complete response, in order. Their values become `values` (or `rows`) of
   * the result. They run in this thread, so that their synchronous code holds up all requests and no `processTimeout`
   * can end it; a `module` runs in others. Default: none.
   */
  readonly processors?: readonly Processor[];
  /**
   * Threads that fetch, and as many others that process pages. With 1 this thread does both, except for `module`,
   * `regex` and `xpath`, which have a thread of their own. With `'auto'` threads are added under load, up to the
   * number of cores. Default: 1, unlike for the command.
   */
  readonly threads?: number | 'auto';
  /**
   * Stops the stream early when aborted: rows that have not begun are dropped without a result, and requests in
   * flight get the time of `grace` (5 s by default), then fail as `cancelled`. The stream ends when its input does.
   */
  readonly signal?: AbortSignal;
  /**
   * Limits that several pipelines share, made by `sharedLimits()`. They replace `concurrency`, `perHost` and
   * `hostRate`, which cannot be given beside them. Default: this pipeline has its own limits.
   */
  readonly limits?: SharedLimits;
  /** Whether to fill in `charset` and `charsetFrom` of results, for which bodies are kept in memory. Default: false. */
  readonly charset?: boolean;
  /** Whether to fill in `sha256` of results, for which bodies are hashed. Default: false. */
  readonly sha256?: boolean;
  /**
   * Whether to fill in `soft404` of results. It costs requests, for a made-up URL in each folder, and bodies are kept
   * in memory. Default: false.
   */
  readonly soft404?: boolean;
  /** Whether to fill in `trace.certificate` of results, for which certificates are parsed. Default: false. */
  readonly certificates?: boolean;
}

/**
 * Makes an object-mode Transform that fetches URLs.
 *
 * In: rows of `readUrls()`, URLs with a scheme (strings or `URL`), or objects with a `url` (`FetchItem`). Out:
 * one {@link Result} for each, in order of completion, or of input with `ordered`.
 *
 * Up to `concurrency` requests (100 by default) run at once, at most `perHost` (6) of them to one host, and up to
 * `lookAhead` rows (10,000) are held in memory. An attempt may take `timeout` (30 s), and is repeated up to `retries`
 * (3) times. When nobody reads the results, no more requests are started. `HTTP_PROXY`, `SSL_CERT_FILE` and the like
 * in the environment are obeyed by `run()` only.
 *
 * A row may have `earlier`, what is known of its URL from before. Its request is then conditional, and a server that
 * has nothing newer gives a result with status 304 and `notModified`.
 *
 * A failure of a row is in its result: `error` is a failure code, or null; `status` may be any HTTP status, also 404
 * or 500. The stream itself fails with
 *
 * - a UsageError when `header` or `data` names a column that the rows do not have, when the proxy refuses the login,
 *   or when an option of processing is wrong;
 * - a TypeError when something else than a row, a URL or an object with a `url` is written to it;
 * - an OutputError, or another RunError, that a processor throws.
 *
 * Its events are described at {@link FetchUrls}.
 *
 * @example
 * const urls = Readable.from(['https://example.org/', 'https://example.com/a']);
 * for await (const { row, status, error } of urls.pipe(fetchUrls({ concurrency: 20, timeout: '10s' }))) {
 *   console.log(row.url, error ?? status);
 * }
 *
 * @example
 * // A request of its own for each object, and values from each page.
 * const items = [{ url: 'https://api.example.org/', headers: { accept: 'application/json' }, data: 17 }];
 * const length = { columns: ['length'], process: (page) => ({ length: page.text().length }) };
 * const fetcher = fetchUrls({ json: ['name=user.name'], processors: [length] });
 * for await (const { row, values } of Readable.from(items).pipe(fetcher)) {
 *   console.log(row.item.data, values.length, values.name);
 * }
 *
 * @param options see {@link FetchUrlsOptions}. Default: those of the command, but one thread
 * @returns the stream, to be used with `pipe()`, `pipeline()` or `for await`
 * @throws UsageError when an option is unknown, has a wrong value or stands beside `limits` that have it, or a file
 * that one names cannot be read
 */
export function fetchUrls(options: FetchUrlsOptions = {}): FetchUrls {
  const {
    processors = [],
    charset = false,
    sha256 = false,
    soft404 = false,
    certificates = false,
    threads: count = 1,
    signal,
    limits,
    ...said
  } = options;
  checkSignal(signal);
  const isAsked = soft404 ? () => true : null;
  const told = { traces: true, charsets: charset, digests: sha256, certificates, soft404: isAsked };
  const values = readSaid(fetchOptions, { ...said, threads: count, ...(limits && valuesOf(limits, said)) });
  const own = processors.length === 0 ? null : new InThisThread(processors, values.processTimeout);
  const threads = asksForValues(values) ? new OpeningThreads() : null;
  const fetcher = new FetchUrls(values, bothOf(own, threads), {
    ...told,
    ...(limits && { limits: limits.turns }),
    exchanges: false,
    hops: false,
    // A processor of the caller may look at any body.
    largeBodies: own === null ? largeBodiesOf(null, values, charset || soft404, [tmpdir()]) : null,
    environment: {},
  });
  threads?.open(values, fetcher);
  if (signal !== undefined) stopWith(signal, fetcher, values.grace);
  return fetcher;
}

/** @throws UsageError when an option stands beside limits that have it */
function valuesOf(
  limits: SharedLimits,
  said: FetchUrlsOptions,
): Pick<SharedLimits, (typeof limitNames)[number]> {
  if (!(limits instanceof SharedLimits)) throw new UsageError('limits: not made by sharedLimits()');
  const twice = limitNames.find((name) => said[name] !== undefined);
  if (twice !== undefined)
    throw new UsageError(`${twice}: limits have it already: give it to sharedLimits() instead`);
  const { concurrency, perHost, hostRate } = limits;
  return { concurrency, perHost, hostRate };
}

function stopWith(signal: AbortSignal, fetcher: FetchUrls, patience: number): void {
  const stop = (): void => fetcher.stop(patience);
  if (signal.aborted) return stop();
  signal.addEventListener('abort', stop, { once: true });
  // A signal may outlive many streams.
  fetcher.once('close', () => signal.removeEventListener('abort', stop));
  return undefined;
}

function bothOf(first: Processing | null, second: Processing | null): Processing | null {
  return first !== null && second !== null ? inTurn(first, second) : (first ?? second);
}

/** Threads that process pages, and load while the first pages are fetched. */
class OpeningThreads implements Processing {
  #opened: Promise<Processing | null> = Promise.resolve(null);

  /** @param fetcher is destroyed with the error when something is wrong with the options */
  open(options: ValuesOf<typeof fetchOptions>, fetcher: FetchUrls): void {
    const opening = openThreads(options, {
      notice: (text) => fetcher.emit('notice', text),
      // Standard output is the caller's.
      print: (text) => process.stderr.write(text),
    });
    this.#opened = opening.then((opened) => opened && exceptLarge(opened, options));
    this.#opened.catch((error: Error) => fetcher.destroy(error));
  }

  readonly process: Processing['process'] = async (page) => {
    const opened = await this.#opened;
    if (opened === null) throw new TypeError('pages come to threads that nobody has asked for');
    return opened.process(page);
  };

  readonly close = (): void => {
    // If opening failed, the stream was destroyed with the reason.
    this.#opened.then((opened) => opened?.close()).catch(() => {});
  };
}
