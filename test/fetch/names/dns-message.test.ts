import test from 'ava';

import { decodeReply, encodeQuestion, failed, idOf } from '../../../src/fetch/names/dns-message.ts';

const question = encodeQuestion(0x1234, 'a.test', 4);
/** End of the question: header, name, type and class. */
const end = 12 + 8 + 4;

/** A reply to the question with these flags and answers. */
function replyTo(asked: Buffer, flags: number, answers: readonly Buffer[] = []): Buffer {
  const reply = Buffer.concat([asked.subarray(0, end), ...answers]);
  reply.writeUInt16BE(flags, 2);
  reply.writeUInt16BE(answers.length, 6);
  reply.writeUInt16BE(0, 10);
  return reply;
}

/** An answer whose owner is the name in the question. */
function answer(type: number, ttl: readonly number[], data: readonly number[]): Buffer {
  return Buffer.from([0xc0, 12, 0, type, 0, 1, ...ttl, 0, data.length, ...data]);
}

const address = answer(1, [0, 0, 1, 0], [192, 0, 2, 1]);

test('a question is a header, the name, type, class and EDNS', (t) => {
  t.is(
    question.toString('latin1'),
    '\x12\x34\x01\0\0\x01\0\0\0\0\0\x01' +
      '\x01a\x04test\0' +
      '\0\x01\0\x01' +
      '\0\0\x29\x04\xd0\0\0\0\0\0\0',
  );
  t.is(idOf(question), 0x1234);
});

test('a question for IPv6 has the type AAAA', (t) => {
  t.is(encodeQuestion(1, 'a.test', 6).readUInt16BE(end - 4), 28);
});

test('a message that is too short for a header has no id', (t) => {
  t.is(idOf(question.subarray(0, 11)), -1);
});

test('an address is read', (t) => {
  t.deepEqual(decodeReply(replyTo(question, 0x8180, [address]), question, 4), {
    code: '',
    addresses: ['192.0.2.1'],
    ttl: 256,
  });
});

test('IPv6 addresses are in their usual form', (t) => {
  const asked = encodeQuestion(1, 'a.test', 6);
  const first = answer(28, [0, 0, 0, 9], [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1f]);
  const second = answer(28, [0, 0, 0, 9], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]);
  const reply = decodeReply(replyTo(asked, 0x8180, [first, second]), asked, 6);
  t.deepEqual(reply?.addresses, ['2001:db8::1f', '::ffff:192.0.2.1']);
});

test('the TTL is the least of the chain that leads to the address', (t) => {
  const cname = answer(5, [0, 0, 0, 7], [1, 0x62, 0]);
  const target = Buffer.concat([Buffer.from([1, 0x62, 0]), address.subarray(2)]);
  t.is(decodeReply(replyTo(question, 0x8180, [cname, target]), question, 4)?.ttl, 7);
});

test('a TTL with the highest bit counts as zero', (t) => {
  const never = answer(1, [0x80, 0, 0, 1], [192, 0, 2, 1]);
  t.is(decodeReply(replyTo(question, 0x8180, [never]), question, 4)?.ttl, 0);
});

test('a reply without an address is ENODATA', (t) => {
  t.is(decodeReply(replyTo(question, 0x8180), question, 4)?.code, 'ENODATA');
  const text = answer(16, [0, 0, 0, 1], [3, 97, 98, 99]);
  t.is(decodeReply(replyTo(question, 0x8180, [text]), question, 4)?.code, 'ENODATA');
});

const codes = test.macro((t, flags: number, code: string) => {
  t.deepEqual(decodeReply(replyTo(question, flags), question, 4), failed(code));
});

test('response code 1 is EFORMERR', codes, 0x8181, 'EFORMERR');
test('response code 2 is ESERVFAIL', codes, 0x8182, 'ESERVFAIL');
test('response code 3 is ENOTFOUND', codes, 0x8183, 'ENOTFOUND');
test('response code 4 is ENOTIMP', codes, 0x8184, 'ENOTIMP');
test('response code 5 is EREFUSED', codes, 0x8185, 'EREFUSED');
test('another response code is given as it is', codes, 0x8189, 'RCODE 9');
test('a cut reply is ETRUNCATED', codes, 0x8380, 'ETRUNCATED');

test('an error may come without the question', (t) => {
  const header = replyTo(question, 0x8181).subarray(0, 12);
  header.writeUInt16BE(0, 4);
  t.is(decodeReply(header, question, 4)?.code, 'EFORMERR');
});

test('an answer may not', (t) => {
  const header = replyTo(question, 0x8180).subarray(0, 12);
  header.writeUInt16BE(0, 4);
  t.is(decodeReply(header, question, 4), null);
});

test('a query is no reply', (t) => {
  t.is(decodeReply(replyTo(question, 0x0100, [address]), question, 4), null);
});

test('the reply to another question is none to this one', (t) => {
  const others = [encodeQuestion(0x1234, 'b.test', 4), encodeQuestion(0x1234, 'a.test', 6)];
  for (const other of others) t.is(decodeReply(replyTo(other, 0x8180, [address]), question, 4), null);
});

test('a reply that breaks off makes no sense, wherever it does', (t) => {
  const whole = replyTo(question, 0x8180, [address]);
  for (let length = end; length < whole.length; length++) {
    t.is(decodeReply(whole.subarray(0, length), question, 4)?.code, 'EBADRESP', `${length}`);
  }
  for (let length = 12; length < end; length++) {
    t.is(decodeReply(whole.subarray(0, length), question, 4), null, `${length}`);
  }
});
