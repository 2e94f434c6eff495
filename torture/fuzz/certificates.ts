import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';

import {
  authorityPlan,
  certify,
  generalName,
  pem,
  rightPlan,
  subjectNames,
  tbsOf,
} from './build-certificate.ts';
import type { Plan } from './build-certificate.ts';
import { pairOf } from './keys.ts';
import { mutateBytes, numbersOf, one, tokenOf } from './mutation.ts';
import type { Below } from './mutation.ts';
import { oddities } from './oddities.ts';
import type { Chain } from './oddities.ts';
import { addressOf, answerOver, block, listen, numberOf, urlsAt } from './servers.ts';
import type { FuzzServer } from './servers.ts';
import { mutateTree } from './tree.ts';

/** What the server sends for one row. */
export interface Sent {
  /** The key of the first certificate, PEM. */
  readonly key: string;
  /** DER; the server's own certificate first. */
  readonly chain: readonly Buffer[];
  /** Names of the oddities in the chain. */
  readonly words: readonly string[];
}

/** The authority to trust, as PEM. */
export function authority(): string {
  const plan = authorityPlan('authority', 'authority');
  return pem(certify(tbsOf(plan), plan));
}

/** A correct certificate for localhost and the row's address. */
export function rightChain(row: number): [Plan] {
  const address = Buffer.from(addressOf(row, block).split('.').map(Number));
  return [rightPlan({ extensions: [subjectNames(generalName(2, 'localhost'), generalName(7, address))] })];
}

/** Oddities that come in many kinds are listed several times, so that they are drawn more often. */
const oddityNames = [
  ...Object.keys(oddities),
  ...Array<string>(8).fill('extension'),
  ...Array<string>(4).fill('names'),
];

/**
 * The certificates of a row, with up to three oddities. In half of the rows, one certificate is also mutated.
 */
export function certificatesOf(seed: number, row: number): Sent {
  const below = numbersOf(seed, row);
  const chain: Chain = rightChain(row);
  const words: string[] = [];
  for (let left = below(4); left > 0; left--) {
    const name = one(below, oddityNames);
    oddities[name]?.(chain, below);
    words.push(name);
  }
  const mutated = below(2) === 0 ? below(chain.length) : -1;
  if (mutated >= 0) words.push(`certificate ${mutated + 1} mutated`);
  const sent = chain.map((plan, index) =>
    index === mutated ? mutatedCertificate(plan, below) : certify(tbsOf(plan), plan),
  );
  const key = pairOf(chain[0]?.key ?? 'p256').privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { key: String(key), chain: sent, words };
}

/**
 * Mutates a certificate: in three of four cases before it is signed, so that the signature is right, and
 * often retried until the certificate can be loaded.
 */
function mutatedCertificate(plan: Plan, below: Below): Buffer {
  const tbs = tbsOf(plan);
  if (below(4) === 0) return mutateBytes(certify(tbs, plan), below);
  for (let attempts = one(below, [1, 8]); ; attempts--) {
    let mutated = mutateTree(tbs, below);
    if (below(2) === 0) mutated = one(below, [mutateTree, mutateBytes])(mutated, below);
    const certificate = certify(mutated, plan);
    if (attempts === 1 || canBeLoaded(certificate)) return certificate;
  }
}

function canBeLoaded(certificate: Buffer): boolean {
  try {
    return new X509Certificate(certificate).publicKey !== null;
  } catch {
    return false;
  }
}

/**
 * A server with different certificates for each row. Those that no TLS server would load are sent in a
 * handshake written by hand.
 */
export async function certificateServer(seed: number, dir: string): Promise<FuzzServer> {
  let real = 0;
  let byHand = 0;
  const serve = (socket: Socket): void => {
    const row = numberOf(socket.localAddress, block);
    const { key, chain } = certificatesOf(seed, row);
    let context;
    try {
      context = tls.createSecureContext({
        key,
        cert: chain.map(pem).join(''),
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
    } catch {
      byHand++;
      socket.once('data', () => socket.end(handshakeWith(chain)));
      return;
    }
    real++;
    answerOver(socket, context, tokenOf(seed, row));
  };
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  const trusted = join(dir, 'authority.pem');
  await writeFile(trusted, authority());
  return {
    urlOf: urlsAt(await listen(server)),
    modes: [[], ['--insecure'], ['--cacert', trusted]],
    show: (row) => {
      const { chain, words } = certificatesOf(seed, row);
      return `${words.join(', ')}\n${chain.map(pem).join('')}`;
    },
    figures: () => [`${real} came in a real handshake, ${byHand} in one made by hand`],
    close: () => server.close(),
  };
}

/** The only extension in the ServerHello: without it OpenSSL reads no further (RFC 5746). */
const secureRenegotiation = Buffer.from([0, 5, 0xff, 1, 0, 1, 0]);

/** ServerHello, Certificate and ServerHelloDone of TLS 1.2 (RFC 5246, 7.4). */
function handshakeWith(chain: readonly Buffer[]): Buffer {
  const head = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 7), Buffer.from([0, 0xc0, 0x2b, 0])]);
  const hello = Buffer.concat([head, secureRenegotiation]);
  const list = withLength24(Buffer.concat(chain.map(withLength24)));
  return records(Buffer.concat([message(2, hello), message(11, list), message(14, Buffer.alloc(0))]));
}

function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), withLength24(body)]);
}

/** Handshake messages in records of at most 2 ** 14 bytes. */
function records(messages: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < messages.length; at += 2 ** 14) {
    const part = messages.subarray(at, at + 2 ** 14);
    const head = Buffer.from([22, 3, 3, 0, 0]);
    head.writeUInt16BE(part.length, 3);
    parts.push(head, part);
  }
  return Buffer.concat(parts);
}

function withLength24(bytes: Buffer): Buffer {
  const length = Buffer.alloc(3);
  length.writeUIntBE(bytes.length, 0, 3);
  return Buffer.concat([length, bytes]);
}
