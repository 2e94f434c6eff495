import { bitString, boolean, der, explicit, implicit, integer, oid, sequence, tags } from './der.ts';
import { algorithmOf, pairOf, signed } from './keys.ts';
import type { Hash, KeyName } from './keys.ts';

/** The contents of a certificate (RFC 5280, 4.1). */
export interface Plan {
  /** Null for version 1, which has no version field. */
  version: number | null;
  /** The bytes in hex. */
  serial: string;
  hash: Hash;
  /** In DER, like subject, dates and the values of extensions. */
  issuer: Buffer;
  subject: Buffer;
  notBefore: Buffer;
  notAfter: Buffer;
  key: KeyName;
  signer: KeyName;
  extensions: Extension[];
  /** Signature algorithm outside the signed part, if different from the one inside. */
  outerAlgorithm?: Buffer;
}

export interface Extension {
  readonly id: string;
  readonly value: Buffer;
  readonly critical?: boolean;
}

export const ids = {
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  names: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlPoints: '2.5.29.31',
  policies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKey: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityAccess: '1.3.6.1.5.5.7.1.1',
  ipBlocks: '1.3.6.1.5.5.7.1.7',
  autonomousSystems: '1.3.6.1.5.5.7.1.8',
  proxy: '1.3.6.1.5.5.7.1.14',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
  timestamps: '1.3.6.1.4.1.11129.2.4.2',
  netscapeType: '2.16.840.1.113730.1.1',
} as const;

/** A Name with one commonName. */
export function commonName(text: string | Buffer, tag: number = tags.utf8): Buffer {
  return sequence(der(tags.set, sequence(oid('2.5.4.3'), der(tag, text))));
}

/** A GeneralName. Kinds: 2 is a DNS name, 6 a URI, 7 an IP address, … */
export function generalName(kind: number, content: Buffer | string): Buffer {
  return implicit(kind, content);
}

export function subjectNames(...all: readonly Buffer[]): Extension {
  return { id: ids.names, value: sequence(...all) };
}

export function basicConstraints(...parts: readonly Buffer[]): Extension {
  return { id: ids.basicConstraints, value: sequence(...parts), critical: true };
}

/** The time this many days from now. */
export function time(days: number): Buffer {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return der(tags.utcTime, `${at.slice(2, 19).replaceAll(/[-:T]/g, '')}Z`);
}

/** A correct certificate, for a server by default. */
export function rightPlan(about: Partial<Plan>): Plan {
  return {
    version: 3,
    serial: '2a',
    hash: 'sha256',
    issuer: commonName('authority'),
    subject: commonName('server'),
    notBefore: time(-1),
    notAfter: time(2),
    key: 'p256',
    signer: 'authority',
    extensions: [],
    ...about,
  };
}

/** The certificate of an authority, self-signed by default. */
export function authorityPlan(name: string, key: KeyName, about: Partial<Plan> = {}): Plan {
  const extensions = [basicConstraints(boolean(true))];
  return rightPlan({
    subject: commonName(name),
    issuer: commonName(name),
    key,
    signer: key,
    extensions,
    ...about,
  });
}

/** The signed part. */
export function tbsOf(plan: Plan): Buffer {
  const { version, serial, hash, issuer, subject, notBefore, notAfter, key, signer, extensions } = plan;
  const head = version === null ? [] : [explicit(0, integer((version - 1).toString(16).padStart(2, '0')))];
  const tail = extensions.length === 0 ? [] : [explicit(3, sequence(...extensions.map(extensionOf)))];
  return sequence(
    ...head,
    integer(serial),
    algorithmOf(pairOf(signer), hash),
    issuer,
    sequence(notBefore, notAfter),
    subject,
    pairOf(key).publicKey.export({ type: 'spki', format: 'der' }),
    ...tail,
  );
}

export function extensionOf({ id, value, critical = false }: Extension): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), der(tags.octetString, value));
}

/** A certificate with a correct signature, whatever its content. */
export function certify(tbs: Buffer, { signer, hash, outerAlgorithm }: Plan): Buffer {
  const pair = pairOf(signer);
  return sequence(tbs, outerAlgorithm ?? algorithmOf(pair, hash), bitString(signed(pair, hash, tbs)));
}

export function pem(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}
