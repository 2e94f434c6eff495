import { headerText, headerValues } from '../../page/headers.ts';
import type { LargeBody } from '../../page/large-body.ts';
import { ResponsePage } from '../../page/page.ts';
import type { Certificate } from '../../shared/certificate.ts';
import type { Exchanged, Trace } from '../../shared/records.ts';
import type { Peer } from '../connect/peer-certificate.ts';
import { shownType } from '../../shared/media-type.ts';
import { asksPatience } from '../../shared/statuses.ts';
import { blankReply } from '../messages.ts';
import type { EngineReply, EngineRequest } from '../messages.ts';
import { harmlessHeaders } from '../request/request.ts';
import { certificateFault } from './classify.ts';
import { withoutSecrets } from '../request/secret-params.ts';
import type { Exchange } from './exchange.ts';
import { givenHost } from './request-head.ts';

/** The parts of `Exchanged` that come from the response, not from its request. */
export type Wire = Pick<
  Exchanged,
  'status' | 'reason' | 'httpVersion' | 'rawHeaders' | 'body' | 'at' | 'remoteIp' | 'truncated'
>;

/**
 * The response of an exchange, as processors see it.
 *
 * @param body decoded
 * @param exchanged what went over the wire; null when nobody keeps that
 */
export function pageOf(
  { request: { row, url }, status, rawHeaders, contentType }: Exchange,
  body: Buffer,
  exchanged: Exchanged | null,
  large: LargeBody | null = null,
): ResponsePage {
  return new ResponsePage(row, url, status ?? 0, rawHeaders, contentType, body, exchanged, large);
}

/** Bytes kept of the body of a page that redirects by itself. Of any other redirect fewer are read. */
const largestHop = 64 * 1024;

/**
 * A redirect as it was on the wire. It may be kept for long, so its body is a copy: the chunks of an exchange
 * may be parts of larger pieces of memory, which would be kept with them.
 */
export function hopOf(exchange: Exchange): ResponsePage {
  const received = Buffer.concat(exchange.chunks);
  const body = Buffer.from(received.subarray(0, largestHop));
  const truncated = received.length > largestHop ? 'length' : exchange.truncated;
  const wire = { ...wireOf(exchange), body: [body], truncated };
  return pageOf(exchange, body, exchangedOf(exchange.request, wire));
}

export function wireOf(exchange: Exchange): Wire {
  const { connection, status, reason, httpVersion, rawHeaders, chunks, startedAt, truncated } = exchange;
  const { connected } = connection;
  return {
    status: status ?? 0,
    reason,
    httpVersion,
    rawHeaders,
    body: chunks,
    at: Math.round(performance.timeOrigin + startedAt),
    remoteIp: connected === null || connected.isProxied ? '' : connected.address,
    truncated,
  };
}

/** A request and its response as they went over the wire, without secrets. */
export function exchangedOf(
  { url, secrets, origin, method, path, headers, body }: EngineRequest,
  { rawHeaders, ...wire }: Wire,
): Exchanged {
  const shown = (text: string): string => (secrets === null ? text : withoutSecrets(text, secrets));
  return {
    url: url.replace(/#.*$/s, ''),
    method,
    path: shown(path),
    host: givenHost(headers) ?? new URL(origin).host,
    requestHeaders: harmlessHeaders(headers),
    requestBody: body,
    ...wire,
    rawHeaders: secrets === null ? rawHeaders : rawHeaders.map(shown),
  };
}

/** Address, times, certificate and the like of a response, for the columns that show them. */
export function traceOf({
  connection,
  isFirst,
  rawHeaders,
  httpVersion,
  firstByteAt,
  startedAt,
  peer,
}: Exchange): Trace {
  const { connected } = connection;
  // On a connection that is used again, these times belong to its first exchange.
  const opened = isFirst ? connected : null;
  return {
    remoteIp: connected?.address ?? '',
    httpVersion,
    // Raw bytes, not decoded text: a later conditional request sends them back unchanged.
    etag: headerValues(rawHeaders, 'etag').join(', '),
    lastModified: headerValues(rawHeaders, 'last-modified').join(', '),
    server: headerText(rawHeaders, 'server') ?? '',
    dnsMs: opened?.dnsMs ?? null,
    connectMs: opened?.connectMs ?? null,
    tlsMs: opened?.tlsMs ?? null,
    firstByteMs: firstByteAt === 0 ? null : firstByteAt - startedAt,
    certificate: certificateOf(connected?.peer ?? peer),
  };
}

function certificateOf(peer: Peer | null): Certificate | null {
  if (peer === null) return null;
  const { verdict, ...shown } = peer;
  return { ...shown, fault: certificateFault(verdict) };
}

export function isNotModified({ request, status }: Exchange): boolean {
  return request.conditional && status === 304;
}

/** @param bytes of the decoded body; null when it is incomplete @param body decoded, if the request asks for it */
export function replyOf(
  exchange: Exchange,
  bytes: number | null,
  body: Buffer | null,
  traces: boolean,
): EngineReply {
  const { request, status, error, detail, contentType, location, wireBytes, rawHeaders, connection, read } =
    exchange;
  const isPatient = asksPatience(status);
  return {
    id: request.id,
    status,
    error,
    detail,
    location: error === null ? location : null,
    type: shownType(contentType),
    charset: read.charset,
    charsetFrom: read.charsetFrom,
    bytes,
    wireBytes: status === null ? null : wireBytes,
    sha256: read.sha256,
    likeness: read.likeness,
    notModified: error === null && isNotModified(exchange),
    ms: (exchange.endedAt || performance.now()) - exchange.startedAt,
    body,
    setCookies: exchange.setCookies,
    retryAfter: isPatient ? headerText(rawHeaders, 'retry-after') : null,
    rateLimitReset: isPatient ? headerText(rawHeaders, 'ratelimit-reset') : null,
    isPublic: connection.isPublic,
    starved: exchange.starved,
    lost: false,
    trace: traces ? traceOf(exchange) : blankReply.trace,
    values: blankReply.values,
    rows: null,
    next: null,
  };
}
