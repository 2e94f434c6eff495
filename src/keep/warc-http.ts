import type { Exchanged } from '../shared/records.ts';

/** Never archived: archives are passed on, and these headers would let others log in as the user. */
const secret = /^(?:authorization|cookie|proxy-authorization)$/i;

/** Headers that undici makes itself from the target and the body. */
const made = /^(?:host|content-length)$/i;

/** Methods for which undici sends a Content-Length even without a body. */
const wantsLength = /^(?:PATCH|POST|PROPFIND|PROPPATCH|PUT|QUERY)$/;

/**
 * The request up to its body, as undici writes it. The Connection header is missing unless the user gave one: it concerns
 * the connection, and undici's is not known here.
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
 * The response up to its body, with the bytes of its headers unchanged. Headers that are no longer true of the archived
 * body are renamed to `X-Crawler-…`, as other crawlers do; a reader would look for chunks that are not there.
 *
 * @param length of the body in bytes
 */
export function responseHead(exchanged: Exchanged, length: number): Buffer {
  const { status, reason, httpVersion, rawHeaders } = exchanged;
  const isRecoded = rawHeaders.some((name, i) => i % 2 === 0 && isNamed(name, 'transfer-encoding'));
  const hasBody = mayHaveBody(exchanged);
  // undici decodes the reason phrase as UTF-8, so it is encoded as UTF-8 again.
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

/** In a response without a body, Content-Length is that of a GET (RFC 9110, section 8.6) and stays true. */
function mayHaveBody({ method, status }: Exchanged): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/** @param name in lower case */
function isNamed(raw: Buffer, name: string): boolean {
  return raw.length === name.length && raw.toString('latin1').toLowerCase() === name;
}
