import { createHash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';

/** A record of a WARC file. */
export interface WarcRecord {
  /** Start of its gzip member in the file. */
  readonly offset: number;
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly block: Buffer;
  /**
   * The HTTP head (the block up to the first empty line), one character per byte; empty if the record is not
   * HTTP.
   */
  readonly head: string;
  readonly payload: Buffer;
}

/**
 * Parses a WARC file, and checks that each record is exactly one gzip member with correct lengths, digests
 * and links.
 *
 * @throws Error with the offset of the first fault
 */
export function warcRecords(file: Buffer): WarcRecord[] {
  const records: WarcRecord[] = [];
  const ids = new Set<string>();
  for (let offset = 0; offset < file.length;) {
    const { content, length } = gzipMember(file, offset);
    const record = readRecord(content, offset);
    const id = field(record, 'warc-record-id');
    must(/^<urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}>$/.test(id) && !ids.has(id), offset, id);
    ids.add(id);
    records.push(record);
    offset += length;
  }
  for (const record of records) {
    const other = record.fields.get('warc-concurrent-to');
    must(other === undefined || ids.has(other), record.offset, 'a link to nothing');
  }
  return records;
}

/** @throws Error if the record lacks the field */
export function field({ fields, offset }: WarcRecord, name: string): string {
  const value = fields.get(name.toLowerCase());
  if (value === undefined) throw new Error(`the record at ${offset} has no ${name}`);
  return value;
}

/** Unpacks a gzip member without optional header fields (RFC 1952). */
function gzipMember(file: Buffer, offset: number): { content: Buffer; length: number } {
  must(file.readUInt32LE(offset) === 0x00_08_8b_1f, offset, 'no gzip member');
  const { buffer: content, engine } = inflateRawSync(file.subarray(offset + 10), {
    info: true,
  }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  const end = offset + 10 + engine.bytesWritten;
  must(file.readUInt32LE(end) === crc32(content), offset, 'a wrong checksum');
  must(file.readUInt32LE(end + 4) === content.length, offset, 'a wrong size');
  return { content, length: end + 8 - offset };
}

function readRecord(content: Buffer, offset: number): WarcRecord {
  const headEnd = content.indexOf('\r\n\r\n');
  const [version, ...lines] = content.toString('utf8', 0, headEnd).split('\r\n');
  must(version === 'WARC/1.1', offset, `the version ${version}`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([A-Za-z-]+): (.+)$/.exec(line) ?? [];
    must(name !== '' && !fields.has(name.toLowerCase()), offset, line);
    fields.set(name.toLowerCase(), value);
  }
  const block = content.subarray(headEnd + 4, -4);
  must(content.toString('latin1', content.length - 4) === '\r\n\r\n', offset, 'no line ends behind it');
  must(fields.get('content-length') === String(block.length), offset, 'a wrong length');
  const httpEnd = block.indexOf('\r\n\r\n');
  const isHttp = fields.get('content-type')?.startsWith('application/http;') === true;
  must(!isHttp || httpEnd > 0, offset, 'no end of the HTTP head');
  const payload = isHttp ? block.subarray(httpEnd + 4) : block;
  const head = isHttp ? block.toString('latin1', 0, httpEnd) : '';
  must(fields.get('warc-block-digest') === digestOf(block), offset, 'a wrong block digest');
  const payloadDigest = fields.get('warc-payload-digest') ?? digestOf(payload);
  must(payloadDigest === digestOf(payload), offset, 'a wrong payload digest');
  return { offset, fields, block, head, payload };
}

/** The digest as in the WARC standard's examples: SHA-1 in Base32. */
export function digestOf(bytes: Buffer): string {
  const bits = [...createHash('sha1').update(bytes).digest()]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const digits = (bits.match(/.{5}/g) ?? []).map(
    (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)],
  );
  return `sha1:${digits.join('')}`;
}

function must(holds: boolean, offset: number, what: string): void {
  if (!holds) throw new Error(`the record at ${offset} has ${what}`);
}
