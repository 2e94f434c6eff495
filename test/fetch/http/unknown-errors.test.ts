import tls from 'node:tls';

import test from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { certificates } from '../../helpers/certificates.ts';
import { httpsServer } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('an error that only Node knows is tls-handshake, and one notice a run asks to report it', async (t) => {
  const { good, ca } = await certificates();
  const server = await httpsServer(t, good, (_, response) => response.end());
  // Node throws such errors for names that it cannot read.
  tls.checkServerIdentity = () => {
    throw Object.assign(new Error('odd'), { code: 'ODD' });
  };
  const notices: string[] = [];
  const cacert = `${await temporaryFolder(t, { 'ca.pem': ca })}/ca.pem`;
  const fetching = fetchUrls({ cacert, retries: 0 }).on('notice', (text) => notices.push(text as string));
  for (let i = 0; i < 3; i++) fetching.write(`${server.url}/${i}`);
  fetching.end();
  const results = (await fetching.toArray()) as Result[];
  t.deepEqual(
    results.map(({ error, detail }) => [error, detail]),
    Array.from({ length: 3 }, () => ['tls-handshake', 'odd']),
  );
  t.is(notices.length, 1);
  t.true(notices[0]?.startsWith(`${server.url}: `));
  t.regex(notices[0] ?? '', /\(ODD: odd\).*please report it/);
});
