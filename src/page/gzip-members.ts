import zlib from 'node:zlib';

/** Bits of a header's flags (RFC 1952, section 2.3.1). */
const [hasCrc, hasExtra, hasName, hasComment, reserved] = [2, 4, 8, 16, 0xe0];

/** Bytes of CRC and length at the end of a member. */
const trailer = 8;

/**
 * The number of bytes at the beginning that are complete gzip members.
 *
 * @param limit bytes that they may have in all when unpacked; a member that exceeds it does not count
 */
export function wholeMembers(data: Buffer, limit: number): number {
  let [end, left] = [0, limit];
  for (;;) {
    const start = dataStart(data, end);
    const deflated = start === null ? null : inflate(data.subarray(start), left);
    if (start === null || deflated === null) return end;
    const next = start + deflated.length + trailer;
    if (next > data.length || zlib.crc32(deflated.data) !== data.readUInt32LE(next - trailer)) return end;
    [end, left] = [next, left - deflated.data.length];
  }
}

/** The index of the deflated data of the member at `at`; null when there is no member. */
export function dataStart(data: Buffer, at: number): number | null {
  if (data.length < at + 10 || data[at] !== 0x1f || data[at + 1] !== 0x8b || data[at + 2] !== 8) return null;
  const flags = data[at + 3] ?? 0;
  if ((flags & reserved) !== 0) return null;
  let start = at + 10;
  if ((flags & hasExtra) !== 0) start += 2 + (start + 2 <= data.length ? data.readUInt16LE(start) : 0);
  for (const flag of [hasName, hasComment]) {
    if ((flags & flag) === 0) continue;
    const end = data.indexOf(0, start);
    if (end === -1) return null;
    start = end + 1;
  }
  if ((flags & hasCrc) !== 0) start += 2;
  return start <= data.length ? start : null;
}

/** Unpacks the data of one member. @returns the data and its packed length; null when it is damaged or too large */
function inflate(data: Buffer, limit: number): { data: Buffer; length: number } | null {
  try {
    const options = { info: true, maxOutputLength: Math.max(limit, 1) };
    const { buffer, engine } = zlib.inflateRawSync(data, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { data: buffer, length: engine.bytesWritten };
  } catch {
    return null;
  }
}
