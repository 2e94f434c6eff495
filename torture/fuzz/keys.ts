import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { der, oid, sequence, tags } from './der.ts';

/** A key pair. */
export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const ec = (namedCurve: string, paramEncoding: 'named' | 'explicit' = 'named'): Pair =>
  generateKeyPairSync('ec', { namedCurve, paramEncoding });

const makers = {
  p256: () => ec('P-256'),
  authority: () => ec('P-256'),
  stranger: () => ec('P-256'),
  middle: () => ec('P-256'),
  p384: () => ec('P-384'),
  p521: () => ec('P-521'),
  p224: () => ec('P-224'),
  k1: () => ec('secp256k1'),
  brainpool: () => ec('brainpoolP256r1'),
  explicit: () => ec('P-256', 'explicit'),
  rsa512: () => generateKeyPairSync('rsa', { modulusLength: 512 }),
  rsa1024: () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  rsa2048: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  rsaExponent: () => generateKeyPairSync('rsa', { modulusLength: 1024, publicExponent: 3 }),
  rsaPss: () => generateKeyPairSync('rsa-pss', { modulusLength: 1024 }),
  ed25519: () => generateKeyPairSync('ed25519'),
  ed448: () => generateKeyPairSync('ed448'),
} satisfies Record<string, () => Pair>;

export type KeyName = keyof typeof makers;

const made = new Map<KeyName, Pair>();

/** The key pair of this name, made on first use and new in every process. */
export function pairOf(name: KeyName): Pair {
  const pair = made.get(name) ?? makers[name]();
  made.set(name, pair);
  return pair;
}

export type Hash = 'md5' | 'sha1' | 'sha256' | 'sha512';

const algorithms = {
  ec: {
    md5: '1.2.840.10045.4.1',
    sha1: '1.2.840.10045.4.1',
    sha256: '1.2.840.10045.4.3.2',
    sha512: '1.2.840.10045.4.3.4',
  },
  rsa: {
    md5: '1.2.840.113549.1.1.4',
    sha1: '1.2.840.113549.1.1.5',
    sha256: '1.2.840.113549.1.1.11',
    sha512: '1.2.840.113549.1.1.13',
  },
} as const;

/** The AlgorithmIdentifier of a signature, in DER. */
export function algorithmOf({ privateKey }: Pair, hash: Hash): Buffer {
  switch (privateKey.asymmetricKeyType) {
    case 'ed25519':
      return sequence(oid('1.3.101.112'));
    case 'ed448':
      return sequence(oid('1.3.101.113'));
    case 'ec':
      return sequence(oid(algorithms.ec[hash]));
    default:
      return sequence(oid(algorithms.rsa[hash]), der(tags.null));
  }
}

export function signed({ privateKey }: Pair, hash: Hash, bytes: Buffer): Buffer {
  const type = privateKey.asymmetricKeyType;
  if (type === 'ed25519' || type === 'ed448') return sign(null, bytes, privateKey);
  // Node cannot sign with ECDSA and MD5, and a SHA-512 hash does not fit a 512-bit RSA key: another hash is
  // used for those.
  const isShort = privateKey.asymmetricKeyDetails?.modulusLength === 512 && hash === 'sha512';
  return sign(isShort ? 'sha256' : type === 'ec' && hash === 'md5' ? 'sha1' : hash, bytes, privateKey);
}
