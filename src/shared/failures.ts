/**
 * The failure codes of a row (`fetch_error`): the one table that types, documentation and the retry policy
 * are made from. An HTTP status is never a failure code.
 */
export interface Failure {
  readonly group: string;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
  readonly help: string;
  /** Whether it is certain that the server has seen nothing of the request. */
  readonly unsent: boolean;
  /** Whether it says nothing of the one request, but that the host, or the way to it, does not work. */
  readonly unreachable: boolean;
  /** Whether it is known without asking the host. */
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
    'The text is not a URL (WHATWG URL Standard), nor a host that gets the default scheme; or there are several URLs in it, or it is longer than 64 KiB. `fetch_error_detail` says which.',
  ),
  'unsupported-scheme': failure('URL', false, 'The URL is neither http nor https.'),
  'bad-row': failure(
    'row',
    false,
    'The row has not as many cells as the header, its line is damaged (see below), or a cell cannot stand in the header field it is meant for.',
  ),
  'dns-not-found': failure('DNS', false, 'The host name does not exist.', local),
  'dns-failure': failure(
    'DNS',
    true,
    'The name server answered with an error, or none could be asked.',
    unsent,
  ),
  'dns-timeout': failure('DNS', true, 'No name server answered in time.', unsent),
  'connect-refused': failure('connect', true, 'The host refused the connection.', unsent),
  'connect-timeout': failure(
    'connect',
    true,
    'No connection within `--connect-timeout` (DNS, TCP and TLS), or within `--timeout`.',
    unsent,
  ),
  'connect-unreachable': failure('connect', true, 'There is no route to the host.', unsent),
  'connect-reset': failure(
    'connect',
    true,
    'The connection was reset before any byte of a reply.',
    unreachable,
  ),
  'address-denied': failure(
    'connect',
    false,
    'The address is not public: not allowed by `--deny-private`, or reached by a redirect from a public one.',
    local,
  ),
  'tls-expired': failure('TLS', false, 'The certificate has expired or is not yet valid.'),
  'tls-self-signed': failure('TLS', false, 'The certificate, or one of its chain, is signed by itself.'),
  'tls-unknown-issuer': failure('TLS', false, 'The issuer of the certificate is not known.'),
  'tls-wrong-host': failure('TLS', false, 'The certificate is for another host.'),
  'tls-handshake': failure('TLS', false, 'The TLS handshake failed in another way.'),
  'http-malformed': failure('HTTP', false, 'The reply is not HTTP/1.1.'),
  'http-closed': failure('HTTP', true, 'The connection was closed without a reply.'),
  'http-truncated': failure('HTTP', true, 'The body ended before its announced or encoded end.'),
  'headers-too-large': failure('HTTP', false, 'The response headers are larger than 64 KiB.'),
  'headers-timeout': failure(
    'HTTP',
    true,
    'Connected, but no complete response headers within `--timeout`.',
    unreachable,
  ),
  timeout: failure('HTTP', true, '`--timeout` was used up along a chain of redirects.'),
  'body-too-large': failure('body', false, 'The decoded body is larger than `--max-body`; status is kept.'),
  'body-undecodable': failure(
    'body',
    false,
    'The body is not what its Content-Encoding says, or that is unknown.',
  ),
  'body-timeout': failure('body', true, 'The body did not end within `--timeout`.'),
  'redirect-loop': failure('redirect', false, 'A redirect led back to a URL of the same chain.'),
  'redirect-limit': failure('redirect', false, 'More redirects than `--max-redirects`.'),
  'redirect-invalid': failure('redirect', false, 'The target of a redirect is not a URL.'),
  'redirect-denied': failure('redirect', false, 'The target of a redirect is neither http nor https.'),
  'host-down': failure(
    'host',
    false,
    'Not tried: the last 5 attempts to reach the host failed, or it asked to be left alone for longer than `--max-wait`. A host that has answered in this run is waited for up to `--max-wait` first.',
  ),
  'robots-denied': failure('host', false, 'Not tried: robots.txt does not allow it (`--robots`).'),
  'process-failed': failure(
    'processing',
    false,
    'An extractor or the module failed on this body, or ended the thread that it ran in.',
  ),
  'process-timeout': failure(
    'processing',
    false,
    'What is taken out of the page was not there within `--process-timeout`.',
  ),
  cancelled: failure('run', false, 'The run was stopped while this request was in flight.', local),
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof failures;

/** Whether it is certain that the server has seen nothing of the request. */
export function isUnsent(error: FailureCode | null): boolean {
  return error !== null && failures[error].unsent;
}

/** Whether the host, or the way to it, does not work. */
export function isUnreachable(error: FailureCode | null): boolean {
  return error !== null && failures[error].unreachable;
}

/** Whether the loss of the network brings it about. */
export function isNetworkFailure(error: FailureCode | null): boolean {
  return isUnsent(error) || error === 'connect-reset';
}

/** Whether the host itself has said something, even if that is wrong. */
export function isAnswer(error: FailureCode | null): boolean {
  return error === null || !(failures[error].unreachable || failures[error].local);
}
