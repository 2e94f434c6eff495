import {
  checkConnectTo,
  checkHeader,
  checkMethod,
  checkNameServer,
  checkProxy,
  checkStatuses,
  checkUserAgent,
} from './checks.ts';
import { count, duration, list, rate, size, text, toggle } from './define.ts';

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
