/**
 * The failure codes of a row (`fetch_error`). Types, documentation and the retry policy are made from this table. An
 * HTTP status is never a failure code.
 */
export interface Failure {
  readonly group: string;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
  readonly help: string;
  /** Whether the server has certainly received no byte of the request. */
  readonly unsent: boolean;
  /** Whether the host or the network is the cause, and not this request. */
  readonly unreachable: boolean;
  /** Whether it was decided without contacting the host. */
  readonly local: boolean;
}

const failure = (group: string, retry: boolean, help: string, of: Partial<Failure> = {}): Failure => ({
  group,
  retry,
  help,
  unsent: false,
  unreachable: false,
  local: false,
  ...of,
});

const unsent = { unsent: true, unreachable: true };
const unreachable = { unreachable: true };
const local = { local: true };

export const failures = {
  'no-url': failure('URL', false, 'The URL cell is empty.'),
  'invalid-url': failure(
    'URL',
    false,
    'The cell is neither a URL (WHATWG URL Standard) nor a host that can get the default scheme, or it holds several URLs, or it is longer than 64 KiB. `fetch_error_detail` says which.',
  ),
  'unsupported-scheme': failure('URL', false, 'The URL is neither http nor https.'),
  'bad-row': failure(
    'row',
    false,
    'The row does not have as many cells as the header, it repeats the header line, its line is damaged (see below), or one of its cells is not allowed in the request header that it is meant for.',
  ),
  'dns-not-found': failure('DNS', false, 'The host name does not exist.', local),
  'dns-failure': failure(
    'DNS',
    true,
    'The name server answered with an error, or no name server could be reached.',
    unsent,
  ),
  'dns-timeout': failure('DNS', true, 'No name server answered in time.', unsent),
  'connect-refused': failure('connect', true, 'The host refused the connection.', unsent),
  'connect-timeout': failure(
    'connect',
    true,
    'There was no connection within `--connect-timeout` (DNS, TCP and TLS), or within `--timeout`.',
    unsent,
  ),
  'connect-unreachable': failure('connect', true, 'There is no route to the host.', unsent),
  'connect-reset': failure(
    'connect',
    true,
    'The connection was reset before the first byte of a response.',
    unreachable,
  ),
  'address-denied': failure(
    'connect',
    false,
    'The address is not public, and `--deny-private` was given or a redirect from a public address led to it.',
    local,
  ),
  'tls-expired': failure('TLS', false, 'The certificate has expired or is not yet valid.'),
  'tls-self-signed': failure('TLS', false, 'The certificate, or another one in its chain, is self-signed.'),
  'tls-unknown-issuer': failure('TLS', false, 'The issuer of the certificate is not known.'),
  'tls-wrong-host': failure('TLS', false, 'The certificate is for another host.'),
  'tls-handshake': failure('TLS', false, 'The TLS handshake failed in another way.'),
  'http-malformed': failure(
    'HTTP',
    false,
    'The reply is not HTTP/1.1, and browsers could not read it either.',
  ),
  'http-closed': failure('HTTP', true, 'The connection was closed without a response.'),
  'http-truncated': failure(
    'HTTP',
    true,
    'The body ended early: before its declared length, its last chunk or the end of its compressed data.',
  ),
  'headers-too-large': failure('HTTP', false, 'The response headers are larger than 256 KiB.'),
  'headers-timeout': failure(
    'HTTP',
    true,
    'There was a connection, but no complete response headers within `--timeout`.',
    unreachable,
  ),
  timeout: failure('HTTP', true, 'The `--timeout` ran out in a chain of redirects.'),
  'body-too-large': failure(
    'body',
    false,
    'The decoded body is larger than `--max-body`. The row keeps its status.',
  ),
  'body-undecodable': failure(
    'body',
    false,
    'The body is not encoded as its Content-Encoding says, or urlmill cannot decode that encoding.',
  ),
  'body-timeout': failure('body', true, 'The body did not end within `--timeout`.'),
  'redirect-loop': failure(
    'redirect',
    false,
    'A redirect led back to a URL of the same chain, with the same cookies.',
  ),
  'redirect-limit': failure('redirect', false, 'There were more redirects than `--max-redirects`.'),
  'redirect-invalid': failure('redirect', false, 'The target of a redirect is not a URL.'),
  'redirect-denied': failure('redirect', false, 'The target of a redirect is neither http nor https.'),
  'host-down': failure(
    'host',
    false,
    'Not tried, because the last 5 attempts to reach the host by this scheme and port failed, or the host asked for a pause longer than `--max-wait`. If the host has answered in this run, its rows first wait for it, up to `--max-wait`.',
  ),
  'robots-denied': failure('host', false, 'Not tried, because robots.txt disallows it (`--robots`).'),
  'process-failed': failure(
    'processing',
    false,
    'An extractor or the module threw an error for this page, its thread ended, or the body is larger than `--max-text`; also a file name that `--save-clash fail` or the file system refuses.',
  ),
  'process-timeout': failure(
    'processing',
    false,
    'Processing the page took longer than `--process-timeout`.',
  ),
  cancelled: failure('run', false, 'The run was stopped while this request was in flight.', local),
} as const satisfies Record<string, Failure>;

/**
 * Why a row failed: `error` of a `Result`, and `code` of an error of `page.fetch()`. An HTTP status such as 404
 * is none. docs/failures.md says what each code means, and which are retried.
 */
export type FailureCode = keyof typeof failures;

/** Whether the server has certainly received no byte of the request. */
export function isUnsent(error: FailureCode | null): boolean {
  return error !== null && failures[error].unsent;
}

/** Whether the host or the network is the cause, and not this request. */
export function isUnreachable(error: FailureCode | null): boolean {
  return error !== null && failures[error].unreachable;
}

/** Whether a loss of the network can cause it. */
export function isNetworkFailure(error: FailureCode | null): boolean {
  return isUnsent(error) || error === 'connect-reset';
}

/** Whether the host has answered, even if with an error. */
export function isAnswer(error: FailureCode | null): boolean {
  return error === null || !(failures[error].unreachable || failures[error].local);
}
