import { createHash, randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Exchanged } from '../shared/records.ts';
import { Turns } from '../shared/turns.ts';
import { homepage, version } from '../shared/version.ts';
import type { LargeBody } from '../page/large-body.ts';
import { gzipMember, largestAtOnce, pieces, sizeOf } from './gzip-member.ts';
import { packFile, piecesOf } from './packed-file.ts';
import type { PackedFile, Part } from './packed-file.ts';
import { requestHead, responseHead } from './warc-http.ts';

/*
 * WARC 1.1 (ISO 28500:2017). A file is a sequence of records, each a gzip member of its own, so that a reader can seek to
 * any of them. A record is a header like that of HTTP, its block, and two line ends. The first record describes the
 * file; then each exchange is a response record followed by its request record. The redirects that lead to a response stand
 * before it, in order, and all responses of a row name its first one as concurrent.
 */

/** The two records of an exchange, each a gzip member in parts. */
export interface PackedExchange {
  readonly response: readonly Part[];
  readonly request: readonly Part[];
}

interface WarcRecord {
  readonly type: 'warcinfo' | 'response' | 'request';
  readonly id: string;
  readonly at: number;
  readonly fields: readonly string[];
  readonly contentType: string;
  /** The part of the block before the payload: the HTTP header. */
  readonly head: Buffer;
  /** Null when the record has no payload. */
  readonly payload: readonly Buffer[] | PackedFile | null;
}

/** The record at the beginning of a file. */
export async function packWarcinfo(filename: string, at: number): Promise<readonly Buffer[]> {
  const lines = [
    `software: urlmill/${version} (${homepage})`,
    'format: WARC File Format 1.1',
    'conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/',
  ];
  const info: WarcRecord = {
    type: 'warcinfo',
    id: newId(),
    at,
    fields: [`WARC-Filename: ${filename}`],
    contentType: 'application/warc-fields',
    head: Buffer.from(`${lines.join('\r\n')}\r\n`),
    payload: null,
  };
  return gzipMember([await headerOf(info), info.head, end]);
}

/**
 * Packs the exchanges of a row, in order.
 *
 * @param large the body of the last one, if it was too large to be kept in memory
 * @throws OutputError when that cannot be packed
 */
export async function packExchanges(
  all: readonly Exchanged[],
  large: LargeBody | null = null,
): Promise<PackedExchange[]> {
  const ids = all.map(newId);
  const packed: PackedExchange[] = [];
  for (const [i, exchanged] of all.entries()) {
    const id = ids[i] as string;
    const concurrent = i === 0 ? [] : [`WARC-Concurrent-To: ${ids[0]}`];
    // One after the other, as several rows are packed at once anyway.
    packed.push(await packExchange(exchanged, i === all.length - 1 ? large : null, id, concurrent));
  }
  return packed;
}

async function packExchange(
  exchanged: Exchanged,
  large: LargeBody | null,
  id: string,
  concurrent: readonly string[],
): Promise<PackedExchange> {
  const { url, body, requestBody, at, remoteIp, truncated } = exchanged;
  const payload = large === null ? body : fileOf(large);
  const size = large?.size ?? sizeOf(body);
  const shared = [`WARC-Target-URI: ${url}`, ...(remoteIp === '' ? [] : [`WARC-IP-Address: ${remoteIp}`])];
  const response: WarcRecord = {
    type: 'response',
    id,
    at,
    fields: [...shared, ...concurrent, ...(truncated === null ? [] : [`WARC-Truncated: ${truncated}`])],
    contentType: 'application/http;msgtype=response',
    head: responseHead(exchanged, size),
    payload,
  };
  const request: WarcRecord = {
    type: 'request',
    id: newId(),
    at,
    fields: [...shared, `WARC-Concurrent-To: ${id}`],
    contentType: 'application/http;msgtype=request',
    head: requestHead(exchanged),
    payload: requestBody === null || requestBody.length === 0 ? null : [requestBody],
  };
  const both = async (): Promise<PackedExchange> => ({
    response: await pack(response),
    request: await pack(request),
  });
  return size + (requestBody?.length ?? 0) > largestAtOnce ? packing.take(both) : both();
}

function fileOf({ path, size }: LargeBody): PackedFile {
  if (path === null) throw new TypeError('a body that is to be saved was not written');
  return { path, length: size };
}

function newId(): string {
  return `<urn:uuid:${randomUUID()}>`;
}

async function pack(record: WarcRecord): Promise<readonly Part[]> {
  const { head, payload } = record;
  const header = await headerOf(record);
  if (isFile(payload)) return [await packFile(Buffer.concat([header, head]), payload, end)];
  return gzipMember([header, head, ...(payload ?? []), end]);
}

/** Stands behind the block of a record. */
const end = Buffer.from('\r\n\r\n');

async function headerOf(record: WarcRecord): Promise<Buffer> {
  const { type, id, at, fields, contentType, head, payload } = record;
  const digests = await digestsOf(head, payload);
  const length = isFile(payload) ? payload.length : sizeOf(payload ?? []);
  const lines = [
    'WARC/1.1',
    `WARC-Type: ${type}`,
    `WARC-Record-ID: ${id}`,
    `WARC-Date: ${new Date(at).toISOString()}`,
    ...fields,
    ...(payload === null ? [] : [`WARC-Payload-Digest: ${digests.payload}`]),
    `WARC-Block-Digest: ${digests.block}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${head.length + length}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

function isFile(payload: WarcRecord['payload']): payload is PackedFile {
  return payload !== null && !Array.isArray(payload);
}

/** Bytes that are hashed per turn of the event loop, which takes about two milliseconds. */
const hashedAtOnce = 1024 * 1024;

/**
 * SHA-1 in Base32, by which the indexes of archives identify payloads. warcio, pywb and Heritrix write nothing else, so the
 * same payload is found in files of several crawlers. It does not protect against forgery and need not.
 */
async function digestsOf(
  head: Buffer,
  payload: WarcRecord['payload'],
): Promise<{ readonly block: string; readonly payload: string }> {
  const ofBlock = createHash('sha1').update(head);
  const ofPayload = createHash('sha1');
  let hashed = 0;
  for await (const piece of isFile(payload) ? piecesOf(payload) : pieces(payload ?? [])) {
    ofBlock.update(piece);
    ofPayload.update(piece);
    hashed += piece.length;
    if (hashed < hashedAtOnce) continue;
    hashed = 0;
    await nextTurn();
  }
  return {
    block: `sha1:${base32(ofBlock.digest())}`,
    payload: `sha1:${base32(ofPayload.digest())}`,
  };
}

const base32Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, section 6, without padding: the length must be a multiple of five bytes. */
function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let left = 0;
  for (const byte of bytes) {
    bits = ((bits & 31) << 8) | byte;
    for (left += 8; left >= 5; left -= 5) text += base32Digits[(bits >> (left - 5)) & 31];
  }
  return text;
}

/** How many large exchanges are packed at once: each takes 256 kB of memory, and Node's thread pool has four threads. */
const packing = new Turns(4);
