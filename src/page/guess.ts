import { isAscii, isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';

import type * as Jschardet from 'jschardet';

import { encodingOf } from './encodings.ts';

/** Size in bytes of the one part that is examined: the first that is not pure ASCII. A browser has guessed by then. */
const longestLook = 256 * 1024;

/** Bytes that the detector gets. Its time grows with them, and more would not improve the guess. */
const longestSample = 4096;

/** ASCII characters that the sample keeps on each side of others. With more, the detector would see too few letters. */
const context = 24;

/**
 * The encodings to detect, by the detector's names. IBM866 and windows-1258 are left out, as they are rare on the web, and
 * single letters of Western pages would be mistaken for them.
 */
const candidates =
  'shift_jis,cp932,euc-jp,gb18030,big5hkscs,euc-kr,cp949,koi8-r,koi8-u,iso-8859-2,iso-8859-5,iso-8859-7,tis-620,cp874,windows-1250,windows-1251,windows-1252,windows-1253,windows-1254,windows-1255,windows-1256,windows-1257'.split(
    ',',
  );

/** The detector's names that are not labels of the Encoding Standard. */
const names: Readonly<Record<string, string>> = {
  cp932: 'Shift_JIS',
  gb18030: 'GBK',
  big5hkscs: 'Big5',
  cp949: 'EUC-KR',
  cp874: 'windows-874',
};

const require = createRequire(import.meta.url);

/**
 * Guesses the encoding of bytes: UTF-8 if that is valid or nearly so, else by a detector.
 *
 * @returns its name in the Encoding Standard; null for pure ASCII, which fits many encodings
 */
export function guessedEncoding(body: Buffer): string | null {
  const part = lettersOf(body);
  if (part === null) return isIso2022Jp(body.subarray(0, longestLook)) ? 'ISO-2022-JP' : null;
  if (isUtf8(body) || isNearlyUtf8(part)) return 'UTF-8';
  if (isTooLittle(part)) return 'windows-1252';
  // Loaded only when needed, as it takes 130 ms and 50 MB.
  const { detect } = require('jschardet') as typeof Jschardet;
  const { encoding } = detect(sampleOf(part), { detectEncodings: candidates });
  const name = encoding?.toLowerCase() ?? '';
  return names[name] ?? encodingOf(name) ?? 'windows-1252';
}

/** The first part that is not all ASCII. */
function lettersOf(body: Buffer): Buffer | null {
  for (let at = 0; at < body.length; at += longestLook) {
    const part = body.subarray(at, at + longestLook);
    if (!isAscii(part)) return part;
  }
  return null;
}

/** ISO-2022-JP consists of ASCII bytes and is recognised by its escape sequences. */
function isIso2022Jp(head: Buffer): boolean {
  return head.includes('\u001b$B') || head.includes('\u001b$@');
}

/** A page that was cut or joined from parts may have invalid bytes. Other text is hardly ever nearly valid by accident. */
function isNearlyUtf8(head: Buffer): boolean {
  let good = 0;
  let bad = 0;
  for (const letter of head.toString('utf8').matchAll(/[^\0-\u007f]/gu)) {
    if (letter[0] === '\ufffd') bad++;
    else good++;
  }
  return bad * 4 <= good;
}

/** Whether there are too few letters, or only marks like © and “, to detect an encoding; most such pages are Western. */
function isTooLittle(head: Buffer): boolean {
  let count = 0;
  let run = 0;
  for (let at = 0; at < head.length; at++) {
    run = isHigh(head, at) ? run + 1 : 0;
    if (run > 0) count++;
    if (run === 4 || count === 5) return false;
  }
  return true;
}

/** The bytes beyond ASCII with their context. */
function sampleOf(head: Buffer): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  let end = 0;
  for (let at = 0; at < head.length && size < longestSample; at++) {
    if (!isHigh(head, at)) continue;
    const start = Math.max(end, at - context);
    end = at + 1;
    for (let last = at; end < head.length && end - last <= context && end - start < longestSample; end++) {
      if (isHigh(head, end)) last = end;
    }
    parts.push(head.subarray(start, end), lineEnd);
    size += end - start;
    at = end - 1;
  }
  return Buffer.concat(parts);
}

const lineEnd = Buffer.from('\n');

function isHigh(bytes: Buffer, at: number): boolean {
  return (bytes[at] ?? 0) >= 0x80;
}
