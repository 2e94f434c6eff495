import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

import { commonName, extensionOf, ids, pem, time } from '../../torture/fuzz/build-certificate.ts';
import type { Extension } from '../../torture/fuzz/build-certificate.ts';
import { bitString, der, explicit, implicit, integer, sequence, tags } from '../../torture/fuzz/der.ts';
import { algorithmOf, signed } from '../../torture/fuzz/keys.ts';
import type { Pair } from '../../torture/fuzz/keys.ts';

/** What is said of a certificate. */
export interface About {
  /** Its common name. */
  readonly name: string;
  readonly extensions: readonly Extension[];
  /** Days from now at which it becomes valid, and ceases to be. */
  readonly valid: readonly [from: number, to: number];
  /** Who signs it; null: it does so itself. */
  readonly by: Issued | null;
  /** Whether it tells its issuer's key, if that is another one. */
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
 * A certificate with a key of its own, and with what `openssl req` and `openssl ca` put into one. Made here, as those take
 * more than ten times as long, and tests need hundreds.
 */
export function issued({ name, extensions, valid, by, tellsKey = true }: About): Issued {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = by?.pair ?? pair;
  const issuerKey = sequence(implicit(0, keyHash(signer)));
  const all = [...extensions, { id: ids.subjectKey, value: der(tags.octetString, keyHash(pair)) }];
  if (by !== null && tellsKey) all.push({ id: ids.authorityKey, value: issuerKey });
  const told = sequence(
    explicit(0, integer('02')),
    // Not negative, and as short as DER wants it.
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

/** By which a key is named: of its point on the curve. */
function keyHash({ publicKey }: Pair): Buffer {
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  return createHash('sha1').update(point).digest();
}
