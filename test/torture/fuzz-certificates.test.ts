import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

import test from 'ava';

import { sameBytes } from '../helpers/same.ts';
import { certify, tbsOf } from '../../torture/fuzz/build-certificate.ts';
import { authority, certificatesOf, rightChain } from '../../torture/fuzz/certificates.ts';
import { parse, write } from '../../torture/fuzz/der.ts';
import { numbersOf } from '../../torture/fuzz/mutation.ts';
import { mutateTree } from '../../torture/fuzz/tree.ts';

test('real certificates are read and written again byte for byte', (t) => {
  for (const root of tls.rootCertificates) {
    const { raw, subject } = new X509Certificate(root);
    sameBytes(t, Buffer.concat(parse(raw).map(write)), raw, subject);
  }
});

test('the right certificate is for its row, and signed by the authority', (t) => {
  const [plan] = rightChain(1);
  const certificate = new X509Certificate(certify(tbsOf(plan), plan));
  t.true(certificate.verify(new X509Certificate(authority()).publicKey));
  t.is(certificate.checkIP('127.64.0.1'), '127.64.0.1');
});

test('certificates that were mutated before they were signed have right signatures', (t) => {
  const { publicKey } = new X509Certificate(authority());
  const [plan] = rightChain(1);
  const tbs = tbsOf(plan);
  const verified = new Set<string>();
  for (let row = 1; row <= 200; row++) {
    const mutated = mutateTree(tbs, numbersOf(7, row));
    if (loadOrNull(certify(mutated, plan))?.verify(publicKey)) verified.add(mutated.toString('hex'));
  }
  t.true(verified.size > 20);
});

test('the same seed gives the same oddities', (t) => {
  const words = Array.from({ length: 50 }, (_, row) => certificatesOf(7, row).words.join());
  t.deepEqual(
    Array.from({ length: 50 }, (_, row) => certificatesOf(7, row).words.join()),
    words,
  );
  t.true(new Set(words).size > 30);
});

function loadOrNull(bytes: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(bytes);
  } catch {
    return null;
  }
}
