import { checkHeader, checkMethod } from '../../options/checks.ts';
import type { FetchItem } from '../../shared/records.ts';
import { bytesOf, harmless } from './request.ts';
import type { RequestFault, RowRequest } from './request.ts';

/** Methods that `fetch()` knows in any case of letters (Fetch Standard, "normalize"). */
const normalized = /^(?:delete|get|head|options|post|put)$/i;

/**
 * The request of an object that `fetchUrls()` takes: what it says itself comes before the options.
 *
 * @param base what the options say
 */
export function itemRequest(
  { method, headers = {}, body }: FetchItem,
  base: RowRequest,
): RowRequest | RequestFault {
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  if (method === undefined && body === undefined && pairs.length === 0) return base;
  const content = body === undefined ? null : bodyOf(body);
  // As fetch() does (Fetch Standard, "extract a body").
  if (typeof body === 'string' && !pairs.some(([name]) => /^content-type$/i.test(name)))
    pairs.push(['content-type', 'text/plain;charset=UTF-8']);
  try {
    if (method !== undefined) checkMethod(method);
    for (const [name, value] of pairs) checkHeader(`${name}: ${value}`);
  } catch (error) {
    if (error instanceof RangeError) return { detail: error.message };
    throw error;
  }
  const isOurs = (wanted: boolean): string[] =>
    pairs
      .filter(([name]) => harmless.test(name) === wanted)
      .flatMap(([name, value]) => [name, bytesOf(value)]);
  const names = new Set(pairs.map(([name]) => name.toLowerCase()));
  const said = method ?? (content === null ? null : 'POST');
  return {
    headers: [...without(base.headers, names), ...isOurs(true)],
    ownHeaders: [...without(base.ownHeaders, names), ...isOurs(false)],
    hostHeaders: base.hostHeaders,
    body: content ?? base.body,
    ...(said !== null && { method: normalized.test(said) ? said.toUpperCase() : said }),
  };
}

function bodyOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string'
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.length);
}

/** @param headers names and values in turn */
function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, i) => !names.has((headers[i - (i % 2)] ?? '').toLowerCase()));
}
