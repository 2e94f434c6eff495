import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';

import { certify, pem, tbsOf } from './build-certificate.ts';
import { authority, rightChain } from './certificates.ts';
import { pairOf } from './keys.ts';
import { mutateBytes, numbersOf, one, tokenOf } from './mutation.ts';
import type { Below } from './mutation.ts';
import { addressOf, answerOver, block, listen, numberOf, urlsAt } from './servers.ts';
import type { FuzzServer } from './servers.ts';

/**
 * Milliseconds without a byte after which a connection is closed if one of its records was changed, because
 * both sides may then wait for each other. Connections with unchanged records have no such limit.
 */
const silence = 1000;

const versions = ['TLSv1.2', 'TLSv1.3'] as const;

interface Mutated {
  readonly bytes: Buffer;
  readonly words: string;
  /** Whether the connection is closed after it. */
  readonly isLast?: true;
}

/**
 * A TLS server that answers every row with its token, behind a proxy that mutates one of the server's
 * records.
 */
export async function recordServer(seed: number): Promise<FuzzServer> {
  const [plan] = rightChain(0);
  const key = String(pairOf(plan.key).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const cert = pem(certify(tbsOf(plan), plan)) + authority();
  const contexts = versions.map((maxVersion) => tls.createSecureContext({ key, cert, maxVersion }));
  const behind = net.createServer((socket) => {
    const row = numberOf(socket.localAddress, block);
    answerOver(socket, one(numbersOf(seed, row), contexts), tokenOf(seed, row));
  });
  const inner = await listen(behind);
  /** The latest change made for each row. */
  const changes = new Map<number, string>();
  const server = net.createServer((socket) => {
    const row = numberOf(socket.localAddress, block);
    const near = net.connect({ port: inner, host: addressOf(row, block) });
    socket.on('error', () => {});
    near.on('error', () => {});
    near.on('close', () => socket.end());
    socket.on('close', () => near.destroy());
    socket.pipe(near);
    passRecords(near, socket, numbersOf(seed + 1, row), (words) => changes.set(row, words));
  });
  return {
    urlOf: urlsAt(await listen(server)),
    modes: [[], ['--insecure']],
    show: (row) => `${one(numbersOf(seed, row), versions)}: ${changes.get(row) ?? 'no record was changed'}`,
    figures: () => [`${changes.size} rows met a changed record`],
    close: () => {
      server.close();
      behind.close();
    },
  };
}

/**
 * Passes records on and changes one of them: the row's random number says which; it may be beyond the last
 * one.
 */
function passRecords(from: Socket, to: Socket, below: Below, tell: (words: string) => void): void {
  const chosen = below(14);
  let held = Buffer.alloc(0);
  let count = 0;
  let isOver = false;
  from.on('data', (data) => {
    held = Buffer.concat([held, data]);
    while (!isOver && held.length >= 5 && held.length >= 5 + held.readUInt16BE(3)) {
      const end = 5 + held.readUInt16BE(3);
      const record = held.subarray(0, end);
      held = held.subarray(end);
      if (count++ !== chosen) {
        to.write(record);
        continue;
      }
      const { bytes, words, isLast = false } = mutateRecord(record, below);
      tell(`record ${chosen + 1} ${words}: ${hex(record)} became ${hex(bytes)}`);
      to.setTimeout(silence, () => to.end());
      to.write(bytes);
      isOver = isLast;
      if (isLast) to.end();
    }
  });
  from.on('end', () => to.end());
}

function hex(bytes: Buffer): string {
  const text = bytes.toString('hex', 0, 400);
  return bytes.length > 400 ? `${text}… (${bytes.length} bytes)` : text;
}

function mutateRecord(record: Buffer, below: Below): Mutated {
  const alert = Buffer.from([21, 3, 3, 0, 2, 1 + below(2), below(256)]);
  switch (below(8)) {
    case 0:
      return { bytes: Buffer.concat([record, record]), words: 'was doubled' };
    case 1:
      return { bytes: Buffer.concat([alert, record]), words: 'came behind an alert' };
    case 2:
      return { bytes: Buffer.concat([record, alert]), words: 'came before an alert' };
    case 3:
      return { bytes: record.subarray(0, below(record.length)), words: 'was cut off', isLast: true };
    case 4: {
      const rubbish = Array.from({ length: 1 + below(200) }, () => below(256));
      return { bytes: Buffer.from(rubbish), words: 'was replaced by rubbish' };
    }
    case 5: {
      const fragment = mutateBytes(record.subarray(5), below);
      return {
        bytes: Buffer.concat([record.subarray(0, 5), fragment]),
        words: 'was changed in its fragment',
      };
    }
    default:
      return { bytes: mutateBytes(record, below), words: 'was changed' };
  }
}
