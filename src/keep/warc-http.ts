import type { Exchanged } from '../shared/records.ts';

/** Never written, whoever sent them: an archive is passed on, and they would open what it was made from. */
const secret = /^(?:authorization|cookie|proxy-authorization)$/i;

/** What undici makes itself, from the target and the body. */
const made = /^(?:host|content-length)$/i;

/** Methods that have a length even without a body, as undici sends them. */
const wantsLength = /^(?:PATCH|POST|PROPFIND|PROPPATCH|PUT|QUERY)$/;

/**
 * The request up to its body, as undici writes it, but for the Connection header: that is about the connection, and not
 * known here unless it was given.
 */
export function requestHead({ method, path, host, requestHeaders, requestBody }: Exchanged): Buffer {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (let i = 0; i + 1 < requestHeaders.length; i += 2) {
    const name = requestHeaders[i] ?? '';
    if (!secret.test(name) && !made.test(name)) head += `${name}: ${requestHeaders[i + 1]}\r\n`;
  }
  const length = requestBody?.length ?? 0;
  if (length > 0 || wantsLength.test(method)) head += `content-length: ${length}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

const colon = Buffer.from(': ');
const lineEnd = Buffer.from('\r\n');

/**
 * The response up to its body, headers byte by byte as they came. Only what is no longer true of the body gets another
 * name, `X-Crawler-…` as with other crawlers: readers would look for chunks that are not there.
 *
 * @param length of the body
 */
export function responseHead(exchanged: Exchanged, length: number): Buffer {
  const { status, reason, httpVersion, rawHeaders } = exchanged;
  const isRecoded = rawHeaders.some((name, i) => i % 2 === 0 && isNamed(name, 'transfer-encoding'));
  const hasBody = mayHaveBody(exchanged);
  // The words are UTF-8 because undici reads them as that.
  const parts: Buffer[] = [Buffer.from(`HTTP/${httpVersion || '1.1'} ${status} ${reason}\r\n`)];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i] as Buffer, rawHeaders[i + 1] as Buffer];
    const isUntrue =
      isNamed(name, 'transfer-encoding') || (isRecoded && hasBody && isNamed(name, 'content-length'));
    if (isUntrue) parts.push(renamed);
    parts.push(name, colon, value, lineEnd);
  }
  if (isRecoded && hasBody) parts.push(Buffer.from(`Content-Length: ${length}\r\n`));
  parts.push(lineEnd);
  return Buffer.concat(parts);
}

const renamed = Buffer.from('X-Crawler-');

/** Where there is none, a length speaks of what another request would get (RFC 9110, section 8.6). */
function mayHaveBody({ method, status }: Exchanged): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/** @param name in lower case */
function isNamed(raw: Buffer, name: string): boolean {
  return raw.length === name.length && raw.toString('latin1').toLowerCase() === name;
}
