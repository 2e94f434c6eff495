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
    help: 'Run up to N requests at once. More is faster on lists with many hosts, but takes more memory and open files.',
  }),
  perHost: count({
    min: 1,
    fallback: 6,
    help: 'Run up to N requests to one host at once. Raise it only for servers that you know can take it.',
  }),
  hostRate: rate({
    help: 'Start requests to each host at this rate at most: 20/s, 600/m, 100/h. Default: no limit.',
  }),
  rate: rate({
    help: 'Start requests to all hosts together at this rate at most, for example for an API with a quota. Default: no limit.',
  }),
  lookAhead: count({
    min: 1,
    fallback: 10_000,
    help: 'Hold up to N rows in memory (about 1 kB each), so that other hosts continue while one is at its limit. Further rows wait in a temporary file, which is slower. With --ordered there is no such file: reading stops until rows are done.',
  }),
  timeout: duration({
    fallback: '30s',
    help: 'End an attempt that takes longer than this: DNS, connection, TLS, redirects, headers and body together.',
  }),
  connectTimeout: duration({
    fallback: '10s',
    help: 'End an attempt that has no connection after this time: DNS, TCP and TLS together.',
  }),
  retries: count({
    min: 0,
    fallback: 3,
    help: 'Try a row up to N more times after a temporary failure (docs/failures.md). The pause before each retry is random: up to 1 s before the first one, twice as long before each further one, and never above --max-wait.',
  }),
  retryStatus: text({
    hint: 'LIST',
    help: 'Retry rows with these HTTP statuses instead of the usual temporary ones (docs/fetching.md): numbers, ranges and classes (429,500-504,5xx), or "none".',
    check: checkStatuses,
  }),
  maxWait: duration({
    fallback: '2m',
    help: "Wait at most this long before another attempt, or when a server asks for a pause (Retry-After). If the server asks for more, the row keeps its status, and the host's other rows become host-down. A host that has answered in this run and then stops answering is also given this long to come back.",
  }),
  networkWait: duration({
    fallback: '10m',
    help: 'When no host can be reached any more, wait this long for the network to come back. After that the run stops with exit code 6, and can be continued with --resume.',
  }),
  maxRedirects: count({
    shapes: true,
    min: 0,
    fallback: 20,
    help: 'Follow up to N redirects in a chain. With 0 the redirect itself is the result.',
  }),
  followMeta: toggle({
    shapes: true,
    help: 'Also follow pages that send the browser on by themselves within 5 seconds (meta refresh, Refresh header), as if they were redirects.',
  }),
  maxBody: size({
    shapes: true,
    fallback: '10MB',
    help: 'Stop reading a body when its decoded size exceeds this. The row becomes body-too-large and keeps its status.',
  }),
  maxText: size({
    shapes: true,
    fallback: '10MB',
    help: 'Process bodies up to this size, which are held in memory for that: by --extract, --select, --module and the like, and for the column charset. Of a larger body only hash and size are taken, and --save-bodies writes it to disk as it arrives; if --extract and the like would have read it, the row is process-failed. Memory grows with this size times --concurrency, and with --max-body for compressed bodies that are saved as WARC.',
  }),
  once: toggle({
    help: "Make the same request only once in a run, for lists with duplicates. Later rows with the same method, URL, headers and body share the first row's result, with 0 attempts (the column same_as names that row). A module sees only the first of them.",
  }),
  onceMemory: size({
    fallback: '64MB',
    help: 'With --once, keep up to this size of results in memory. When it is full, the results that were unused for longest are dropped, and their requests may be made again.',
  }),
  head: toggle({
    shapes: true,
    help: 'Send HEAD requests, to check links without fetching bodies. If a server refuses them (403, 404, 405, 501) or does not answer, a GET request follows. Without bodies, no values can be taken from pages.',
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
    help: 'Send this header. {column} in the value is replaced by the cell of the row; write {{column}} for a literal {column}. @FILE reads headers from a file, one per line, which keeps secrets off the command line; in it, headers below a line [HOST] are sent to that host only, below [*.DOMAIN] to its subdomains only. Repeatable.',
    check: checkHeader,
  }),
  cookies: text({
    hint: 'FILE',
    help: 'Send the cookies of this file to the hosts that they belong to. The file is in the Netscape format, as written by curl and browser extensions, and is never changed.',
  }),
  netrc: text({
    hint: 'FILE',
    help: 'Send the logins of this file to the hosts that they belong to. The file is in the .netrc format of curl and ftp. A login in the URL or an Authorization header overrides it.',
  }),
  secretParam: list({
    shapes: true,
    hint: 'NAME',
    help: 'Send this query parameter, such as the key of an API, but write it nowhere: not in URLs, values, error details or WARC headers. Bodies, and the cells of the input, are written unchanged. Repeatable.',
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
    help: 'Send this text as the request body. {column} is replaced by the cell of the row; write {{column}} for a literal {column}.',
  }),
  dataFile: text({
    shapes: 'content',
    hint: 'FILE',
    help: 'Send the content of this file, unchanged, as the request body.',
  }),
  proxy: text({
    hint: 'URL',
    help: 'Send requests through this proxy: http, https, socks5, or socks5h, where the proxy resolves the names. Hosts in NO_PROXY are reached directly. "none" uses no proxy, whatever the environment says. Default: HTTP_PROXY, HTTPS_PROXY and ALL_PROXY of the environment.',
    check: checkProxy,
  }),
  ca: choice({
    hint: 'default|system',
    choices: ['default', 'system'],
    help: 'Trust only one set of root certificates: "default" is the one that Node brings along, "system" that of the operating system. Default: both.',
  }),
  cacert: text({
    hint: 'FILE',
    help: 'Also trust the certificates in this PEM file, for example that of an internal certificate authority.',
  }),
  aia: toggle({
    on: true,
    help: 'Do not fetch the intermediate certificates that a server fails to send; its rows become tls-unknown-issuer. Default: they are fetched from the address that its certificate names (Authority Information Access).',
  }),
  cert: text({ hint: 'FILE', help: 'Present this client certificate with its chain (PEM).' }),
  key: text({
    hint: 'FILE',
    help: 'Use this private key for the client certificate (PEM). Default: the key in --cert FILE.',
  }),
  insecure: toggle({
    help: 'Accept any TLS certificate. Requests and responses can then be read or changed on the way; a warning on stderr says so.',
  }),
  connectTo: list({
    hint: 'H1:P1:H2:P2',
    help: 'Connect to H2:P2 instead of H1:P1, for example to test a new server under its future name. An empty H1 or P1 matches any; an empty H2 or P2 keeps the original. The first matching rule counts. Repeatable.',
    check: checkConnectTo,
  }),
  dnsServer: list({
    hint: 'ADDR[:PORT]',
    help: "Ask this name server instead of the system's. Repeatable; several are used in turn.",
    check: checkNameServer,
  }),
  denyPrivate: toggle({
    help: 'Never connect to private or local addresses, for lists that others have made. Default: a URL of the list may lead to one, but a redirect from a public address may not.',
  }),
  allowPrivate: toggle({ help: 'Let redirects from public addresses lead to private or local ones.' }),
  robots: toggle({
    help: 'Obey robots.txt and its Crawl-delay. This costs one more request for each scheme, host and port.',
  }),
  strict: toggle({
    shapes: true,
    help: 'Refuse responses that break HTTP/1.1, even those that browsers and curl accept (docs/fetching.md).',
  }),
};
