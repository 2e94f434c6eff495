import { headerText, headerValues } from '../../page/headers.ts';
import type { Exchanged, Trace } from '../../shared/records.ts';
import type { EngineRequest } from '../messages.ts';
import { harmlessHeaders } from '../request/request.ts';
import type { Exchange } from './exchange.ts';

/** What is known of a response besides its request. */
export type Wire = Pick<
  Exchanged,
  'status' | 'reason' | 'httpVersion' | 'rawHeaders' | 'body' | 'at' | 'remoteIp'
>;

export function wireOf(exchange: Exchange): Wire {
  const { connection, status, reason, httpVersion, rawHeaders, chunks, startedAt } = exchange;
  return {
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

/** What went over the wire, for who keeps it. */
export function exchangedOf(
  { url, origin, method, path, headers, body }: EngineRequest,
  { status, reason, httpVersion, rawHeaders, body: received, at, remoteIp }: Wire,
): Exchanged {
  const given = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  return {
    url: url.replace(/#.*$/s, ''),
    method,
    path,
    host: given === -1 ? new URL(origin).host : (headers[given + 1] ?? ''),
    requestHeaders: harmlessHeaders(headers),
    requestBody: body,
    status,
    reason,
    httpVersion,
    rawHeaders,
    body: received,
    at,
    remoteIp,
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
    // As bytes: they are sent back as they came.
    etag: headerValues(rawHeaders, 'etag').join(', '),
    lastModified: headerValues(rawHeaders, 'last-modified').join(', '),
    server: headerText(rawHeaders, 'server') ?? '',
    dnsMs: opened?.dnsMs ?? null,
    connectMs: opened?.connectMs ?? null,
    tlsMs: opened?.tlsMs ?? null,
    firstByteMs: firstByteAt === 0 ? null : firstByteAt - startedAt,
  };
}
