/**
 * A DNS server for `bench.test` that answers with a delay, like a distant one. Usage: node names.js MS
 *
 * A letter and a number make a host (`h7.bench.test` has the address `addressOf(7)`, and none for IPv6).
 * Names that begin with x do not exist.
 */
import { createSocket } from 'node:dgram';
import { addressOf, domain } from '../many-hosts.ts';
import { tellPorts } from './tell-ports.ts';

const [, , text = ''] = process.argv;
const latency = Number(text);
const typeA = 1;
const headerLength = 12;
/** Response, authoritative, recursion available; the lowest four bits are the code. */
const flags = 0x84_80;
const noSuchName = 3;
const hostName = new RegExp(`^[a-wyz](\\d+)\\.${domain.replace('.', '\\.')}$`, 'i');

const socket = createSocket('udp4');
socket.on('message', (query, { address, port }) => {
  const reply = replyTo(query);
  setTimeout(() => socket.send(reply, port, address), latency);
});
socket.bind(0, '127.0.0.1', () => {
  // Hundreds of queries may arrive while the process is busy.
  socket.setRecvBufferSize(2 ** 22);
  tellPorts({ dns: socket });
});

/** A message of RFC 1035, section 4: the question as it came, and the A record if there is one. */
function replyTo(query: Buffer): Buffer {
  const { name, type, end } = questionOf(query);
  const number = hostName.exec(name)?.[1];
  const answers = number !== undefined && type === typeA ? [addressRecord(Number(number))] : [];
  const header = Buffer.alloc(headerLength);
  query.copy(header, 0, 0, 2);
  // The reply repeats the flag "recursion desired".
  const desired = query.readUInt16BE(2) & 0x01_00;
  header.writeUInt16BE(flags | desired | (number === undefined ? noSuchName : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, query.subarray(headerLength, end), ...answers]);
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = headerLength;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/**
 * An A record whose name points to byte 12, where the question has it; class IN, TTL of an hour, four bytes.
 */
function addressRecord(n: number): Buffer {
  const start = Buffer.from([0xc0, headerLength, 0, typeA, 0, 1, 0, 0, 0x0e, 0x10, 0, 4]);
  return Buffer.concat([start, Buffer.from(addressOf(n).split('.').map(Number))]);
}
