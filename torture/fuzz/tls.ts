import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';

import { certificates } from '../../test/helpers/certificates.ts';
import type { Certificate } from '../../test/helpers/certificates.ts';
import { oddCertificate } from '../../test/helpers/odd-certificates.ts';
import type { OddName } from '../../test/helpers/odd-certificates.ts';
import { mutateBytes, numbersOf, one, tokenOf } from './mutation.ts';
import { rightReply } from './replies.ts';
import { addressOf, listen, numberOf } from './servers.ts';
import type { FuzzServer } from './servers.ts';

/** One row is one address: so the server knows the row before a byte has come. */
const block = 64;

function urlsAt(port: number): (row: number) => string {
  return (row) => `https://${addressOf(row, block)}:${port}/`;
}

/** Milliseconds after which a server closes a connection on which nothing happens. */
const idle = 2000;

/** A TLS server that answers every row with its token, behind a proxy that mutates one of the records it sends. */
export async function recordServer(seed: number): Promise<FuzzServer> {
  const { good } = await certificates();
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.setTimeout(idle, () => socket.destroy());
    const row = numberOf(socket.localAddress, block);
    const below = numbersOf(seed, row);
    const maxVersion = one(below, ['TLSv1.2', 'TLSv1.3'] as const);
    const near = net.connect({ port: inner, host: addressOf(row, block) });
    if (maxVersion === 'TLSv1.2') versions.add(row);
    near.on('error', () => socket.destroy());
    near.on('close', () => socket.destroy());
    socket.on('close', () => near.destroy());
    socket.pipe(near);
    mutateRecords(near, socket, seed, row);
  });
  const versions = new Set<number>();
  const contexts = (['TLSv1.2', 'TLSv1.3'] as const).map((maxVersion) =>
    tls.createSecureContext({ ...good, maxVersion }),
  );
  const behind = net.createServer((socket) => {
    const row = numberOf(socket.localAddress, block);
    answerOver(socket, contexts[versions.has(row) ? 0 : 1], tokenOf(seed, row));
  });
  const inner = await listen(behind);
  const port = await listen(server);
  return {
    urlOf: urlsAt(port),
    close: () => {
      server.close();
      behind.close();
    },
  };
}

function answerOver(socket: Socket, secureContext: tls.SecureContext | undefined, token: string): void {
  socket.on('error', () => {});
  const secure = new tls.TLSSocket(socket, { isServer: true, ...(secureContext && { secureContext }) });
  secure.on('error', () => socket.destroy());
  secure.once('data', () => secure.end(rightReply(token)));
}

/** Passes records on; the one that the row's numbers choose is changed, doubled, dropped, replaced or the last one. */
function mutateRecords(from: Socket, to: Socket, seed: number, row: number): void {
  const below = numbersOf(seed + 1, row);
  const chosen = below(8);
  let held = Buffer.alloc(0);
  let count = 0;
  from.on('data', (data) => {
    held = Buffer.concat([held, data]);
    while (held.length >= 5 && held.length >= 5 + held.readUInt16BE(3)) {
      const end = 5 + held.readUInt16BE(3);
      const record = held.subarray(0, end);
      held = held.subarray(end);
      if (count++ === chosen) to.write(mutateRecord(record, to, below));
      else to.write(record);
    }
  });
  from.on('end', () => to.end());
}

function mutateRecord(record: Buffer, to: Socket, below: (limit: number) => number): Buffer {
  const alert = Buffer.from([21, 3, 3, 0, 2, 1 + below(2), below(256)]);
  switch (below(8)) {
    case 0:
      return Buffer.concat([record, record]);
    case 1:
      return Buffer.concat([alert, record]);
    case 2:
      return Buffer.concat([record, alert]);
    case 3:
      // Behind a record that is cut off nothing comes.
      to.end(record.subarray(0, below(record.length)));
      return Buffer.alloc(0);
    case 4:
      return Buffer.from(Array.from({ length: 1 + below(200) }, () => below(256)));
    case 5:
      return Buffer.concat([record.subarray(0, 5), mutateBytes(record.subarray(5), below)]);
    default:
      return mutateBytes(record, below);
  }
}

const oddNames: readonly OddName[] = [
  'criticalExtension',
  'shortKey',
  'md5',
  'sha1',
  'forClients',
  'forSigning',
  'manyNames',
  'nulInName',
  'unreadableNames',
  'signedOutsideItsNames',
  'signedByNoAuthority',
  'unreadableEnd',
];

let made: Promise<readonly Certificate[]> | null = null;

/** What the certificates of the rows are made from. Their keys are new in every process. */
async function baseCertificates(): Promise<readonly Certificate[]> {
  made ??= makeBases();
  return made;
}

async function makeBases(): Promise<readonly Certificate[]> {
  const { good, expired, notYetValid, wrongHost, selfSigned } = await certificates();
  const odd = await Promise.all(oddNames.map(oddCertificate));
  return [good, expired, notYetValid, wrongHost, selfSigned, ...odd];
}

/** The certificate of a row: one that openssl has made, with its DER changed in one to three places. */
export async function certificateOf(seed: number, row: number): Promise<{ key: string; der: Buffer }> {
  const bases = await baseCertificates();
  const below = numbersOf(seed, row);
  const base = one(below, bases);
  let der: Buffer = new X509Certificate(base.cert).raw;
  const parts = 1 + below(3);
  for (let part = 0; part < parts; part++) {
    if (below(3) === 0) der = mutateBytes(der, below);
    else {
      // A byte for a byte: all lengths stay right, so that openssl reads on.
      der = Buffer.from(der);
      der[below(der.length)] = below(256);
    }
  }
  return { key: base.key, der };
}

export function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

/** Each row has a certificate of its own. What no TLS server would load comes in a handshake made by hand. */
export async function certificateServer(seed: number): Promise<FuzzServer> {
  const serve = async (socket: Socket): Promise<void> => {
    const row = numberOf(socket.localAddress, block);
    const { key, der } = await certificateOf(seed, row);
    let context;
    try {
      context = tls.createSecureContext({ key, cert: pem(der), ciphers: 'DEFAULT@SECLEVEL=0' });
    } catch {
      socket.once('data', () => socket.end(handshakeWith(der)));
      return;
    }
    answerOver(socket, context, tokenOf(seed, row));
  };
  await baseCertificates();
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.setTimeout(idle, () => socket.destroy());
    void serve(socket);
  });
  const port = await listen(server);
  return { urlOf: urlsAt(port), close: () => server.close() };
}

/** ServerHello, Certificate and ServerHelloDone of TLS 1.2 (RFC 5246, 7.4), in a record each. */
function handshakeWith(der: Buffer): Buffer {
  const hello = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 7), Buffer.from([0, 0xc0, 0x2b, 0])]);
  const chain = withLength24(withLength24(der));
  return Buffer.concat([handshake(2, hello), handshake(11, chain), handshake(14, Buffer.alloc(0))]);
}

function handshake(type: number, body: Buffer): Buffer {
  const message = Buffer.concat([Buffer.from([type]), withLength24(body)]);
  const head = Buffer.from([22, 3, 3, 0, 0]);
  head.writeUInt16BE(message.length, 3);
  return Buffer.concat([head, message]);
}

function withLength24(bytes: Buffer): Buffer {
  const length = Buffer.alloc(3);
  length.writeUIntBE(bytes.length, 0, 3);
  return Buffer.concat([length, bytes]);
}
