import { InputError } from '../shared/errors.ts';

/** Formats that hold no list as they stand: their first bytes, and how to make a list of them. */
const binaries: readonly (readonly [start: string, what: string])[] = [
  ['504b0304', 'a zip archive or spreadsheet; save it as CSV, or unpack it: unzip -p FILE | urlmill'],
  ['504b0506', 'an empty zip archive'],
  ['d0cf11e0a1b11ae1', 'an old Excel (xls) or Office file; save it as CSV: soffice --convert-to csv FILE'],
  [
    '53514c69746520666f726d61742033',
    `an SQLite database; export it: sqlite3 -csv -header FILE 'select …' | urlmill`,
  ],
  ['50415231', `a Parquet file; convert it to CSV: duckdb -csv -c "from 'FILE'" | urlmill`],
  ['25504446', 'a PDF file; take its text out (pdftotext FILE) and make a list of its URLs'],
  ['fd377a585a00', 'compressed with xz; unpack it: xz -dc FILE | urlmill'],
  ['425a68', 'compressed with bzip2; unpack it: bzip2 -dc FILE | urlmill'],
  ['377abcaf271c', 'a 7z archive; unpack it: 7z x -so FILE | urlmill'],
  ['526172211a07', 'a RAR archive; unpack it: unrar p -inul FILE | urlmill'],
  ['1f9d', 'compressed with compress; unpack it: gzip -dc FILE | urlmill'],
  ['04224d18', 'compressed with lz4; unpack it: lz4 -dc FILE | urlmill'],
];

const markup: readonly (readonly [start: RegExp, what: string])[] = [
  [
    /^<!doctype html|^<html[\s>]|^<(?:head|body|table|ul|ol|p|a|div|script|meta)(?:\s[^>]*)?>/i,
    'HTML, not a list; its links are: lynx -dump -listonly -nonumbers FILE | urlmill',
  ],
  [
    /^<[?!a-z][\w:-]*(?:\s[^>]*)?\/?>|^<\?xml\s/i,
    `XML, not a list; take its URLs out, those of a sitemap so: xmllint --xpath '//*[local-name()="loc"]/text()' FILE | urlmill`,
  ],
];

/**
 * Refuses what is no text: archives, databases, documents.
 *
 * @param head the first bytes of it, unpacked; 512 where there are as many
 * @throws InputError that says what it is and how a list is made of it
 */
export function refuseBinary(head: Buffer, name: string): void {
  const magic = head.toString('hex', 0, 16);
  const known = binaries.find(([start]) => magic.startsWith(start));
  if (known !== undefined) throw foreign(name, known[1]);
  if (isTar(head)) throw foreign(name, 'a tar archive; unpack it: tar -xOf FILE | urlmill');
}

/** Fewer control characters than this are accepted, however short the text. */
const fewControls = 8;

/** Refuses what has too many control characters for a text. @throws InputError */
export function refuseControls(head: Buffer, name: string): void {
  const sample = head.subarray(0, 512);
  const controls = sample.filter((byte) => byte < 9 || (byte > 13 && byte < 27)).length;
  if (controls >= fewControls && controls * 10 > sample.length)
    throw foreign(name, 'not text; save it as CSV, in UTF-8');
}

/** Refuses text that is marked up. @throws InputError that says what it is and how a list is made of it */
export function refuseMarkup(text: string, name: string): void {
  const start = text.trimStart();
  const known = markup.find(([pattern]) => pattern.test(start));
  if (known !== undefined) throw foreign(name, known[1]);
}

function foreign(name: string, what: string): InputError {
  return new InputError(`${name}: is ${what}`);
}

/** By the mark of its first header, or its checksum, as old ones have no mark (POSIX pax, ustar). */
function isTar(head: Buffer): boolean {
  if (head.toString('latin1', 257, 262) === 'ustar') return true;
  const header = head.subarray(0, 512);
  const said = /^ *([0-7]{1,7})[ \0]/.exec(header.toString('latin1', 148, 156))?.[1];
  if (header.length < 512 || said === undefined) return false;
  let sum = 0;
  // The checksum itself counts as eight spaces.
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  return sum === Number.parseInt(said, 8);
}
