import { listed } from '../options/checks.ts';
import type { Names } from '../options/checks.ts';
import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Result, Value } from '../shared/records.ts';
import { isoTime } from './iso-time.ts';

/** The value of a cell; null is an empty cell. */
export type Cell = string | number | null;

export interface Column {
  readonly help: string;
  /** Whether it is written without `--columns`. */
  readonly standard: boolean;
  readonly value: (result: Result) => Value;
}

const column = (standard: boolean, help: string, value: Column['value']): Column => ({
  standard,
  help,
  value,
});

/** The column for which made-up URLs are requested. */
export const soft404Column = 'soft_404';

/** The table of result columns. Header, cells, their order and docs/columns.md are made from it. */
export const columns: Readonly<Record<string, Column>> = {
  status: column(true, 'HTTP status; empty when there was none.', ({ status }) => status),
  error: column(true, 'Failure code (docs/failures.md); empty when there was none.', ({ error }) => error),
  url: column(true, 'Final URL, after redirects, without credentials.', ({ url }) => url || null),
  type: column(true, 'Media type of the response, such as `text/html`.', ({ type }) => type || null),
  bytes: column(
    true,
    'Decoded size of the body in bytes; empty when it is incomplete.',
    ({ bytes }) => bytes,
  ),
  ms: column(true, 'Milliseconds that the last attempt took.', ({ ms }) =>
    ms === null ? null : Math.round(ms),
  ),
  attempts: column(true, 'Number of attempts.', ({ attempts }) => attempts),
  at: column(true, 'When the last attempt began: UTC, ISO 8601.', ({ at }) => isoTime(at)),
  row: column(false, '1-based number of the input record.', ({ row }) => row.number),
  redirects: column(false, 'Number of redirects followed.', ({ redirects, ms }) =>
    ms === null ? null : redirects.length,
  ),
  redirect_chain: column(false, 'URLs that redirected, in order, separated by spaces.', ({ redirects }) =>
    redirects.length === 0 ? null : redirects.map(({ url }) => url).join(' '),
  ),
  charset: column(
    false,
    'Encoding of the text, as `document.characterSet` is in a browser; guessed where it is not declared, and empty when the body is not text.',
    ({ charset }) => charset || null,
  ),
  charset_from: column(
    false,
    'Where `charset` comes from: `bom` (byte order mark), `http` (Content-Type), `document` (the page itself), `guess` (its bytes) or `default`.',
    ({ charsetFrom }) => charsetFrom || null,
  ),
  remote_ip: column(
    false,
    'IP address of the server, or of the proxy if one was used.',
    ({ trace }) => trace.remoteIp || null,
  ),
  http_version: column(false, 'HTTP version of the response.', ({ trace }) => trace.httpVersion || null),
  etag: column(false, 'The ETag header.', ({ trace }) => trace.etag || null),
  last_modified: column(false, 'The Last-Modified header.', ({ trace }) => trace.lastModified || null),
  server: column(false, 'The Server header.', ({ trace }) => trace.server || null),
  dns_ms: column(
    false,
    'Milliseconds to resolve the name; empty for an IP address and on a reused connection.',
    ({ trace }) => tenths(trace.dnsMs),
  ),
  connect_ms: column(
    false,
    'Milliseconds to open the TCP connection; empty on a reused connection.',
    ({ trace }) => tenths(trace.connectMs),
  ),
  tls_ms: column(false, 'Milliseconds of the TLS handshake; empty when there was none.', ({ trace }) =>
    tenths(trace.tlsMs),
  ),
  first_byte_ms: column(
    false,
    'Milliseconds from the start of the last request to its response headers.',
    ({ trace }) => tenths(trace.firstByteMs),
  ),
  wire_bytes: column(
    false,
    'Size of the body in bytes as received, before decoding.',
    ({ wireBytes }) => wireBytes,
  ),
  sha256: column(
    false,
    'SHA-256 of the decoded body, in hexadecimal; empty when it is incomplete, and for HEAD.',
    ({ sha256 }) => sha256 || null,
  ),
  error_detail: column(false, 'What went wrong, in words.', ({ detail }) => detail || null),
  hops: column(
    false,
    'All requests of the last attempt, each redirect and then the final URL: JSON array of objects with `url`, `status` and `ms`.',
    hopsOf,
  ),
  first_status: column(
    false,
    "Status of the row's own URL, such as 301, while `status` is that of the final URL; empty for rows that --skip-saved does not fetch.",
    firstStatusOf,
  ),
  [soft404Column]: column(
    false,
    'Whether the host gives this page for other URLs too, so that its status tells nothing: `yes` when a made-up URL in the same folder gives the same page, `no` when it does not; empty when this could not be found out (docs/fetching.md). It takes one more request for each host and folder.',
    ({ soft404 }) => (typeof soft404 === 'boolean' ? yesOrNo(soft404) : null),
  ),
  tls_version: column(false, 'Version of TLS, such as `TLSv1.3`.', ofCertificate('tlsVersion')),
  cert_subject: column(false, "Subject of the server's certificate.", ofCertificate('subject')),
  cert_issuer: column(false, 'Issuer of the certificate.', ofCertificate('issuer')),
  cert_not_after: column(
    false,
    'When the certificate expires: UTC, ISO 8601.',
    ({ trace: { certificate } }) =>
      typeof certificate?.notAfter === 'number' ? new Date(certificate.notAfter).toISOString() : null,
  ),
  cert_days: column(
    false,
    'Whole days from the request until the certificate expires; negative when it has expired.',
    ({ trace: { certificate }, at }) =>
      typeof certificate?.notAfter === 'number' ? Math.floor((certificate.notAfter - at) / day) : null,
  ),
  cert_names: column(
    false,
    'Host names and addresses that the certificate is for, separated by spaces.',
    ({ trace: { certificate } }) => certificate?.names.join(' ') || null,
  ),
  cert_fault: column(
    false,
    'Failure code of what is wrong with the certificate, even where --insecure has accepted it; empty when nothing is.',
    ofCertificate('fault'),
  ),
  same_as: column(
    false,
    'With --once: number of the row whose result was reused; empty when the row has its own.',
    ({ sameAs }) => sameAs,
  ),
  change: column(
    false,
    'With --since: `new`, `same`, `changed`, `failed`, `recovered` or `still-failing` (docs/nightly.md); empty when it cannot be told which.',
    ({ change }) => change,
  ),
  page: column(
    false,
    "With --next: number of the page, 1 for that of the row's own URL.",
    ({ page }) => page,
  ),
  next: column(
    false,
    'With --next: URL of a next page that was not fetched, because --max-pages was reached or the row has had that page before.',
    ({ next }) => next || null,
  ),
};

/**
 * The names of the columns in a list: plain names in the order given, `all`, or the standard set with `+name` added and
 * `-name` dropped.
 *
 * @param prefix of the columns, with which a name may also be given: `fetch_status`
 * @throws UsageError for an unknown name
 */
export function chosenColumns(list: Names, prefix: string): string[] {
  const terms = listed(list).filter((term) => term !== '');
  const relative = terms.every((term) => /^[+-]/.test(term));
  let names = relative ? Object.keys(columns).filter((name) => columns[name]?.standard) : [];
  for (const term of terms) {
    const said = term.replace(/^[+-]/, '');
    const bare = said.startsWith(prefix) ? said.slice(prefix.length) : said;
    const name = Object.hasOwn(columns, bare) ? bare : said;
    if (name !== 'all' && !Object.hasOwn(columns, name)) {
      throw new UsageError(
        `--columns: there is no column "${name}"; there are ${Object.keys(columns).join(', ')}${didYouMean(name, Object.keys(columns))}`,
      );
    }
    const named = name === 'all' ? Object.keys(columns) : [name];
    names = names.filter((other) => !named.includes(other));
    if (!term.startsWith('-')) names.push(...named);
  }
  if (names.length === 0) throw new UsageError('--columns: no column is left');
  return names;
}

const day = 86_400_000;

const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no');

function ofCertificate(key: 'tlsVersion' | 'subject' | 'issuer' | 'fault'): Column['value'] {
  return ({ trace: { certificate } }) => certificate?.[key] || null;
}

/** The status of the last reply: 304 for a page that was not sent again, whose `status` is copied from the earlier result. */
function replied({ status, notModified }: Result): number | null {
  return notModified ? 304 : status;
}

/** Null for a row that --skip-saved did not fetch: the redirects that led to its file are not recorded. */
function firstStatusOf(result: Result): number | null {
  const { redirects, row } = result;
  if (row.saved !== undefined) return null;
  return redirects[0] === undefined ? replied(result) : redirects[0].status;
}

/** Null when nothing was tried. */
function hopsOf(result: Result): Value {
  const { redirects, url, ms } = result;
  if (ms === null) return null;
  const before = redirects.reduce((sum, hop) => sum + hop.ms, 0);
  const hops = [...redirects, { url, status: replied(result), ms: ms - before }];
  return hops.map((hop) => ({ url: hop.url, status: hop.status, ms: Math.round(hop.ms) }));
}

/** With one decimal, as lookups and connections often take less than a millisecond. */
function tenths(milliseconds: number | null): Cell {
  return milliseconds === null ? null : Math.round(milliseconds * 10) / 10;
}

/** The column for which bodies are hashed. */
export const digestColumn = 'sha256';

/** Columns for which the text of bodies is examined. */
export const charsetColumns: readonly string[] = ['charset', 'charset_from'];

/** Columns for which the certificates of servers are read. */
export const certificateColumns: readonly string[] = [
  'tls_version',
  'cert_subject',
  'cert_issuer',
  'cert_not_after',
  'cert_days',
  'cert_names',
  'cert_fault',
];

/** Columns that need a trace of the request, which costs a little for every row. */
export const traceColumns: readonly string[] = [
  'remote_ip',
  'http_version',
  'etag',
  'last_modified',
  'server',
  'dns_ms',
  'connect_ms',
  'tls_ms',
  'first_byte_ms',
  ...certificateColumns,
];

/** Columns that measure the run and not the page: they differ even between two runs that find the same page. */
export const runColumns: readonly string[] = [
  'ms',
  'attempts',
  'at',
  'row',
  'remote_ip',
  'dns_ms',
  'connect_ms',
  'tls_ms',
  'first_byte_ms',
  'wire_bytes',
  'error_detail',
  'hops',
  'cert_days',
  'same_as',
  'change',
];

/** Columns whose cells are numbers or empty. */
export const numberColumns: readonly string[] = [
  'status',
  'bytes',
  'ms',
  'attempts',
  'row',
  'redirects',
  'dns_ms',
  'connect_ms',
  'tls_ms',
  'first_byte_ms',
  'wire_bytes',
  'first_status',
  'cert_days',
  'same_as',
  'page',
];
