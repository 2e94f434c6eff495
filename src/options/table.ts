import { choice, count, countOrAuto, duration, list, percent, rate, size, text, toggle } from './define.ts';
import type { Option } from './define.ts';
import {
  checkCharacter,
  checkColumn,
  checkConnectTo,
  checkDelimiter,
  checkHeader,
  checkMethod,
  checkModuleOption,
  checkNameServer,
  checkNamed,
  checkNamedHeader,
  checkProxy,
  checkQuote,
  checkScheme,
  checkStatuses,
  checkUserAgent,
} from './checks.ts';

/**
 * The one table of options: types, defaults, parsing, --help, config file, environment and docs/options.md are
 * made from it. Names are camelCase here and in the library, kebab-case on the command line,
 * URLMILL_UPPER_CASE in the environment.
 */
export const inputOptions = {
  urlColumn: text({
    shapes: true,
    short: 'u',
    hint: 'NAME|N',
    help: 'Column that holds the URL: a header name (case does not matter) or a number from 1. Default: the only column; else a header named url, uri, link, href, homepage, website or address; else the one column whose first cells are mostly URLs. A column that is not named must have URLs in its first cells. In JSON also a path: page.url.',
  }),
  urlTemplate: text({
    shapes: true,
    hint: 'T',
    help: 'Build the URL from columns (RFC 6570 level 2): {name} is percent-encoded, {+name} is taken as it is, {#name} is a fragment.',
  }),
  defaultScheme: text({
    shapes: true,
    hint: 'S',
    fallback: 'https',
    help: 'Scheme put before a host name with a dot, localhost or an IP address, with or without port and path. "none": such a cell is invalid-url, as is all else without a scheme.',
    check: checkScheme,
  }),
  delimiter: text({
    shapes: true,
    short: 'd',
    hint: 'C',
    help: 'One character, or "tab". Default: the one of , ; tab | that gives the first hundred lines as many cells as the header; .tsv means tab; a first line sep=C is obeyed.',
    check: checkDelimiter,
  }),
  noHeader: toggle({
    shapes: true,
    help: 'The first line is data. The output has no header line either, and columns are named by number. Default: so it is where the first line holds a URL in the column of URLs.',
  }),
  headerLine: toggle({
    shapes: true,
    help: 'The first line is the header, whatever it looks like. On the command line --header without a "Name: value" means the same.',
  }),
  inputFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['csv', 'tsv', 'lines', 'jsonl'],
    help: 'csv, tsv, lines (one URL a line) or jsonl (JSON Lines, or an array). Default: by name (.csv, .tsv, .tab, .jsonl, .ndjson, .json) and by the first lines.',
  }),
  encoding: text({
    shapes: true,
    hint: 'NAME',
    help: 'Encoding of the input, by a name of the Encoding Standard: windows-1252, latin1, shift_jis, utf-16le. A byte order mark goes before it. Default: UTF-8.',
  }),
  quote: text({
    shapes: true,
    hint: 'C|none',
    help: 'Character that stands around cells. Default: "; \' where all rows have it; in TSV none, unless cells begin and end with ".',
    check: checkQuote,
  }),
  escape: text({
    shapes: true,
    hint: 'C',
    help: 'Character that makes the one behind it an ordinary one, such as \\. Default: none; a quote within quotes is doubled.',
    check: checkCharacter,
  }),
  comment: text({
    shapes: true,
    hint: 'C',
    help: 'Lines that begin with it are no rows. Default: # in a list of URLs, where it also begins a comment behind a space; none in CSV.',
    check: checkCharacter,
  }),
  skipLines: count({
    shapes: true,
    min: 0,
    fallback: 0,
    help: 'Pass over the first N lines of each file: what stands above the header.',
  }),
  limit: count({ shapes: true, min: 1, help: 'Only the first N rows.' }),
};

export const requestOptions = {
  concurrency: count({ short: 'c', min: 1, fallback: 100, help: 'Requests in flight at once.' }),
  perHost: count({ min: 1, fallback: 6, help: 'Requests in flight to one host.' }),
  hostRate: rate({ help: 'Requests started per host: 20/s, 600/m, 100/h. Default: no limit.' }),
  rate: rate({ help: 'Requests started in all. Default: no limit.' }),
  lookAhead: count({
    min: 1,
    fallback: 10_000,
    help: 'Rows in memory at once, so that other hosts can go on while one is at its limit. What is beyond it waits in a temporary file.',
  }),
  timeout: duration({
    fallback: '30s',
    help: 'For one attempt in all: DNS, connection, TLS, redirects, headers and body.',
  }),
  connectTimeout: duration({ fallback: '10s', help: 'For DNS, TCP and TLS together.' }),
  retries: count({
    min: 0,
    fallback: 3,
    help: 'Attempts after the first one, for what may pass (docs/failures.md); the time between them doubles, with full jitter.',
  }),
  retryStatus: text({
    hint: 'LIST',
    help: 'Statuses that may pass, instead of those of docs/failures.md: numbers, ranges and classes (429,500-504,5xx), or "none".',
    check: checkStatuses,
  }),
  maxWait: duration({
    fallback: '2m',
    help: 'Longest Retry-After or back-off obeyed. A host that asks for more is left alone: the row ends with its status, others of the host are host-down. A host that has answered and cannot be reached any more is waited for as long.',
  }),
  networkWait: duration({
    fallback: '10m',
    help: 'How long a run waits when nothing can be reached any more. Then it stops, with exit code 6; --resume goes on.',
  }),
  maxRedirects: count({
    shapes: true,
    min: 0,
    fallback: 20,
    help: 'Redirects followed; 0: a 3xx is the answer.',
  }),
  followMeta: toggle({
    shapes: true,
    help: 'Follow pages that lead on by themselves within 5 seconds (meta refresh, Refresh header), as redirects.',
  }),
  maxBody: size({
    shapes: true,
    fallback: '10MB',
    help: 'Largest decoded body; a larger one is body-too-large and the row keeps its status.',
  }),
  once: toggle({
    help: 'A request that was made in this run, with the same method, URL, headers and body, is not made again: later rows get its result, with 0 attempts (column same_as). A module sees the first of these rows only.',
  }),
  onceMemory: size({
    fallback: '64MB',
    help: 'With --once: memory for results that later rows may share. A result that has not been used for long is forgotten when it is full.',
  }),
  head: toggle({
    shapes: true,
    help: 'Ask by HEAD, and by GET where a server refuses that (403, 404, 405, 501) or does not answer: for link lists, as no bodies are fetched. There is nothing to take out of pages then.',
  }),
  method: text({
    shapes: true,
    short: 'X',
    hint: 'M',
    help: 'Request method. Default: GET, or POST when there is data.',
    check: checkMethod,
  }),
  header: list({
    short: 'H',
    hint: "'K: V'",
    help: 'Request header; {column} in the value is replaced ({{column}} stands for itself). @FILE reads them from a file, one a line; those below a line [HOST] or [*.DOMAIN] go to that host only. Repeatable.',
    check: checkHeader,
  }),
  cookies: text({
    hint: 'FILE',
    help: 'Cookie file (Netscape format, as curl and browser extensions write it). Its cookies are sent where they belong, and nothing is written to it.',
  }),
  netrc: text({
    hint: 'FILE',
    help: 'Logins for hosts, in the form that curl and ftp read. A login in the URL or an Authorization header comes before it.',
  }),
  userAgent: text({
    short: 'A',
    hint: 'S',
    help: 'User-Agent header. Default: urlmill/VERSION (+repository).',
    check: checkUserAgent,
  }),
  data: text({
    shapes: true,
    hint: 'T',
    help: 'Request body; {column} is replaced ({{column}} stands for itself).',
  }),
  dataFile: text({ shapes: 'content', hint: 'FILE', help: 'Request body from a file, as it is.' }),
  proxy: text({
    hint: 'URL',
    help: 'Send all requests through this proxy (http, https, socks5, or socks5h, which resolves names itself), but those to hosts in NO_PROXY. Default: HTTP_PROXY, HTTPS_PROXY and ALL_PROXY of the environment; "none": no proxy.',
    check: checkProxy,
  }),
  cacert: text({ hint: 'FILE', help: 'Trust the certificates of this PEM file, and no others.' }),
  cert: text({ hint: 'FILE', help: 'Client certificate with its chain (PEM).' }),
  key: text({ hint: 'FILE', help: 'Key of the client certificate (PEM). Default: the one in --cert FILE.' }),
  insecure: toggle({ help: 'Do not verify TLS certificates; a warning on stderr says so.' }),
  connectTo: list({
    hint: 'H1:P1:H2:P2',
    help: 'Connect to H2:P2 instead of H1:P1. Empty H1 or P1: any; empty H2 or P2: the same. The first that matches counts. Repeatable.',
    check: checkConnectTo,
  }),
  dnsServer: list({
    hint: 'ADDR[:PORT]',
    help: 'Name server to ask, instead of those of the system. Repeatable.',
    check: checkNameServer,
  }),
  denyPrivate: toggle({
    help: 'Never connect to an address that is not public. Default: the list may name one, but no redirect from a public address leads there.',
  }),
  allowPrivate: toggle({ help: 'Let redirects lead to addresses that are not public.' }),
  robots: toggle({ help: 'Obey robots.txt and its Crawl-delay.' }),
  strict: toggle({
    shapes: true,
    help: 'Refuse replies that break HTTP/1.1 though browsers and curl read them (docs/fetching.md).',
  }),
};

export const processOptions = {
  extract: text({
    shapes: true,
    hint: 'LIST',
    help: 'Built-in extractors, separated by commas: title, description, canonical, lang, h1, text, links, og, jsonld, sha256. Their columns carry the prefix.',
  }),
  saveBodies: text({
    shapes: true,
    hint: 'DIR',
    help: 'Save each body as the file DIR/ab/cd/SHA256, named by its hash; the column "file" (with the prefix) holds the path below DIR. DIR is made when it is missing.',
  }),
  saveFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['files', 'warc'],
    fallback: 'files',
    help: 'files: as said. warc: requests and responses as they were, in one new WARC 1.1 file in DIR; the column holds its name, "#" and the byte where the response begins.',
  }),
  select: list({
    shapes: true,
    hint: 'NAME=CSS',
    help: 'Column NAME: the text of the first element that a CSS selector matches. NAME=CSS@ATTR: its attribute. NAME*=CSS: all matches, as a JSON array. Repeatable.',
    check: checkNamed,
  }),
  xpath: list({
    shapes: true,
    hint: 'NAME=EXPR',
    help: "Column NAME: what an XPath 1.0 expression gives for the page's tree. NAME*=EXPR: all nodes, as a JSON array. Repeatable.",
    check: checkNamed,
  }),
  json: list({
    shapes: true,
    hint: 'NAME=EXPR',
    help: 'Column NAME: what a JMESPath expression gives for a JSON body. NAME*=EXPR: always as a JSON array. Repeatable.',
    check: checkNamed,
  }),
  regex: list({
    shapes: true,
    hint: 'NAME=RE',
    help: "Column NAME: the first group of the first match of a JavaScript regular expression (flag u; (?i), (?m), (?s) at the start) in the page's text, or the whole match. NAME*=RE: of all matches, as a JSON array. Repeatable.",
    check: checkNamed,
  }),
  responseHeader: list({
    shapes: true,
    hint: 'NAME=HEADER',
    help: 'Column NAME: a response header, several values joined by ", ". NAME*=HEADER: each of them, as a JSON array. Repeatable.',
    check: checkNamedHeader,
  }),
  body: text({
    shapes: true,
    hint: 'NAME',
    help: 'Column NAME: the decoded text of the body.',
    check: checkColumn,
  }),
  module: text({
    shapes: 'content',
    hint: 'FILE',
    help: 'Your own processor, an ES module (docs/writing-a-processor.md).',
  }),
  moduleOption: list({
    shapes: true,
    hint: 'NAME=VALUE',
    help: 'Handed to the module, when its default export is a function. Repeatable.',
    check: checkModuleOption,
  }),
  threads: countOrAuto({
    help: 'Threads that take values out of pages. 1: only the main thread, or one beside it where --module or --regex may not end. auto: so it begins, and threads are added while they are busy, up to the cores.',
  }),
  processTimeout: duration({
    fallback: '10s',
    help: 'For all that is taken out of one page. What does not end by then is process-timeout.',
  }),
};

export const outputOptions = {
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Written as FILE.part, renamed to FILE when every row is in it. .gz compresses; .tsv, .tab, .jsonl and .ndjson choose the format. Names of other formats (.json, .xlsx) are refused without --output-format, those of other compressions (.zst) in any case. Default: standard output.',
  }),
  outputFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['csv', 'tsv', 'jsonl'],
    help: 'Default: by the name of FILE, else csv.',
  }),
  columns: text({
    shapes: true,
    hint: 'LIST',
    fallback: '',
    help: 'Result columns (docs/columns.md): names, "+name" adds to the default set, "-name" drops from it, "all".',
  }),
  prefix: text({
    shapes: true,
    hint: 'S',
    fallback: 'fetch_',
    help: 'Prefix of the result columns. A column of the input with such a name is replaced.',
  }),
  retryFailed: text({
    shapes: true,
    hint: 'FILE',
    help: 'A second pass over FILE, an earlier result and the only input: rows with a failure code, without a status, or with 408, 425, 429, 500 and above are fetched again, all others are copied. FILE may be the output too. Without --columns the result columns are those of FILE.',
  }),
  ordered: toggle({
    shapes: true,
    help: 'Rows in the order of the input instead of the order of completion. A slow row then holds back at most --look-ahead rows.',
  }),
  resume: toggle({
    help: 'Go on where a killed or stopped run of the same job into FILE has left off; nothing to resume: start. What another job has left there is kept under a dated name.',
  }),
  failOn: percent({
    help: 'Exit with 5 when more than P % of all rows have failed: a failure code, or a status of 400 and above. 0: any.',
  }),
  timeLimit: duration({ help: 'Stop early after that time, with exit code 6; --resume goes on.' }),
  maxFailures: count({
    min: 1,
    help: 'Stop early when so many rows of this run have failed (as for --fail-on), with exit code 6; --resume goes on.',
  }),
  grace: duration({
    fallback: '5s',
    help: 'For requests in flight when the run is stopped early, by a signal or a limit.',
  }),
};

export const watchOptions = {
  progress: choice({
    hint: 'WHEN',
    choices: ['auto', 'always', 'never'],
    fallback: 'auto',
    help: 'A status line on stderr: rows done and in all, rate, failed rows (as for --fail-on), time left. auto: a live line on a terminal, else a plain line every 30 s. always: the live line in any case. never: none.',
  }),
  quiet: toggle({ short: 'q', help: 'Nothing on stderr but errors.' }),
  summary: text({
    hint: 'FILE',
    help: "Write the run's figures to FILE as JSON when it has ended; an earlier FILE stays whole until then.",
  }),
};

/** The groups in the order in which help and docs show them. */
export const groups = [
  { title: 'Input', options: inputOptions },
  { title: 'Request', options: requestOptions },
  { title: 'Processing', options: processOptions },
  { title: 'Output', options: outputOptions },
  { title: 'Watching', options: watchOptions },
] as const;

export const table = {
  ...inputOptions,
  ...requestOptions,
  ...processOptions,
  ...outputOptions,
  ...watchOptions,
};

/** What the options of a (part of the) table mean. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Option<infer Out, infer _In> ? Out : never;
};

/** What may be said of the options of a (part of the) table; all may be left out. */
export type SaidOf<T> = {
  readonly [K in keyof T]?: (T[K] extends Option<infer Out, infer In> ? Out | In : never) | undefined;
};

export type Options = ValuesOf<typeof table>;
export type OptionName = keyof typeof table;

export const optionNames: readonly OptionName[] = groups.flatMap(
  ({ options }) => Object.keys(options) as OptionName[],
);

/** Names of the options that have a part in what is in the rows. */
export const shapingNames: readonly OptionName[] = optionNames.filter((name) => table[name].shapes !== false);

/** `maxBody` → `max-body`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxBody` → `URLMILL_MAX_BODY`. */
export function environmentName(name: string): string {
  return `URLMILL_${flagName(name).replaceAll('-', '_').toUpperCase()}`;
}
