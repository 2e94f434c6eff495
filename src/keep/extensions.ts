import { Mime } from 'mime';
import other from 'mime/types/other.js';
import standard from 'mime/types/standard.js';

/** The usual extensions, where the registry lists another one first, and those of types that are not registered. */
const usual = {
  'audio/mpeg': ['mp3'],
  'audio/ogg': ['ogg'],
  'video/quicktime': ['mov'],
  'image/jpg': ['jpg'],
  'image/pjpeg': ['jpg'],
  'application/x-gzip': ['gz'],
  'application/zstd': ['zst'],
};

const mime = new Mime(standard, other).define(usual, true);

/** Types that servers send for files whose type they do not know. */
const untold = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/**
 * The extension of a body, with its dot: by its media type, or by its URL where the server told no type. Empty when neither
 * is known, but `.bin` for application/octet-stream.
 */
export function extensionFor(type: string, url: string): string {
  if (!untold.has(type)) return withDot(mime.getExtension(type));
  const [, ofUrl = ''] = /\.([a-z0-9]{1,10})$/i.exec(new URL(url).pathname) ?? [];
  return withDot(mime.getType(ofUrl) === null ? mime.getExtension(type) : ofUrl.toLowerCase());
}

function withDot(extension: string | null): string {
  return extension ? `.${extension}` : '';
}
