import test from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import { fetchOne } from '../../helpers/fetch.ts';
import { oddCertificate } from '../../helpers/odd-certificates.ts';
import type { OddName } from '../../helpers/odd-certificates.ts';
import { httpsServer } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const isNew = Number(process.versions.node.split('.')[0]) >= 24;

/** Checks the row's failure if the certificate's authority is trusted, and if not. */
const odd = test.macro({
  exec: async (t, name: OddName, trusted: FailureCode | null, untrusted: FailureCode) => {
    const { ca, ...certificate } = await oddCertificate(name);
    // Not part of the test: with the default security level, Node's server would not use such keys and
    // digests at all.
    const lenient = { ...certificate, ciphers: 'DEFAULT@SECLEVEL=0' };
    const server = await httpsServer(t, lenient, (_, response) => response.end());
    const url = `https://localhost:${server.port}/`;
    const cacert = `${await temporaryFolder(t, { 'ca.pem': ca })}/ca.pem`;
    const results = [
      await fetchOne(url, { cacert }),
      await fetchOne(url),
      await fetchOne(url, { insecure: true }),
    ];
    t.deepEqual(
      results.map(({ error }) => error),
      [trusted, untrusted, null],
    );
    for (const { error, detail } of results) t.is(detail === '', error === null);
    await server.closed();
  },
  title: (_, name: OddName) => `an odd certificate is a failure of its row: ${name}`,
});

test(odd, 'criticalExtension', 'tls-handshake', 'tls-handshake');
test(odd, 'shortKey', isNew ? 'tls-handshake' : null, isNew ? 'tls-handshake' : 'tls-self-signed');
test(odd, 'md5', null, 'tls-self-signed');
test(odd, 'sha1', null, 'tls-self-signed');
test(odd, 'forClients', 'tls-handshake', 'tls-handshake');
test(odd, 'forSigning', 'tls-handshake', 'tls-handshake');
test(odd, 'manyNames', null, 'tls-self-signed');
test(odd, 'nulInName', 'tls-wrong-host', 'tls-self-signed');
test(odd, 'unreadableNames', 'tls-unknown-issuer', 'tls-unknown-issuer');
test(odd, 'unreadableEnd', 'tls-handshake', 'tls-handshake');
test(odd, 'signedOutsideItsNames', 'tls-handshake', 'tls-unknown-issuer');
test(odd, 'signedByNoAuthority', 'tls-handshake', 'tls-unknown-issuer');

test('what OpenSSL says of an odd certificate is told in the row, and no one is asked to report it', async (t) => {
  const { key, cert } = await oddCertificate('criticalExtension');
  const server = await httpsServer(t, { key, cert }, (_, response) => response.end());
  const fetching = fetchUrls({ retries: 0 }).on('notice', (text) => t.fail(text as string));
  fetching.end(server.url);
  const [result] = (await fetching.toArray()) as { detail: string }[];
  t.is(result?.detail, 'unhandled critical extension');
});
