import { SocketAddress } from 'node:net';

/** What a name server said to one question. */
export interface DnsReply {
  /** Empty for success, else an error code as Node's `dns` has them. */
  readonly code: string;
  readonly addresses: readonly string[];
  /** Seconds; the least of all records, infinite without any. */
  readonly ttl: number;
}

/** RFC 1035, section 3.2.2, and RFC 3596, section 2.1 */
const typeOf = { 4: 1, 6: 28 };

const headerSize = 12;

/** RFC 1035, section 4.1.1; NXDOMAIN is 3. */
const responseCodes = ['', 'EFORMERR', 'ESERVFAIL', 'ENOTFOUND', 'ENOTIMP', 'EREFUSED'];

/**
 * Asks for larger replies than the 512 bytes of old (RFC 6891, section 6.1): the root as name, OPT, 1232 bytes, which
 * fit into every network, no flags and no data.
 */
const largerReplies = Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);

/** A question for the addresses of one family (RFC 1035, section 4.1); `name` in ASCII without a dot at its end. */
export function encodeQuestion(id: number, name: string, family: 4 | 6): Buffer {
  // Each dot becomes the length of a label, the first has its own, a zero ends the name.
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

export function idOf(message: Buffer): number {
  return message.length < headerSize ? -1 : message.readUInt16BE(0);
}

/**
 * Reads the reply to a question of `encodeQuestion`. A cut one has the code ETRUNCATED.
 *
 * @returns null for what is no reply to this question
 */
export function decodeReply(message: Buffer, question: Buffer, family: 4 | 6): DnsReply | null {
  const [high = 0, low = 0] = message.subarray(2, 4);
  // A query, or another kind of message.
  if ((high & 0xf8) !== 0x80) return null;
  const responseCode = low & 0x0f;
  const end = question.length - largerReplies.length;
  // An error may come without the question; all else must repeat it to the letter.
  const bare = responseCode !== 0 && message.readUInt16BE(4) === 0;
  if (!bare && (message.length < end || message.compare(question, headerSize, end, headerSize, end) !== 0))
    return null;
  if (responseCode !== 0) return failed(responseCodes[responseCode] ?? `RCODE ${responseCode}`);
  if ((high & 0x02) !== 0) return failed('ETRUNCATED');
  try {
    return readAnswers(message, end, family);
  } catch (error) {
    // It ends before its end.
    if (error instanceof RangeError) return failed('EBADRESP');
    throw error;
  }
}

export function failed(code: string): DnsReply {
  return { code, addresses: [], ttl: Infinity };
}

/**
 * All addresses among the answers: a name server that resolves gives the whole chain of CNAMEs down to them.
 *
 * @throws RangeError when the message is too short
 */
function readAnswers(message: Buffer, start: number, family: 4 | 6): DnsReply {
  const addresses: string[] = [];
  const size = family === 4 ? 4 : 16;
  let ttl = Infinity;
  let at = start;
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    at = behindName(message, at);
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 8);
    // With the highest bit set it counts as zero (RFC 2181, section 8).
    ttl = Math.min(ttl, Math.max(message.readInt32BE(at + 4), 0));
    at += 10 + length;
    if (at > message.length) throw new RangeError('the record is cut');
    if (type === typeOf[family] && length === size)
      addresses.push(addressText(message.subarray(at - size, at)));
  }
  return { code: addresses.length === 0 ? 'ENODATA' : '', addresses, ttl };
}

/** A name is a row of labels that ends with a zero or with a pointer to another name (RFC 1035, section 4.1.4). */
function behindName(message: Buffer, start: number): number {
  let at = start;
  for (let length = message.readUInt8(at); length !== 0; length = message.readUInt8(at)) {
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
  }
  return at + 1;
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16));
  // The usual short form (RFC 5952).
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
}
