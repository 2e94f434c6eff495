import { randomBytes } from 'node:crypto';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { addressRecord, aliasRecord, nameServer } from '../../helpers/name-server.ts';
import type { Reply } from '../../helpers/name-server.ts';
import { namesOf, over, trouble, v4 } from '../../helpers/names.ts';

const truth = [v4('192.0.2.1')];
const good: Reply = { a: ['192.0.2.1'] };
const forged = (owner: string): Buffer => addressRecord(owner, '203.0.113.1');

/** Sends other messages before the right one; they must be ignored. */
const ignored = test.macro(async (t: ExecutionContext, others: (message: Buffer) => readonly Buffer[]) => {
  const { names, server } = await over(t, () => ({
    ...good,
    instead: (message) => [...others(message), message],
  }));
  t.deepEqual(await names.lookup('a.test'), truth);
  t.is(server.asked(), 1);
});

/** A message's header alone, with this code and number of questions. */
function header(message: Buffer, code: number, questions: number): Buffer {
  const bare = Buffer.from(message.subarray(0, 12));
  bare.writeUInt16BE(0x8180 | code, 2);
  bare.writeUInt16BE(questions, 4);
  bare.writeUInt16BE(0, 6);
  return bare;
}

/** A copy of the message with some bytes changed. */
function changed(message: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(message);
  // A different address: the message would be believed if it were not for the change.
  copy[copy.length - 4] = 203;
  change(copy);
  return copy;
}

test('an empty message is ignored', ignored, () => [Buffer.alloc(0)]);
test('a header that is cut is ignored', ignored, (message) => [message.subarray(0, 11)]);
test('random bytes are ignored', ignored, () =>
  Array.from({ length: 20 }, (_, i) => randomBytes(4 ** (i % 6))),
);
test('an NXDOMAIN without its question is ignored', ignored, (message) => [header(message, 3, 0)]);
test('a SERVFAIL without its question is ignored', ignored, (message) => [header(message, 2, 0)]);
test('a REFUSED without its question is ignored', ignored, (message) => [header(message, 5, 0)]);
test('a question that is promised and not there is none', ignored, (message) => [header(message, 3, 1)]);
test('an answer without a question is ignored', ignored, (message) => {
  const bare = header(message, 0, 0);
  bare.writeUInt16BE(1, 6);
  return [Buffer.concat([bare, forged('a.test')])];
});
test('an answer with another id is ignored', ignored, (message) => [
  changed(message, (copy) => copy.writeUInt16BE((message.readUInt16BE(0) + 1) & 0xffff, 0)),
]);
test('an answer for another name is ignored', ignored, (message) => [
  changed(message, (copy) => void copy.write('b', 13)),
]);
test('an answer for another type is ignored', ignored, (message) => [
  changed(message, (copy) => void (copy[21] = 16)),
]);
test('an answer for another class is ignored', ignored, (message) => [
  changed(message, (copy) => void (copy[23] = 3)),
]);
test('an NXDOMAIN for another name is ignored', ignored, (message) => [
  changed(message, (copy) => {
    copy[3] = 0x83;
    copy.write('b', 13);
  }),
]);
test('a query is no answer', ignored, (message) => [changed(message, (copy) => void (copy[2] = 1))]);

const inOtherLetters = (message: Buffer): Buffer[] => [
  Buffer.concat([message.subarray(0, 12), Buffer.from('\u0001A\u0004tEsT\0'), message.subarray(20)]),
];

test('a question in other letters is the same', async (t) => {
  const { names } = await over(t, () => ({ ...good, instead: inOtherLetters }));
  t.deepEqual(await names.lookup('a.test'), truth);
});

test('an address of a name that was not asked for is not used, now or later', async (t) => {
  const { names, server } = await over(t, {
    'a.test': { ...good, answers: [forged('b.test')], additional: [forged('c.test'), forged('a.test')] },
    'b.test': { a: ['192.0.2.2'] },
    'c.test': { code: 'nxdomain' },
    'd.test': { answers: [forged('b.test')] },
    'e.test': { answers: [aliasRecord('b.test', 'f.test'), forged('f.test')] },
  });
  t.deepEqual(await names.lookup('a.test'), truth);
  t.deepEqual(await names.lookup('b.test'), [v4('192.0.2.2')]);
  t.is((await trouble(names, 'c.test')).failure, 'dns-not-found');
  t.is((await trouble(names, 'd.test')).failure, 'dns-not-found');
  t.is((await trouble(names, 'e.test')).failure, 'dns-not-found');
  t.is(server.asked(), 5);
});

test('a chain of aliases is followed in whatever order it comes', async (t) => {
  const chain = Array.from({ length: 40 }, (_, i) =>
    aliasRecord(i === 0 ? 'a.test' : `n${i}.test`, `N${i + 1}.test`),
  );
  const { names } = await over(t, () => ({
    answers: [addressRecord('n40.TEST', '192.0.2.1'), ...chain.toReversed()],
  }));
  t.deepEqual(await names.lookup('a.test'), truth);
});

test('a chain of aliases that goes round has no address', async (t) => {
  const answers = [aliasRecord('a.test', 'b.test'), aliasRecord('b.test', 'a.test'), forged('c.test')];
  const { names } = await over(t, () => ({ answers }));
  t.is((await trouble(names, 'a.test')).failure, 'dns-not-found');
});

test('4,096 bytes of answers are read', async (t) => {
  const a = Array.from({ length: 180 }, (_, i) => `192.0.2.${i + 1}`);
  const { names } = await over(t, () => ({ a }));
  t.deepEqual(await names.lookup('a.test'), a.slice(0, 6).map(v4));
});

/** Replaces the owner of the message's answer by these bytes; without `rest`, the message ends there. */
const owned =
  (owner: readonly number[], rest = true) =>
  (message: Buffer): Buffer[] => [
    Buffer.concat([
      message.subarray(0, 24),
      Buffer.from(owner),
      rest ? message.subarray(32) : Buffer.alloc(0),
    ]),
  ];

/** Such an answer is a temporary failure, and other names can still be looked up. */
const senseless = test.macro(async (t: ExecutionContext, instead: (message: Buffer) => readonly Buffer[]) => {
  const { names } = await over(t, (name) => (name === 'a.test' ? { ...good, instead } : good));
  t.deepEqual(await trouble(names, 'a.test'), {
    failure: 'dns-failure',
    message: 'a.test: the answer of the name server makes no sense',
  });
  t.deepEqual(await names.lookup('b.test'), truth);
});

test('a pointer to itself', senseless, owned([0xc0, 24]));
test('pointers to one another', senseless, owned([0xc0, 26, 0xc0, 24]));
test('a name that leads back into itself', senseless, owned([1, 97, 0xc0, 24]));
test('a pointer behind the end', senseless, owned([0xff, 0xff]));
test('a label of a kind that is not known', senseless, owned([0x80, 97, 0]));
test('a name that breaks off', senseless, owned([60, 97], false));
test('a record that breaks off', senseless, (message) => [message.subarray(0, -1)]);
test('more records than there are', senseless, (message) => [
  changed(message, (copy) => copy.writeUInt16BE(0xffff, 6)),
]);

test('the next server is asked when the answer of one makes no sense', async (t) => {
  const broken = await nameServer(t, () => ({ ...good, instead: owned([0xc0, 24]) }));
  const other = await nameServer(t, () => good);
  const names = namesOf(t, { servers: [broken.address, other.address] });
  t.deepEqual(await names.lookup('a.test'), truth);
});

test('a time that is too long or none is brought to bounds', async (t) => {
  let now = 0;
  const zone = { 'a.test': { ...good, ttl: 0x7fff_ffff }, 'b.test': { ...good, ttl: 0 } };
  const { names } = await over(t, zone, { now: () => now });
  await names.lookup('a.test');
  await names.lookup('b.test');
  now = 9999;
  t.deepEqual(names.lookup('b.test'), truth);
  now = 3_600_000;
  t.true(names.lookup('a.test') instanceof Promise);
});

test('that a name does not exist is never believed for ever', async (t) => {
  let now = 0;
  const zone = {
    'a.test': { code: 'nxdomain', soa: 0x7fff_ffff },
    'b.test': {},
    'c.test': { soa: 100 },
  } as const;
  const { names, server } = await over(t, zone, { now: () => now });
  for (const name of ['a.test', 'b.test', 'c.test']) await trouble(names, name);
  now = 59_999;
  for (const name of ['a.test', 'b.test', 'c.test'])
    t.is((await trouble(names, name)).failure, 'dns-not-found');
  t.is(server.asked(), 3);
  now = 100_000;
  for (const name of ['a.test', 'b.test', 'c.test']) await trouble(names, name);
  t.is(server.asked(), 5);
  now = 3_600_000;
  await trouble(names, 'a.test');
  t.is(server.asked(), 6);
});

test('a server that refers to others instead of resolving says nothing of the name', async (t) => {
  const lame = await nameServer(t, () => ({ referral: true }));
  const other = await nameServer(t, () => good);
  t.deepEqual(await namesOf(t, { servers: [lame.address, other.address] }).lookup('a.test'), truth);
  t.deepEqual(await trouble(namesOf(t, { servers: [lame.address] }), 'a.test'), {
    failure: 'dns-failure',
    message: 'a.test: the name server refers to others instead of resolving',
  });
});

test('an alias that a server does not follow says nothing of the name', async (t) => {
  const { names } = await over(t, () => ({ referral: true, answers: [aliasRecord('a.test', 'b.test')] }));
  t.is((await trouble(names, 'a.test')).failure, 'dns-failure');
});

test('it is dns-failure only when all servers fail', async (t) => {
  const failing = [
    { code: 'servfail' },
    { code: 'refused' },
    { referral: true },
    { code: 'formerr' },
  ] as const;
  const servers = await Promise.all(failing.map(async (reply) => nameServer(t, () => reply)));
  const texts = servers.map(({ address }) => address);
  t.is((await trouble(namesOf(t, { servers: texts }), 'a.test')).failure, 'dns-failure');
  t.true(servers.every((server) => server.asked() > 0));
  const last = await nameServer(t, () => good);
  t.deepEqual(await namesOf(t, { servers: [...texts, last.address] }).lookup('a.test'), truth);
});

/** A server that rejects EDNS is asked again without it, and from then on is always asked without it. */
const plain = test.macro(async (t: ExecutionContext, edns: 'formerr' | 'bare' | 'badvers') => {
  const { names, server } = await over(t, {
    'a.test': { ...good, edns },
    'b.test': { ...good, edns },
    'c.test': { code: 'nxdomain', edns },
  });
  t.deepEqual(await names.lookup('a.test'), truth);
  t.deepEqual(await names.lookup('b.test'), truth);
  t.is((await trouble(names, 'c.test')).failure, 'dns-not-found');
  t.is(server.asked(), 4);
  t.is(server.withEdns(), 1);
});

test('a server that answers EDNS with FORMERR is asked without it', plain, 'formerr');
test('a server that answers EDNS with a bare FORMERR is asked without it', plain, 'bare');
test('a server that answers EDNS with BADVERS is asked without it', plain, 'badvers');
