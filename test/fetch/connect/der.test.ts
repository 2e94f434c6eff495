import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

import test from 'ava';

import { certificatesInPkcs7, elementsOf, namesIn } from '../../../src/fetch/connect/der.ts';
import { chain, der, pkcs7 } from '../../helpers/chains.ts';
import { randomNumbers } from '../../helpers/random.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const elements = test.macro((t, bytes: string, expected: readonly (readonly [number, string])[]) => {
  t.deepEqual(
    elementsOf(hex(bytes)).map(({ tag, content }) => [tag, content.toString('hex')]),
    expected,
  );
});

test('elements stand one behind the other', elements, '0500020101300304010a', [
  [5, ''],
  [2, '01'],
  [0x30, '04010a'],
]);
test('a length may have bytes of its own', elements, `0481020102`, [[4, '0102']]);
test('nothing holds nothing', elements, '', []);
test('a tag alone is no element', elements, '05', []);
test('an element that is cut is none', elements, '0500040301', []);
test('a length that is cut is none', elements, '0482', []);
test('an element without an end is none', elements, '30800000', []);
test('a length of more than four bytes is none', elements, '0485000000000101', []);
test('a tag of several bytes is none', elements, '1f810100', []);

test('all roots of Node have the names that Node reads in them', (t) => {
  const names = tls.rootCertificates.map((pem) => namesIn(new X509Certificate(pem).raw));
  t.true(names.every((name) => name !== null && name.subject !== '' && name.subject === name.issuer));
  t.is(
    new Set(tls.rootCertificates.map((pem) => new X509Certificate(pem).subject)).size,
    new Set(names.map((name) => name?.subject)).size,
  );
});

test('the names of a certificate are its issuer and its subject', async (t) => {
  const { certs } = await chain({ name: 'Server  A' }, { name: 'Some CA' });
  const commonName = '550403';
  t.deepEqual(namesIn(der(certs[0])), {
    issuer: `${commonName}=some ca`,
    subject: `${commonName}=server a`,
  });
});

test('the certificates of a PKCS #7 message are those that were put into it', async (t) => {
  const { certs } = await chain({}, {}, {});
  const ders = certificatesInPkcs7(await pkcs7(certs, 'DER'));
  const subjects = ders.map((bytes) => new X509Certificate(bytes).subject);
  t.deepEqual(
    subjects.toSorted((a, b) => (a < b ? -1 : 1)),
    ['CN=link 0', 'CN=link 1', 'CN=link 2'],
  );
  t.deepEqual(certificatesInPkcs7(der(certs[0])), []);
});

test('bytes that were changed or cut make no error', async (t) => {
  const { certs } = await chain({}, {});
  const good = [der(certs[0]), await pkcs7(certs, 'DER')];
  const next = randomNumbers(7);
  let read = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(good[i % 2] ?? '').subarray(0, i % 3 === 0 ? next(900) : undefined);
    for (let change = 0; change < 1 + next(4); change++) bytes[next(bytes.length)] = next(256);
    if (namesIn(bytes) !== null) read++;
    read += certificatesInPkcs7(bytes).length;
  }
  t.true(read > 1000);
});
