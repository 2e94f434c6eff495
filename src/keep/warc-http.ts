import { isName } from '../page/headers.ts';
import { saysLength } from '../shared/content-length.ts';
import type { Exchanged } from '../shared/records.ts';

/** Never archived: archives are passed on, and these headers would let others log in as the user. */
const secret = /^(?:authorization|cookie|proxy-authorization)$/i;

/** Headers that are made from the target and the body. */
const made = /^(?:host|content-length)$/i;

/**
 * The request up to its body, as it was sent, without secrets and the Connection header, which concerns only the connection.
 */
export function requestHead({ method, path, host, requestHeaders, requestBody }: Exchanged): Buffer {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (let i = 0; i + 1 < requestHeaders.length; i += 2) {
    const name = requestHeaders[i] ?? '';
    if (!secret.test(name) && !made.test(name)) head += `${name}: ${requestHeaders[i + 1]}\r\n`;
  }
  const length = requestBody?.length ?? 0;
  if (saysLength(method, length)) head += `content-length: ${length}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/**
 * The response up to its body, with the bytes of its headers unchanged. Headers that are no longer true of the archived
 * body are renamed to `X-Crawler-…`, as other crawlers do: with Transfer-Encoding, a reader would look for chunks.
 *
 * @param length of the body in bytes
 */
export function responseHead(exchanged: Exchanged, length: number): Buffer {
  const { status, reason, httpVersion, rawHeaders } = exchanged;
  const isRecoded = rawHeaders.some((name, i) => i % 2 === 0 && isName(name, 'transfer-encoding'));
  const hasBody = mayHaveBody(exchanged);
  let head = `HTTP/${httpVersion || '1.1'} ${status} ${reason}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const isUntrue =
      isName(name, 'transfer-encoding') || (isRecoded && hasBody && isName(name, 'content-length'));
    head += `${isUntrue ? 'X-Crawler-' : ''}${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  if (isRecoded && hasBody) head += `Content-Length: ${length}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/** In a response without a body, Content-Length is that of a GET (RFC 9110, section 8.6) and stays true. */
function mayHaveBody({ method, status }: Exchanged): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}
