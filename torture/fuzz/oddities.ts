import {
  authorityPlan,
  basicConstraints,
  commonName,
  generalName,
  ids,
  rightPlan,
  subjectNames,
  time,
} from './build-certificate.ts';
import type { Extension, Plan } from './build-certificate.ts';
import { boolean, der, explicit, implicit, integer, oid, sequence, tags } from './der.ts';
import { algorithmOf, pairOf } from './keys.ts';
import type { Hash, KeyName } from './keys.ts';
import { one } from './mutation.ts';
import type { Below } from './mutation.ts';

/** The certificates that a server sends, its own first; the trusted root is not included. */
export type Chain = Plan[];

export type Oddity = (chain: Chain, below: Below) => void;

const keys: readonly KeyName[] = [
  'p384',
  'p521',
  'p224',
  'k1',
  'brainpool',
  'explicit',
  'rsa512',
  'rsa1024',
  'rsa2048',
  'rsaExponent',
  'rsaPss',
  'ed25519',
  'ed448',
];

const times: readonly Buffer[] = [
  ...['500101000000Z', '491231235959Z', '000000000000Z', '2613', '', '261301000000Z', '260230000000Z'].map(
    (text) => der(tags.utcTime, text),
  ),
  ...['260101000000+2500', '2601010000Z', '260101000000', '26010100000\0Z', '-60101000000Z'].map((text) =>
    der(tags.utcTime, text),
  ),
  ...['99991231235959Z', '00000101000000Z', '00010101000000Z', '20260101000000.123Z', '999912312359599Z'].map(
    (text) => der(tags.generalizedTime, text),
  ),
  der(tags.utf8, '260101000000Z'),
  integer('7f'),
];

const texts: readonly (string | Buffer)[] = [
  '',
  'local\0host',
  '\x1b[2J\x1b]0;title\x07',
  'a\r\nb\tc',
  '<script>alert(1)</script>, DNS:localhost',
  'DNS:"quoted", IP Address:127.0.0.1',
  '"=CMD()"',
  '*',
  '*.*.*',
  '.localhost.',
  'localhost.',
  'xn--\xff\xfe',
  '\xc3\x28\xf0\x82\x82\xac',
  Buffer.from('\u202e\u2066\ud83d\ude00é', 'utf8'),
  Buffer.from('odd length', 'utf16le').subarray(1),
  'a.'.repeat(200),
  'x'.repeat(20_000),
];

const stringTags = [
  tags.utf8,
  tags.printable,
  tags.t61,
  tags.ia5,
  tags.universal,
  tags.bmp,
  0x1a,
  0x1b,
  0x13,
];

/** A GeneralName of any kind, valid or not. */
function oddName(below: Below): Buffer {
  const text = one(below, texts);
  switch (below(10)) {
    case 0:
      return explicit(0, oid('1.3.6.1.5.5.7.8.9'), explicit(0, der(one(below, stringTags), text)));
    case 1:
      return explicit(0, oid('1.3.6.1.4.1.311.20.2.3'), explicit(0, sequence(integer('01'))));
    case 2:
      return generalName(1, text);
    case 3:
      return generalName(6, one(below, ['http://localhost/', 'http://[::1', '//', 'file:///etc/x', text]));
    case 4:
      return generalName(7, Buffer.alloc(one(below, [0, 3, 4, 5, 8, 16, 17, 32]), 255));
    case 5:
      return explicit(4, commonName(text, one(below, stringTags)));
    case 6:
      return generalName(8, one(below, ['', '\x80', '\x2a\x86\x48', '\xff'.repeat(30)]));
    case 7:
      return explicit(one(below, [3, 5, 9, 15]), sequence(der(tags.utf8, text)));
    default:
      return generalName(2, text);
  }
}

const usages = ['', '03020780', '03020106', '030100', '0303070080', '0301ff', '0500', '03020284'];
const purposes = [
  '1.3.6.1.5.5.7.3.2',
  '1.3.6.1.5.5.7.3.3',
  '1.3.6.1.5.5.7.3.9',
  '2.5.29.37.0',
  '2.16.840.1.113730.4.1',
  '1.2.3.4',
];
const anyPolicy = '2.5.29.32.0';

/** Extensions of many kinds, most of them odd. */
const extensions: readonly ((below: Below) => Extension)[] = [
  (below) => ({ id: '1.2.3.4', value: der(tags.null), critical: below(2) === 0 }),
  (below) => ({ id: ids.keyUsage, value: Buffer.from(one(below, usages), 'hex'), critical: below(2) === 0 }),
  (below) => ({
    id: ids.extendedUsage,
    value: sequence(oid(one(below, purposes))),
    critical: below(2) === 0,
  }),
  (below) => basicConstraints(boolean(true), integer(one(below, ['00', 'ff', '7fffffffffffffffff', '']))),
  (below) => basicConstraints(boolean(below(2) === 0)),
  (below) => {
    const base = one(below, [
      generalName(2, 'other.example'),
      generalName(2, ''),
      generalName(7, Buffer.alloc(8)),
      generalName(7, Buffer.from([127, 0, 0, 0, 255, 0, 0, 0])),
      generalName(7, Buffer.alloc(7)),
      generalName(1, '.example'),
      generalName(6, '.example'),
      explicit(4, commonName('x')),
    ]);
    const subtrees = explicit(below(2), sequence(base));
    return { id: ids.nameConstraints, value: sequence(subtrees), critical: true };
  },
  (below) => ({
    id: ids.policies,
    value: sequence(
      sequence(oid(one(below, [anyPolicy, '1.2.3.4'])), sequence(sequence(oid('1.3.6.1.5.5.7.2.1')))),
    ),
    critical: below(2) === 0,
  }),
  (below) => ({
    id: ids.policyConstraints,
    value: sequence(implicit(below(2), one(below, ['\0', '\x7f', '\xff']))),
    critical: true,
  }),
  (below) => ({ id: ids.inhibitAnyPolicy, value: integer(one(below, ['00', 'ff', '7f'])), critical: true }),
  () => ({ id: ids.policyMappings, value: sequence(sequence(oid(anyPolicy), oid('1.2.3'))), critical: true }),
  (below) => ({ id: ids.subjectKey, value: der(tags.octetString, one(below, texts)) }),
  (below) => ({ id: ids.authorityKey, value: sequence(implicit(0, one(below, texts))) }),
  () => ({
    id: ids.authorityKey,
    value: sequence(explicit(1, explicit(4, commonName('nobody'))), implicit(2, '\x01')),
  }),
  (below) => ({
    id: ids.authorityAccess,
    value: sequence(sequence(oid('1.3.6.1.5.5.7.48.1'), oddName(below))),
  }),
  (below) => ({
    id: ids.crlPoints,
    value: sequence(sequence(explicit(0, explicit(0, oddName(below))))),
    critical: below(2) === 0,
  }),
  (below) => ({
    id: ids.ipBlocks,
    value: sequence(
      sequence(
        der(tags.octetString, '\0\x01'),
        one(below, [der(tags.null), sequence(der(tags.bitString, '\x09\0'))]),
      ),
    ),
    critical: below(2) === 0,
  }),
  () => ({ id: ids.autonomousSystems, value: sequence(explicit(0, der(tags.null))), critical: true }),
  () => ({ id: ids.proxy, value: sequence(sequence(oid('1.3.6.1.5.5.7.21.1'))), critical: true }),
  (below) => ({ id: ids.tlsFeature, value: sequence(integer(one(below, ['05', '7fffffff', '']))) }),
  (below) => ({ id: ids.timestamps, value: der(tags.octetString, one(below, texts)) }),
  (below) => ({ id: ids.netscapeType, value: Buffer.from(one(below, usages), 'hex') }),
  () => ({ id: '1.2.3.5', value: Buffer.alloc(60_000, 65) }),
];

/** Oddities of one certificate, by name. */
const inOne: Readonly<Record<string, (plan: Plan, below: Below) => void>> = {
  key: (plan, below) => void (plan.key = one(below, keys)),
  hash: (plan, below) => void (plan.hash = one(below, ['md5', 'sha1', 'sha512'] satisfies Hash[])),
  algorithm: (plan, below) => {
    plan.outerAlgorithm = one(below, [
      algorithmOf(pairOf('rsa1024'), 'sha256'),
      sequence(oid('1.2.3.4')),
      sequence(),
      sequence(oid('1.2.840.10045.4.3.2'), der(tags.null)),
    ]);
  },
  version: (plan, below) => {
    plan.version = one(below, [null, 1, 2, 4, 128]);
    if (below(2) === 0) plan.extensions = [];
  },
  serial: (plan, below) => {
    plan.serial = one(below, ['ff', '80', '00', '', '0000', 'ff'.repeat(20), '7f'.repeat(2000)]);
  },
  notBefore: (plan, below) => void (plan.notBefore = one(below, [...times, time(1)])),
  notAfter: (plan, below) => void (plan.notAfter = one(below, [...times, time(-1)])),
  subject: (plan, below) => {
    const name = commonName(one(below, texts), one(below, stringTags));
    plan.subject = one(below, [name, name, sequence(), der(tags.set), sequence(...Array(300).fill(name))]);
  },
  issuer: (plan, below) => {
    plan.issuer = one(below, [commonName('nobody'), sequence(), commonName('authority', tags.printable)]);
  },
  names: (plan, below) => {
    const odd = Array.from({ length: 1 + below(4) }, () => oddName(below));
    replaceNames(plan, (own) => (below(2) === 0 ? [...own, ...odd] : odd));
  },
  manyNames: (plan, below) => {
    const many = Array.from({ length: 300 + below(3000) }, (_, i) => generalName(2, `host${i}.example`));
    replaceNames(plan, (own) => [...many, ...own]);
  },
  noNames: (plan) => replaceNames(plan, () => []),
  otherNames: (plan) => replaceNames(plan, () => [generalName(2, 'other.example')]),
  unreadableNames: (plan) => {
    const value = der(tags.octetString, '123');
    plan.extensions = [{ id: ids.names, value, critical: true }];
  },
  extension: (plan, below) => {
    const more = Array.from({ length: 1 + below(3) }, () => one(below, extensions)(below));
    plan.extensions = [...plan.extensions, ...more];
  },
  twice: (plan) => void (plan.extensions = [...plan.extensions, ...plan.extensions]),
  critical: (plan) => {
    plan.extensions = plan.extensions.map((extension) => ({ ...extension, critical: true }));
  },
};

function replaceNames(plan: Plan, change: (own: readonly Buffer[]) => readonly Buffer[]): void {
  const own = plan.extensions.find(isNames);
  const others = plan.extensions.filter((extension) => !isNames(extension));
  const names = change(own === undefined ? [] : contentOf(own.value));
  plan.extensions = names.length === 0 ? others : [...others, subjectNames(...names)];
}

function isNames({ id }: Extension): boolean {
  return id === ids.names;
}

/** The content of a sequence, as one buffer. */
function contentOf(value: Buffer): readonly Buffer[] {
  const head = value.readUInt8(1) < 128 ? 2 : 2 + (value.readUInt8(1) & 127);
  return [value.subarray(head)];
}

/** Oddities of a chain, by name. */
const inChain: Readonly<Record<string, Oddity>> = {
  selfSigned: (chain) => {
    const [own] = chain as [Plan];
    Object.assign(own, { issuer: own.subject, signer: own.key });
    chain.length = 1;
  },
  unknownIssuer: (chain) => {
    Object.assign(chain.at(-1) as Plan, { issuer: commonName('stranger'), signer: 'stranger' });
  },
  selfSignedInChain: (chain) => {
    Object.assign(chain.at(-1) as Plan, { issuer: commonName('stranger'), signer: 'stranger' });
    chain.push(authorityPlan('stranger', 'stranger'));
  },
  wrongSigner: (chain) => void ((chain.at(-1) as Plan).signer = 'stranger'),
  byNoAuthority: (chain) => {
    behind(chain, rightPlan({ subject: commonName('middle'), key: 'middle' }));
  },
  byMiddle: (chain) => behind(chain, middle()),
  byOddMiddle: (chain, below) => {
    behind(chain, middle());
    one(below, Object.values(inOne))(chain.at(-1) as Plan, below);
  },
  longChain: (chain, below) => {
    const length = one(below, [3, 8, 30, 110]);
    for (let depth = 0; depth < length; depth++) {
      const last = chain.at(-1) as Plan;
      Object.assign(last, { issuer: commonName(`m${depth}`), signer: 'middle' });
      chain.push(
        authorityPlan(`m${depth}`, 'middle', { issuer: commonName('authority'), signer: 'authority' }),
      );
    }
  },
  loop: (chain) => {
    Object.assign(chain.at(-1) as Plan, { issuer: commonName('a'), signer: 'middle' });
    chain.push(authorityPlan('a', 'middle', { issuer: commonName('b'), signer: 'stranger' }));
    chain.push(authorityPlan('b', 'stranger', { issuer: commonName('a'), signer: 'middle' }));
  },
  doubled: (chain) => void chain.push(...chain.map((plan) => ({ ...plan }))),
  outOfOrder: (chain) => {
    behind(chain, middle());
    chain.splice(1, 0, authorityPlan('stranger', 'stranger'));
  },
  rootSent: (chain) => void chain.push(authorityPlan('authority', 'authority')),
};

function middle(): Plan {
  return authorityPlan('middle', 'middle', { issuer: commonName('authority'), signer: 'authority' });
}

/** Inserts a signer between the last certificate of a chain and the authority. */
function behind(chain: Chain, signer: Plan): void {
  Object.assign(chain.at(-1) as Plan, { issuer: commonName('middle'), signer: 'middle' });
  chain.push(signer);
}

/** All oddities by name. Those of one certificate are applied to the server's own. */
export const oddities: Readonly<Record<string, Oddity>> = {
  ...inChain,
  ...Object.fromEntries(
    Object.entries(inOne).map(([name, change]): [string, Oddity] => [
      name,
      (chain, below) => change(chain[0] as Plan, below),
    ]),
  ),
};
