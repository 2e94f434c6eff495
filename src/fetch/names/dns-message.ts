import { SocketAddress } from 'node:net';

/** The reply of a name server to one question. */
export interface DnsReply {
  /** Empty for success, else an error code of Node's `dns`, `ELAME` or `EBADVERS`. */
  readonly code: string;
  readonly addresses: readonly string[];
  /** Seconds that the reply is valid, also one without addresses; Infinity when the server sent no TTL. */
  readonly ttl: number;
}

interface DnsRecord {
  /** The name in lower case, without a dot at its end. */
  readonly owner: string;
  readonly type: number;
  readonly internet: boolean;
  /** The raw field; in the EDNS record it is not a TTL. */
  readonly ttl: number;
  /** Where the data begins and ends in the message. */
  readonly start: number;
  readonly end: number;
}

/** RFC 1035, section 3.2.2, and RFC 3596, section 2.1 */
const typeOf = { 4: 1, 6: 28 };
const types = { ns: 2, cname: 5, soa: 6, opt: 41 };

const headerSize = 12;

/** Compression pointers in one name at most: as many as it can have labels. */
const mostPointers = 127;

/** RFC 1035, section 4.1.1; NXDOMAIN is 3. */
const responseCodes = ['', 'EFORMERR', 'ESERVFAIL', 'ENOTFOUND', 'ENOTIMP', 'EREFUSED'];

/** RFC 6891, section 9 */
const badVersion = 16;

/**
 * The EDNS record that allows replies of more than 512 bytes (RFC 6891, section 6.1): the root as name, type OPT, 1232
 * bytes, which every network can carry without fragments, no flags and no data.
 */
const largerReplies = Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);

/** Encodes a question for addresses of one family (RFC 1035, section 4.1). @param name ASCII, without a dot at its end */
export function encodeQuestion(id: number, name: string, family: 4 | 6): Buffer {
  // Each label is preceded by its length, and a zero ends the name: two bytes more than the text with its dots.
  const message = Buffer.allocUnsafe(headerSize + name.length + 2 + 4 + largerReplies.length).fill(0);
  message.writeUInt16BE(id, 0);
  // Recursion desired; one question, one additional record.
  message[2] = 1;
  message[5] = 1;
  message[11] = 1;
  let at = headerSize;
  for (const label of name.split('.')) {
    message[at] = label.length;
    at += 1 + message.write(label, at + 1, 'latin1');
  }
  message[at + 2] = typeOf[family];
  message[at + 4] = 1;
  largerReplies.copy(message, at + 5);
  return message;
}

/** The same question for a server that does not understand EDNS. */
export function withoutEdns(question: Buffer): Buffer {
  const plain = Buffer.from(question.subarray(0, question.length - largerReplies.length));
  plain[11] = 0;
  return plain;
}

export function idOf(message: Buffer): number {
  return message.length < headerSize ? -1 : message.readUInt16BE(0);
}

/**
 * Decodes the reply to a question of `encodeQuestion`. Its code is ETRUNCATED for a truncated reply, EBADRESP for an invalid
 * one, ELAME when the server refers to other servers instead of resolving the name.
 *
 * @returns null for a message that is not a reply to this question
 */
export function decodeReply(message: Buffer, question: Buffer, family: 4 | 6): DnsReply | null {
  // The message is a query, or has another opcode.
  if (message.length < headerSize || (message.readUInt8(2) & 0xf8) !== 0x80) return null;
  if (isBareFormatError(message)) return failed('EFORMERR');
  const end = question.length - largerReplies.length;
  if (!repeats(message, question, end)) return null;
  if ((message.readUInt8(2) & 0x02) !== 0) return failed('ETRUNCATED');
  try {
    return readReply(message, end, family);
  } catch {
    // The message is too short, or a name in it is endless.
    return failed('EBADRESP');
  }
}

export function failed(code: string, ttl = Infinity): DnsReply {
  return { code, addresses: [], ttl };
}

/**
 * Servers without EDNS may return a header only (RFC 6891, section 7). It has no question to check, but says nothing of the
 * name, so forging it is of no use.
 */
function isBareFormatError(message: Buffer): boolean {
  return (message.readUInt8(3) & 0x0f) === 1 && message.readUInt16BE(4) === 0;
}

/**
 * Whether the message repeats the question, in any case. Lengths of labels are below 64, so none looks like a
 * letter.
 */
function repeats(message: Buffer, question: Buffer, end: number): boolean {
  if (message.length < end || message.readUInt16BE(4) !== 1) return false;
  if (message.compare(question, headerSize, end, headerSize, end) === 0) return true;
  const [said, asked] = [message, question].map((all) =>
    all.toString('latin1', headerSize, end - 4).replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  );
  return said === asked && message.compare(question, end - 4, end, end - 4, end) === 0;
}

/** @throws RangeError when the message is too short or a name has no end */
function readReply(message: Buffer, start: number, family: 4 | 6): DnsReply {
  const [answers, behind] = readRecords(message, start, message.readUInt16BE(6));
  const { name, ttl, hops } = followAliases(message, answers);
  const size = family === 4 ? 4 : 16;
  const found = answers.filter(
    (record) =>
      record.type === typeOf[family] &&
      record.internet &&
      record.owner === name &&
      record.end - record.start === size,
  );
  const responseCode = message.readUInt8(3) & 0x0f;
  if (found.length === 0 || responseCode !== 0) return readNone(message, behind, hops > 0);
  return {
    code: '',
    addresses: found.map((record) => addressText(message.subarray(record.start, record.end))),
    ttl: Math.min(ttl, ...found.map(secondsOf)),
  };
}

/** The reply when there is no address: its code and TTL come from the records behind the answers. */
function readNone(message: Buffer, start: number, isAlias: boolean): DnsReply {
  const [records] = readRecords(message, start, message.readUInt16BE(8) + message.readUInt16BE(10));
  const edns = records.find(({ type }) => type === types.opt);
  // The upper bits of the code (RFC 6891, section 6.1.3).
  const responseCode = (message.readUInt8(3) & 0x0f) | (edns === undefined ? 0 : (edns.ttl >>> 24) << 4);
  if (responseCode === badVersion) return failed('EBADVERS');
  const code = responseCodes[responseCode] ?? `RCODE ${responseCode}`;
  const authority = records.find(({ type }) => type === types.soa);
  // RFC 2308, section 5
  const ttl =
    authority === undefined
      ? Infinity
      : Math.min(secondsOf(authority), message.readUInt32BE(Math.max(authority.end - 4, authority.start)));
  if (code !== '') return failed(code, ttl);
  const isAuthoritative = (message.readUInt8(2) & 0x04) !== 0;
  const resolves = (message.readUInt8(3) & 0x80) !== 0;
  const isReferral = !isAuthoritative && records.some(({ type }) => type === types.ns);
  // RFC 2308, section 2.2: a referral has no SOA record, unlike NODATA.
  const isLame = !resolves && authority === undefined && (isAlias || isReferral);
  return failed(isLame ? 'ELAME' : 'ENODATA', ttl);
}

/**
 * Follows CNAME records from the name in the question. A resolving server sends the whole chain, in any order; records of
 * other names are ignored.
 */
function followAliases(
  message: Buffer,
  answers: readonly DnsRecord[],
): { readonly name: string; readonly ttl: number; readonly hops: number } {
  const aliases = new Map<string, DnsRecord>();
  for (const record of answers) {
    if (record.type === types.cname && record.internet) aliases.set(record.owner, record);
  }
  let name = nameAt(message, headerSize).name;
  let ttl = Infinity;
  let hops = 0;
  // Each alias is followed once, so that a loop ends.
  for (let alias = aliases.get(name); alias !== undefined; alias = aliases.get(name)) {
    aliases.delete(name);
    name = nameAt(message, alias.start).name;
    ttl = Math.min(ttl, secondsOf(alias));
    hops++;
  }
  return { name, ttl, hops };
}

/** The TTL in seconds; a value with the highest bit set means 0 (RFC 2181, section 8). */
function secondsOf({ ttl }: DnsRecord): number {
  return ttl > 0x7fff_ffff ? 0 : ttl;
}

/** @returns the records and where they end */
function readRecords(message: Buffer, start: number, count: number): [DnsRecord[], number] {
  const records: DnsRecord[] = [];
  let at = start;
  for (let left = count; left > 0; left--) {
    const record = readRecord(message, at);
    records.push(record);
    at = record.end;
  }
  return [records, at];
}

/** RFC 1035, section 4.1.3 */
function readRecord(message: Buffer, at: number): DnsRecord {
  const { name: owner, end: fixed } = nameAt(message, at);
  const start = fixed + 10;
  const end = start + message.readUInt16BE(fixed + 8);
  if (end > message.length) throw new RangeError('the record is cut');
  const type = message.readUInt16BE(fixed);
  const internet = message.readUInt16BE(fixed + 2) === 1;
  return { owner, type, internet, ttl: message.readUInt32BE(fixed + 4), start, end };
}

/**
 * Reads a name: a sequence of labels that ends with a zero or a pointer to another name (RFC 1035, section 4.1.4).
 *
 * @returns the name in lower case, and where it ends in the message
 */
function nameAt(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  let end = -1;
  let size = 0;
  let pointers = 0;
  for (let length = message.readUInt8(at); length !== 0; length = message.readUInt8(at)) {
    if (length >= 0xc0) {
      if (end === -1) end = at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      if (++pointers > mostPointers) throw new RangeError('the name has no end');
    } else {
      size += 1 + length;
      if (length > 63 || size > 254) throw new RangeError('the name is too long');
      const label = message.toString('latin1', at + 1, at + 1 + length);
      // Escaped, as a dot within a label does not separate labels.
      labels.push(label.includes('.') ? label.replaceAll('.', String.raw`\.`) : label);
      at += 1 + length;
    }
  }
  return { name: labels.join('.').toLowerCase(), end: end === -1 ? at + 1 : end };
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16));
  // The usual short form (RFC 5952).
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
}
