import { once } from 'node:events';
import tls from 'node:tls';
import type { DetailedPeerCertificate } from 'node:tls';

import test from 'ava';

import { HandshakeError } from '../../../src/fetch/connect/shape.ts';
import { classify, wordsOf } from '../../../src/fetch/http/classify.ts';
import { certificates, selfSignedFor } from '../../helpers/certificates.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpsServer } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** A subjectAltName of one dNSName with these bytes. */
function bytesAsName(text: string): string {
  const name = Buffer.from(text, 'latin1');
  const der = Buffer.concat([Buffer.from([0x30, name.length + 2, 0x82, name.length]), name]);
  return `DER:${der.toString('hex').replaceAll(/(..)(?=.)/g, '$1:')}`;
}

/** Subjects and subjectAltNames in openssl's syntax; an empty one is left out. */
const table: readonly (readonly [subject: string, names: string])[] = [
  ['/CN=a.test', ''],
  ['/CN=*.a.test', ''],
  ['/CN=b.test/CN=a.test', ''],
  ['/CN=127.0.0.1', ''],
  ['/CN=::1', ''],
  ['/O=a.test', ''],
  ['/CN=a.test\\, b.test', ''],
  ['/CN=a.test', 'DER:30:00'],
  ['/CN=a.test', 'DER:04:03:01:02:03'],
  ['/CN=b.test', 'DNS:a.test'],
  ['/CN=a.test', 'DNS:b.test'],
  ['/CN=b.test', 'DNS:A.Test'],
  ['/CN=b.test', 'DNS:a.test.'],
  ['/CN=b.test', 'DNS:*.a.test,DNS:a.test'],
  ['/CN=b.test', 'DNS:w*.a.test'],
  ['/CN=b.test', 'DNS:*w.a.test'],
  ['/CN=b.test', 'DNS:w*w.a.test'],
  ['/CN=b.test', 'DNS:www.*.test'],
  ['/CN=b.test', 'DNS:*.*.test'],
  ['/CN=b.test', 'DNS:*.test,DNS:*'],
  ['/CN=b.test', 'DNS:xn--bcher-kva.a.test'],
  ['/CN=b.test', 'DNS:xn--*.a.test'],
  ['/CN=b.test', bytesAsName('b\xc3\xbccher.a.test')],
  ['/CN=b.test', bytesAsName('a.test\0.b.test')],
  ['/CN=b.test', bytesAsName('a.test\0')],
  ['/CN=b.test', bytesAsName('"a.test"')],
  ['/CN=b.test', bytesAsName('b.test, DNS:a.test')],
  ['/CN=b.test', bytesAsName('b.test", DNS:a.test, IP Address:127.0.0.1')],
  ['/CN=b.test', bytesAsName('')],
  ['/CN=a.test', 'IP:127.0.0.1,IP:::1'],
  ['/CN=127.0.0.1', 'IP:2001:db8::1'],
  ['/CN=127.0.0.1', 'DNS:127.0.0.1'],
  ['/CN=a.test', 'URI:https://b.test/'],
  ['/CN=b.test', 'URI:https://a.test/,DNS:b.test'],
  ['/CN=b.test', 'URI:https://127.0.0.1/'],
  ['/CN=a.test', 'email:x@a.test'],
  ['/CN=a.test', 'otherName:1.2.3.4;UTF8:DNS:a.test'],
  ['/CN=a.test', 'otherName:1.2.3.4;UTF8:b.test,DNS:b.test'],
  ['/CN=a.test', 'RID:1.2.3.4'],
  ['/C=US/CN=a.test/emailAddress=x@a.test', ''],
];

/** Hosts as in URLs, and as in certificates. */
const hosts: readonly (readonly [inUrl: string, name: string])[] = [
  ['a.test', 'a.test'],
  ['a.test.', 'a.test'],
  ['www.a.test', 'www.a.test'],
  ['w.a.test', 'w.a.test'],
  ['x.y.a.test', 'x.y.a.test'],
  ['b\u00fccher.a.test', 'xn--bcher-kva.a.test'],
  ['b.test', 'b.test'],
  ['test', 'test'],
  ['127.0.0.1', '127.0.0.1'],
  ['[::1]', '::1'],
  ['[2001:db8::1]', '2001:db8::1'],
];

for (const [subject, names] of table) {
  test(`names are judged as Node judges those of the whole chain: ${subject}, ${names || 'no others'}`, async (t) => {
    const { key, cert } = await selfSignedFor(subject, names);
    const server = await httpsServer(t, { key, cert }, (_, response) => response.end());
    const cacert = `${await temporaryFolder(t, { 'ca.pem': cert })}/ca.pem`;
    const connectTo = [`::127.0.0.1:${server.port}`];
    const results = await fetchAll(
      hosts.map(([host]) => `https://${host}/`),
      { cacert, connectTo, ordered: true },
    );
    const nodes = await Promise.all(hosts.map(async ([, name]) => verdict(server.port, cert, name)));
    t.deepEqual(
      results.map(({ error, detail }) => [error, detail]),
      nodes.map((error) => (error === null ? [null, ''] : [classify(error, 'connect'), wordsOf(error)])),
    );
  });
}

test.serial('no objects are made of the certificates that a server shows', async (t) => {
  const { connect } = tls;
  const seen: DetailedPeerCertificate[] = [];
  t.teardown(() => Object.assign(tls, { connect }));
  Object.assign(tls, {
    connect: (...args: Parameters<typeof connect>) => {
      const socket = connect(...args);
      return socket.once('secureConnect', () => seen.push(socket.getPeerCertificate(true)));
    },
  });
  const { selfSignedInChain } = await certificates();
  const server = await httpsServer(t, selfSignedInChain, (_, response) => response.end());
  t.is((await fetchOne(server.url, { insecure: true })).status, 200);
  t.deepEqual(seen, [{} as DetailedPeerCertificate]);
});

/** Node's own verdict on the certificate for this name; null if it is good. */
async function verdict(port: number, ca: string, name: string): Promise<Error | null> {
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    ca,
    checkServerIdentity: (_, certificate) => {
      try {
        return tls.checkServerIdentity(name, certificate);
      } catch (error) {
        return error as Error;
      }
    },
  });
  try {
    await once(socket, 'secureConnect');
    return null;
  } catch (error) {
    return new HandshakeError(error as Error);
  } finally {
    socket.destroy();
  }
}
