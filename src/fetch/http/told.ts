import { headerText } from '../../page/headers.ts';
import type { Exchanged, Trace } from '../../shared/records.ts';
import { harmlessHeaders } from '../request/request.ts';
import type { Exchange } from './exchange.ts';

/** What went over the wire, for who keeps it. */
export function exchangedBy(exchange: Exchange): Exchanged {
  const { request, connection, status, reason, httpVersion, rawHeaders, chunks, startedAt } = exchange;
  const { url, origin, method, path, headers, body } = request;
  const given = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  return {
    url: url.replace(/#.*$/s, ''),
    method,
    path,
    host: given === -1 ? new URL(origin).host : (headers[given + 1] ?? ''),
    requestHeaders: harmlessHeaders(headers),
    requestBody: body,
    status: status ?? 0,
    reason,
    httpVersion,
    rawHeaders,
    body: chunks,
    at: Math.round(performance.timeOrigin + startedAt),
    // Behind a proxy it is that one's.
    remoteIp: connection.proxy === null ? (connection.connected?.address ?? '') : '',
  };
}

/** How a response came about, for the columns that show it. */
export function traceOf({
  connection,
  isFirst,
  rawHeaders,
  httpVersion,
  firstByteAt,
  startedAt,
}: Exchange): Trace {
  const { connected } = connection;
  // Another exchange has waited for a connection that is used again.
  const opened = isFirst ? connected : null;
  return {
    remoteIp: connected?.address ?? '',
    httpVersion,
    etag: headerText(rawHeaders, 'etag') ?? '',
    lastModified: headerText(rawHeaders, 'last-modified') ?? '',
    server: headerText(rawHeaders, 'server') ?? '',
    dnsMs: opened?.dnsMs ?? null,
    connectMs: opened?.connectMs ?? null,
    tlsMs: opened?.tlsMs ?? null,
    firstByteMs: firstByteAt === 0 ? null : firstByteAt - startedAt,
  };
}
