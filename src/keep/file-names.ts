import { hash } from 'node:crypto';

/** Most bytes of a folder's or file's name. File systems take 255; the rest is for numbers (`-2`). */
const mostBytes = 200;

/** Most bytes of a whole path below the folder: systems take 1,024 (macOS) or 4,096 with the folder's own path. */
const mostPathBytes = 800;

/** Characters of the hash that a name gets when it is cut. */
const hashLength = 16;

/** Characters that Windows forbids in names, controls, and those that end a line or change the writing direction. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const forbidden = /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Names of devices on Windows, whatever extension they have. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i;

/** An extension, kept when a name is cut or numbered: `.jpg`. Without a letter it is taken for a number, as in `v1.2`. */
const extension = /\.(?=[^.]*[a-z])[a-z0-9]{1,10}$/i;

/**
 * Makes a path that every system accepts and that cannot lead out of its folder, whatever the components hold. The last
 * component is the file, all others are folders.
 *
 * - Each forbidden character becomes `_`, and so do a dot or blank at the beginning, a run of them at the end, and an
 *   empty name.
 * - Names of devices get a `_` before them.
 * - Letters are in Unicode's composed form (NFC), as most systems write them.
 * - A name that is too long is cut and gets a hash of the whole name, so that two such names stay distinct.
 *
 * @param tail the end of the file's name that is to stay when it is cut. Default: its extension
 */
export function safePath(components: readonly string[], tail = ''): string {
  const names = components.map(safeName);
  const inAll = names.reduce((sum, name) => sum + Math.min(mostBytes, Buffer.byteLength(name)) + 1, -1);
  const share = Math.floor((mostPathBytes + 1) / names.length) - 1;
  const most = inAll > mostPathBytes ? Math.min(mostBytes, share) : mostBytes;
  return names.map((name, i) => cut(name, most, i === names.length - 1 ? tail : null)).join('/');
}

function safeName(text: string): string {
  const name = text
    .toWellFormed()
    .replaceAll('\ufffd', '_')
    .normalize('NFC')
    .replaceAll(forbidden, '_')
    .replace(/^[.\s]/u, '_')
    .replace(/[.\s]+$/u, '_');
  return device.test(name) || name === '' ? `_${name}` : name;
}

/** @param tail null for a folder */
function cut(name: string, most: number, tail: string | null): string {
  if (Buffer.byteLength(name) <= most) return name;
  const end = tail === null ? '' : endOf(name, tail);
  const room = most - Buffer.byteLength(end) - hashLength - 1;
  if (room < 1) return cut(name, most, null);
  const start = name.slice(0, name.length - end.length);
  return `${firstBytes(start, room)}-${hash('sha256', name, 'hex').slice(0, hashLength)}${end}`;
}

/** The longest beginning of a text that fits into `bytes` bytes of UTF-8, without splitting a character. */
function firstBytes(text: string, bytes: number): string {
  let [length, left] = [0, bytes];
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    length += character.length;
  }
  return text.slice(0, length).replace(/[.\s]+$/u, '_');
}

function endOf(name: string, tail: string): string {
  if (tail !== '' && name.length > tail.length && name.endsWith(tail)) return tail;
  return extension.exec(name)?.[0] ?? '';
}

/** The path of the nth row that wants this path: `cat/1.jpg`, `cat/1-2.jpg`. */
export function numbered(path: string, n: number, tail = ''): string {
  if (n === 1) return path;
  const end = endOf(path.slice(path.lastIndexOf('/') + 1), tail);
  return `${path.slice(0, path.length - end.length)}-${n}${end}`;
}

/** A key that is equal for paths that may be one file on some system: letter case and Unicode form make no difference. */
export function folded(path: string): string {
  return path.normalize('NFD').toUpperCase().normalize('NFD');
}
