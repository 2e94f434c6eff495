import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

import { commonName, extensionOf, ids, pem, time } from '../../torture/fuzz/build-certificate.ts';
import type { Extension } from '../../torture/fuzz/build-certificate.ts';
import { bitString, der, explicit, implicit, integer, sequence, tags } from '../../torture/fuzz/der.ts';
import { algorithmOf, signed } from '../../torture/fuzz/keys.ts';
import type { Pair } from '../../torture/fuzz/keys.ts';

/** What a certificate contains. */
export interface About {
  /** Its common name. */
  readonly name: string;
  readonly extensions: readonly Extension[];
  /** Start and end of validity, in days from now. */
  readonly valid: readonly [from: number, to: number];
  /** Who signs it; null for a self-signed one. */
  readonly by: Issued | null;
  /** Whether it has an authority key identifier, if another one signed it. Default: true. */
  readonly tellsKey?: boolean;
}

export interface Issued {
  readonly name: string;
  readonly pair: Pair;
  /** PEM */
  readonly key: string;
  /** PEM */
  readonly cert: string;
}

/**
 * A certificate with a new key and the extensions that `openssl req` and `openssl ca` add. It is made without
 * openssl, which takes more than ten times as long, and tests need hundreds.
 */
export function issued({ name, extensions, valid, by, tellsKey = true }: About): Issued {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = by?.pair ?? pair;
  const issuerKey = sequence(implicit(0, keyHash(signer)));
  const all = [...extensions, { id: ids.subjectKey, value: der(tags.octetString, keyHash(pair)) }];
  if (by !== null && tellsKey) all.push({ id: ids.authorityKey, value: issuerKey });
  const told = sequence(
    explicit(0, integer('02')),
    // The 40 keeps the serial number positive, and needs no leading zero byte in DER.
    integer(`40${randomBytes(19).toString('hex')}`),
    algorithmOf(signer, 'sha256'),
    commonName(by?.name ?? name),
    sequence(...valid.map(time)),
    commonName(name),
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...all.map(extensionOf))),
  );
  return {
    name,
    pair,
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: pem(sequence(told, algorithmOf(signer, 'sha256'), bitString(signed(signer, 'sha256', told)))),
  };
}

/** The key identifier: SHA-1 of the point on the curve. */
function keyHash({ publicKey }: Pair): Buffer {
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  return createHash('sha1').update(point).digest();
}
