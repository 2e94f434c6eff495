import zlib from 'node:zlib';

import { mediaTypeOf } from '../shared/media-type.ts';
import { headLength, textKind } from './text-kind.ts';

/** The maximum size of a sitemap (sitemaps.org), and so of what is unpacked. */
const longest = 50 * 1024 * 1024;

/** The bytes of a text and its Content-Type. */
export interface Content {
  readonly body: Buffer;
  readonly contentType: string;
}

/**
 * Unpacks a body that is a gzip file without a Content-Encoding, such as `sitemap.xml.gz`.
 *
 * @returns the content unchanged if it is not a gzip file, or what it holds is not text
 * @throws RangeError when the text is larger than 50 MiB; an error of zlib when the file is damaged
 */
export function unpackedText(content: Content): Content {
  const { body } = content;
  const head = packedHead(body);
  if (head === null) return content;
  const { type } = mediaTypeOf(content.contentType);
  // These types only say that the body is packed, and nothing about the text in it.
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

/** The first characters of the unpacked text; null if the body is not a gzip file. */
function packedHead(body: Buffer): string | null {
  if (body[0] !== 0x1f || body[1] !== 0x8b || body[2] !== 8) return null;
  try {
    // Without the last 8 bytes, checksum and length: they are verified when the whole file is unpacked.
    const head = zlib.gunzipSync(body.subarray(0, Math.min(4096, body.length - 8)), {
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
    });
    return head.toString('latin1', 0, headLength);
  } catch {
    return null;
  }
}
