import { access } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { httpServer } from '../helpers/server.ts';
import { Job } from './job.ts';

test('a chain of Unix tools', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.writeHead(Number(url.split('/')[1])).end();
  });
  const paths = [...Array(12)].map((_, i) => `/${i < 7 ? 200 : i < 10 ? 404 : 410}/${i}`);
  const addresses = [...paths.map((path) => server.url + path), 'http://256.1.1.1/'];
  // Each address twice.
  const log = [...addresses, ...addresses].map((address, i) => `12:00:${i}\t192.0.2.${i}\t${address}\n`);
  const job = await Job.start(t, { 'access.log': log.join('') });
  await job.run('unix-tools.sh');
  const expected = ['7 200', '3 404', '2 410', '1 invalid-url'];
  t.deepEqual(await job.lines('table.txt'), expected);
  t.deepEqual(await job.lines('again.txt'), expected);
  t.is((await job.lines('answers.csv')).length, 14);
  t.is(server.requests.length, 2 * paths.length);
  const hasMiller = await access(join(job.cwd, 'miller.txt')).then(
    () => true,
    () => false,
  );
  if (hasMiller) t.deepEqual(await job.lines('miller.txt'), expected);
});
