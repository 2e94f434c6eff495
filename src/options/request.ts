import {
  checkConnectTo,
  checkHeader,
  checkMethod,
  checkNameServer,
  checkParameterName,
  checkProxy,
  checkStatuses,
  checkUserAgent,
} from './checks.ts';
import { choice, count, duration, list, rate, size, text, toggle } from './define.ts';

export const requestOptions = {
  concurrency: count({
    short: 'c',
    min: 1,
    fallback: 100,
    help: 'Run up to N requests at once. More are faster on lists with many hosts, and take more memory and open files.',
  }),
  perHost: count({
    min: 1,
    fallback: 6,
    help: 'Run up to N requests to one host at once. Raise it only for servers that you know can take it.',
  }),
  hostRate: rate({
    help: 'Start at most this many requests per host: 20/s, 600/m, 100/h. Default: no limit.',
  }),
  rate: rate({
    help: 'Start at most this many requests in all, as for an API with a quota. Default: no limit.',
  }),
  lookAhead: count({
    min: 1,
    fallback: 10_000,
    help: 'Hold up to N rows in memory, so that other hosts continue while one is at its limit. Rows beyond that wait in a temporary file, which is slower. With --ordered the run waits instead.',
  }),
  timeout: duration({
    fallback: '30s',
    help: 'End an attempt after this time: DNS, connection, TLS, redirects, headers and body together.',
  }),
  connectTimeout: duration({
    fallback: '10s',
    help: 'End an attempt that has no connection after this time: DNS, TCP and TLS together.',
  }),
  retries: count({
    min: 0,
    fallback: 3,
    help: 'Try a row up to N more times after a temporary failure (docs/failures.md). The pause before each attempt is random, and its upper limit doubles.',
  }),
  retryStatus: text({
    hint: 'LIST',
    help: 'Retry these statuses instead of those in docs/failures.md: numbers, ranges and classes (429,500-504,5xx), or "none".',
    check: checkStatuses,
  }),
  maxWait: duration({
    fallback: '2m',
    help: 'Wait at most this long when a server asks for a pause (Retry-After) or before another attempt. If it asks for more, the row keeps its status and the other rows of the host become host-down. A host that answered before and no longer does is waited for as long.',
  }),
  networkWait: duration({
    fallback: '10m',
    help: 'When no host can be reached any more, wait this long for the network. Then the run stops with exit code 6 and can be continued with --resume.',
  }),
  maxRedirects: count({
    shapes: true,
    min: 0,
    fallback: 20,
    help: 'Follow up to N redirects in a chain. With 0 the redirect itself is the result.',
  }),
  followMeta: toggle({
    shapes: true,
    help: 'Follow pages that lead on by themselves within 5 seconds (meta refresh, Refresh header), as if they were redirects.',
  }),
  maxBody: size({
    shapes: true,
    fallback: '10MB',
    help: 'Stop reading a body above this decoded size. The row becomes body-too-large and keeps its status.',
  }),
  maxText: size({
    shapes: true,
    fallback: '10MB',
    help: 'Keep bodies up to this size in memory for what reads them: --extract, --select, --module and the like, charset. Of larger ones only hash and size are taken, and --save-bodies writes them as they come; a larger text is process-failed for what would have read it. Memory grows with this size times --concurrency, and with --max-body for compressed bodies that are saved as WARC.',
  }),
  once: toggle({
    help: 'Make each request only once in a run, for lists with duplicates. Later rows with the same method, URL, headers and body get the same result with 0 attempts (column same_as). A module sees only the first of them.',
  }),
  onceMemory: size({
    fallback: '64MB',
    help: 'With --once: keep up to this size of results in memory. When it is full, the results that were unused for longest are dropped, and their requests may be made again.',
  }),
  head: toggle({
    shapes: true,
    help: 'Send HEAD requests, to check links without fetching bodies. If a server refuses them (403, 404, 405, 501) or does not answer, GET follows. Without bodies, no values can be taken from pages.',
  }),
  method: text({
    shapes: true,
    short: 'X',
    hint: 'M',
    help: 'Send requests with this method. Default: GET, or POST with --data or --data-file.',
    check: checkMethod,
  }),
  header: list({
    short: 'H',
    hint: "'K: V'",
    help: 'Send this header. {column} in the value is replaced by the cell; write {{column}} for a literal one. @FILE reads headers from a file, one per line, which keeps secrets off the command line; those below a line [HOST] or [*.DOMAIN] are sent to that host only. Repeatable.',
    check: checkHeader,
  }),
  cookies: text({
    hint: 'FILE',
    help: 'Send the cookies of this file to the hosts they belong to. It has the Netscape format, as written by curl and browser extensions, and is not changed.',
  }),
  netrc: text({
    hint: 'FILE',
    help: 'Send the logins of this file to their hosts. It has the format of curl and ftp. A login in the URL or an Authorization header overrides it.',
  }),
  secretParam: list({
    shapes: true,
    hint: 'NAME',
    help: 'Send this query parameter, such as the key of an API, but write it nowhere: not in URLs, values, error details or WARC headers. Bodies, and the cells of the input, stay as they are. Repeatable.',
    check: checkParameterName,
  }),
  userAgent: text({
    short: 'A',
    hint: 'S',
    help: 'Send this User-Agent header. Default: urlmill/VERSION (+repository).',
    check: checkUserAgent,
  }),
  data: text({
    shapes: true,
    hint: 'T',
    help: 'Send this request body. {column} is replaced by the cell; write {{column}} for a literal one.',
  }),
  dataFile: text({
    shapes: 'content',
    hint: 'FILE',
    help: 'Send the content of this file as request body, unchanged.',
  }),
  proxy: text({
    hint: 'URL',
    help: 'Send requests through this proxy: http, https, socks5, or socks5h, which resolves names itself. Hosts in NO_PROXY are reached directly. "none" ignores the environment. Default: HTTP_PROXY, HTTPS_PROXY and ALL_PROXY of the environment.',
    check: checkProxy,
  }),
  ca: choice({
    hint: 'default|system',
    choices: ['default', 'system'],
    help: "Trust only the root certificates that Node brings along (default), or only the system's (system). Default: both.",
  }),
  cacert: text({ hint: 'FILE', help: 'Trust the certificates in this PEM file as well.' }),
  aia: toggle({
    on: true,
    help: 'Do not fetch the intermediate certificates that a server fails to send. Default: they are fetched from where its certificate says (Authority Information Access).',
  }),
  cert: text({ hint: 'FILE', help: 'Present this client certificate with its chain (PEM).' }),
  key: text({
    hint: 'FILE',
    help: 'Use this key for the client certificate (PEM). Default: the key in --cert FILE.',
  }),
  insecure: toggle({
    help: 'Accept any TLS certificate. Then nothing protects the requests from being read or changed on the way; a warning on stderr says so.',
  }),
  connectTo: list({
    hint: 'H1:P1:H2:P2',
    help: 'Connect to H2:P2 instead of H1:P1, as to test a new server under its future name. An empty H1 or P1 matches any; an empty H2 or P2 keeps the original. The first match counts. Repeatable.',
    check: checkConnectTo,
  }),
  dnsServer: list({
    hint: 'ADDR[:PORT]',
    help: 'Ask this name server instead of those of the system. Repeatable; several are used in turn.',
    check: checkNameServer,
  }),
  denyPrivate: toggle({
    help: 'Never connect to private or local addresses, for lists from others. Default: a URL of the list may lead to one, but a redirect from a public address may not.',
  }),
  allowPrivate: toggle({ help: 'Let redirects from public addresses lead to private or local ones.' }),
  robots: toggle({ help: 'Obey robots.txt and its Crawl-delay. It costs one more request per host.' }),
  strict: toggle({
    shapes: true,
    help: 'Refuse responses that break HTTP/1.1, even those that browsers and curl accept (docs/fetching.md).',
  }),
};
