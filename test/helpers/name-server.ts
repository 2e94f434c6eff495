import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

/**
 * How the server replies to a question. Everything is optional; without addresses and `code` the reply is
 * NODATA.
 */
export interface Reply {
  /** IPv4 addresses for A questions. */
  readonly a?: readonly string[];
  /** IPv6 addresses for AAAA questions. */
  readonly aaaa?: readonly string[];
  /** Seconds; 300 by default. */
  readonly ttl?: number;
  /** An alias: the reply holds the CNAME and what the zone has for that name. */
  readonly cname?: string;
  readonly code?: keyof typeof responseCodes;
  /** No reply at all. */
  readonly silent?: boolean;
  /** Milliseconds before the reply. */
  readonly delay?: number;
  /** Replies over UDP with the TC flag and no records, so that the client asks again over TCP. */
  readonly truncated?: boolean;
  /** Seconds in an SOA record, both as its TTL and as its minimum. */
  readonly soa?: number;
  /** Replies as a server that does not recurse, and refers to another one. */
  readonly referral?: boolean;
  /**
   * The reply to a question with EDNS: FORMERR, FORMERR as a bare header without the question, or BADVERS.
   */
  readonly edns?: 'formerr' | 'bare' | 'badvers';
  /** Records for the answer and additional sections, whatever the question. */
  readonly answers?: readonly Buffer[];
  readonly additional?: readonly Buffer[];
  /** Replaces the UDP message by others made from it. */
  readonly instead?: (message: Buffer) => readonly Buffer[];
}

/** RFC 1035, section 4.1.1 */
const responseCodes = { formerr: 1, servfail: 2, nxdomain: 3, notimp: 4, refused: 5 };

/** RFC 1035, section 3.2.2, and RFC 3596 */
const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, AAAA: 28, OPT: 41 };

export type QuestionType = 'A' | 'AAAA' | 'other';

/**
 * Replies by name (`a.test`) or by name and type (`a.test AAAA`), in lower case. A missing name is NXDOMAIN.
 */
export type Zone = Readonly<Record<string, Reply>> | ((name: string, type: QuestionType) => Reply);

export interface NameServer {
  /** `127.0.0.1:PORT` or `[::1]:PORT` */
  readonly address: string;
  /** Number of questions: all, those for a name, or those for a name and a type. */
  readonly asked: (name?: string, type?: QuestionType) => number;
  /** Number of client ports that questions came from over UDP. */
  readonly askers: () => number;
  /** Number of questions with EDNS. */
  readonly withEdns: () => number;
  /** Number of questions over TCP. */
  readonly overTcp: () => number;
  readonly close: () => void;
}

/** A DNS server on a free loopback port until the test ends. */
export async function nameServer(t: ExecutionContext, zone: Zone, host = '127.0.0.1'): Promise<NameServer> {
  const server = await startNameServer(zone, host);
  t.teardown(() => server.close());
  return server;
}

/** A DNS server until `close` is called. It answers over UDP and TCP on the same port. */
export async function startNameServer(zone: Zone, host = '127.0.0.1'): Promise<NameServer> {
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const askers = new Set<number>();
  let overTcp = 0;
  let withEdns = 0;

  const answer = (query: Buffer, tcp: boolean, send: (reply: Buffer) => void): void => {
    const question = readQuestion(query);
    if (question === null) return;
    const { name, type } = question;
    for (const key of ['', name, `${name} ${type}`]) counts.set(key, (counts.get(key) ?? 0) + 1);
    if (tcp) overTcp++;
    if (hasEdns(query)) withEdns++;
    const reply = look(zone, name, type);
    if (reply.silent === true) return;
    const message = encode(query, question, zone, reply, tcp);
    const messages = tcp ? [message] : (reply.instead?.(message) ?? [message]);
    for (const one of messages) {
      if (reply.delay === undefined) send(one);
      else setTimeout(send, reply.delay, one).unref();
    }
  };

  const tcpServer = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    // A message may come in pieces; its length precedes it (RFC 1035, section 4.2.2).
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        answer(received.subarray(2, end), true, (reply) =>
          socket.write(Buffer.concat([uint16(reply.length), reply])),
        );
        received = received.subarray(end);
      }
    });
  });
  const udp = dgram.createSocket({ type: net.isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: 4 << 20 });
  let closed = false;
  udp.on('message', (query, { port, address }) => {
    askers.add(port);
    answer(query, false, (reply) => {
      if (!closed) udp.send(reply, port, address);
    });
  });
  const port = await bindBoth(udp, tcpServer, host);
  return {
    address: net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`,
    asked: (name = '', type) => counts.get(type === undefined ? name : `${name} ${type}`) ?? 0,
    askers: () => askers.size,
    withEdns: () => withEdns,
    overTcp: () => overTcp,
    close: () => {
      if (closed) return;
      closed = true;
      udp.close();
      for (const socket of sockets) socket.destroy();
      tcpServer.close();
    },
  };
}

/** Tries several ports, since one that is free for TCP need not be free for UDP. */
async function bindBoth(udp: dgram.Socket, tcp: net.Server, host: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    tcp.listen(0, host);
    await once(tcp, 'listening');
    const { port } = tcp.address() as AddressInfo;
    try {
      udp.bind(port, host);
      await once(udp, 'listening');
      return port;
    } catch (error) {
      if (attempt === 10) throw error;
      tcp.close();
      await once(tcp, 'close');
    }
  }
}

interface Question {
  readonly name: string;
  readonly type: QuestionType;
  /** Where the question ends in the message. */
  readonly end: number;
}

/** The first question (RFC 1035, section 4.1.2); null if the message is not a query. */
function readQuestion(message: Buffer): Question | null {
  if (message.length < 17 || message.readUInt16BE(4) !== 1) return null;
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > message.length) return null;
  const code = message.readUInt16BE(at + 1);
  const type = code === types.A ? 'A' : code === types.AAAA ? 'AAAA' : 'other';
  return { name: labels.join('.').toLowerCase(), type, end: at + 5 };
}

function look(zone: Zone, name: string, type: QuestionType): Reply {
  if (typeof zone === 'function') return zone(name, type);
  return zone[`${name} ${type}`] ?? zone[name] ?? { code: 'nxdomain' };
}

/** The whole message: header, question, answers. */
function encode(
  query: Buffer,
  { name, type, end }: Question,
  zone: Zone,
  first: Reply,
  tcp: boolean,
): Buffer {
  const records: Buffer[] = [];
  const truncated = first.truncated === true && !tcp;
  let reply = first;
  let owner = name;
  // Follows a loop of aliases for a few hops only, as real servers do.
  for (let hops = 0; reply.cname !== undefined && hops < 8; hops++) {
    records.push(record(owner, types.CNAME, reply.ttl, encodeName(reply.cname)));
    owner = reply.cname;
    reply = look(zone, owner, type);
  }
  const addresses = type === 'A' ? reply.a : type === 'AAAA' ? reply.aaaa : [];
  for (const address of addresses ?? []) {
    records.push(record(owner, type === 'A' ? types.A : types.AAAA, reply.ttl, encodeAddress(address)));
  }
  records.push(...(reply.answers ?? []));
  const authority: Buffer[] = [];
  if (reply.soa !== undefined) authority.push(soa(reply.soa));
  if (reply.referral === true) authority.push(record('test', types.NS, 300, encodeName('ns.test')));
  const additional = [...(reply.additional ?? [])];
  const edns = hasEdns(query) ? reply.edns : undefined;
  // The upper bits of the code stand in the TTL (RFC 6891, section 6.1.3).
  if (edns === 'badvers') additional.push(record('', types.OPT, 0x0100_0000, Buffer.alloc(0)));
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // A response, recursion desired and available, perhaps truncated, and the response code.
  const code = edns === 'formerr' || edns === 'bare' ? 'formerr' : reply.code;
  const flags = reply.referral === true ? 0x8100 : 0x8180;
  header.writeUInt16BE(flags | (truncated ? 0x0200 : 0) | (code === undefined ? 0 : responseCodes[code]), 2);
  if (edns === 'bare') return header;
  header.writeUInt16BE(1, 4);
  const question = query.subarray(12, end);
  if (truncated) return Buffer.concat([header, question]);
  const sections = edns === undefined ? [records, authority, additional] : [[], [], additional];
  for (const [i, section] of sections.entries()) header.writeUInt16BE(section.length, 6 + 2 * i);
  return Buffer.concat([header, question, ...sections.flat()]);
}

/** EDNS is the only additional record that a question can have. */
function hasEdns(query: Buffer): boolean {
  return query.readUInt16BE(10) > 0;
}

function soa(seconds: number): Buffer {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(seconds, 16);
  return record(
    'test',
    types.SOA,
    seconds,
    Buffer.concat([encodeName('ns.test'), encodeName('admin.test'), numbers]),
  );
}

/** An A record, whatever its owner. */
export function addressRecord(owner: string, address: string, ttl = 300): Buffer {
  return record(owner, types.A, ttl, encodeAddress(address));
}

export function aliasRecord(owner: string, target: string, ttl = 300): Buffer {
  return record(owner, types.CNAME, ttl, encodeName(target));
}

/** RFC 1035, section 4.1.3 */
function record(owner: string, type: number, ttl = 300, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(owner), fixed, data]);
}

function encodeName(name: string): Buffer {
  if (name === '') return Buffer.of(0);
  const labels = name.split('.').flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...labels, Buffer.of(0)]);
}

function encodeAddress(address: string): Buffer {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return Buffer.concat([...left, ...zeros, ...right].map(uint16));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
