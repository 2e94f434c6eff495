import { isUint8Array } from 'node:util/types';

import { checkHeader, checkMethod } from '../../options/checks.ts';
import type { FetchItem } from '../../shared/records.ts';
import { bytesOf, harmless } from './request.ts';
import type { RequestFault, RowRequest } from './request.ts';

/** Methods that `fetch()` knows in any case of letters (Fetch Standard, "normalize"). */
const normalized = /^(?:delete|get|head|options|post|put)$/i;

type Pair = readonly [name: string, value: string];

/**
 * The request of an object that `fetchUrls()` takes, or of `page.fetch`: its own settings replace those of the
 * options.
 *
 * @param base the request that the options give
 */
export function itemRequest(item: FetchItem, base: RowRequest): RowRequest | RequestFault {
  try {
    return ownRequest(item, base);
  } catch (error) {
    if (error instanceof RangeError) return { detail: error.message };
    throw error;
  }
}

/** @throws RangeError when no request can be made of the item */
function ownRequest({ method, headers = {}, body }: FetchItem, base: RowRequest): RowRequest {
  const pairs = pairsOf(headers);
  if (method === undefined && body === undefined && pairs.length === 0) return base;
  const content = body === undefined ? null : bodyOf(body);
  // As fetch() does (Fetch Standard, "extract a body").
  if (typeof body === 'string' && !pairs.some(([name]) => /^content-type$/i.test(name)))
    pairs.push(['content-type', 'text/plain;charset=UTF-8']);
  if (method !== undefined) {
    if (typeof method !== 'string') throw new RangeError('method is to be a text');
    checkMethod(method);
  }
  for (const [name, value] of pairs) {
    // A header option that begins with @ names a file.
    if (name.startsWith('@')) throw new RangeError('headers holds a name that begins with @');
    checkHeader(`${name}: ${value}`);
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

/** @param headers unchecked, as callers in JavaScript may give anything */
function pairsOf(headers: unknown): Pair[] {
  if (typeof headers !== 'object' || headers === null) {
    throw new RangeError('headers is to be an object, or a list of names and values');
  }
  return entriesOf(headers).map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string')
      throw new RangeError('headers is to hold pairs of a name and a value');
    const [name, value] = pair as [string, unknown];
    return [name, valueOf(value)];
  });
}

function entriesOf(headers: object): unknown[] {
  try {
    return Symbol.iterator in headers ? [...(headers as Iterable<unknown>)] : Object.entries(headers);
  } catch {
    // An iterator or getter of the caller has thrown.
    throw new RangeError('headers cannot be read');
  }
}

function valueOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new RangeError('headers holds a value that is no text');
}

function bodyOf(body: unknown): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  if (isUint8Array(body)) return Buffer.from(body.buffer, body.byteOffset, body.length);
  throw new RangeError('body is to be a text or a Uint8Array');
}

/** @param headers names and values in turn */
function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, i) => !names.has((headers[i - (i % 2)] ?? '').toLowerCase()));
}
