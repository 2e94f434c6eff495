import zlib from 'node:zlib';

import { mediaTypeOf } from '../shared/media-type.ts';
import { headLength, textKind } from './text-kind.ts';

/** A sitemap may be that long (sitemaps.org), and memory must have a bound. */
const longest = 50 * 1024 * 1024;

/** The bytes of a text, and what Content-Type says of them. */
export interface Content {
  readonly body: Buffer;
  readonly contentType: string;
}

/**
 * The text in a body that is a gzip file though no Content-Encoding says so, as sitemaps are (`sitemap.xml.gz`).
 *
 * @returns the body as it is when it is none, or what is packed is no text
 * @throws RangeError when it is larger than 50 MiB; an error of zlib when it is damaged
 */
export function unpackedText(content: Content): Content {
  const { body } = content;
  const head = packedHead(body);
  if (head === null) return content;
  const { type } = mediaTypeOf(content.contentType);
  // What such a type says is known now.
  const contentType =
    /^application\/(?:(?:x-)?(?:gzip|gunzip|gzip-compressed)|octet-stream|x-download)$/.test(type)
      ? ''
      : content.contentType;
  if (textKind(head, mediaTypeOf(contentType).type) === 'other') return content;
  try {
    return { body: zlib.gunzipSync(body, { maxOutputLength: longest }), contentType };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`the gzip file in the body cannot be unpacked: ${reason}`, { cause: error });
  }
}

/** The first characters of what is packed; null for a body that is no gzip file. */
function packedHead(body: Buffer): string | null {
  if (body[0] !== 0x1f || body[1] !== 0x8b || body[2] !== 8) return null;
  try {
    // Some bytes of it are enough; its end, with the checksum, is looked at when all of it is unpacked.
    const head = zlib.gunzipSync(body.subarray(0, Math.min(4096, body.length - 8)), {
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
    });
    return head.toString('latin1', 0, headLength);
  } catch {
    return null;
  }
}
