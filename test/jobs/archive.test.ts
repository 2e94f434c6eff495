import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { says } from '../cli/stopped-runs.ts';
import { Job } from './job.ts';

test('an archive is replayed: the same pages under the same names', async (t) => {
  const server = await httpServer(t, ({ url, headers }, response) => {
    const page = `<title>${headers.host}${url}</title>`;
    if (url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(page));
    else if (url === '/old') response.writeHead(301, { location: '/new' }).end();
    else {
      response.writeHead(url === '/gone' ? 404 : 200, { 'content-type': 'text/html' });
      // Sent in two chunks.
      response.write(page);
      response.end('<p>end');
    }
  });
  const pages = ['a.test/', 'a.test/packed', 'b.test/gone', 'b.test/old', 'b.test/?q=1'];
  const job = await Job.start(
    t,
    { 'pages.csv': `url\n${pages.map((page) => `http://${page}\n`).join('')}` },
    { URLMILL_CONNECT_TO: `::127.0.0.1:${server.port}` },
  );
  await job.run('archive.sh');
  const archived = csvObjects(await job.read('archived.csv'));
  t.is(archived.length, 5);

  const [file = '', ...others] = await readdir(join(job.cwd, 'archive'));
  t.deepEqual(others, []);
  const replay = job.begin('replay.mjs', `archive/${file}`);
  let port = '';
  replay.stdout.once('data', (line: Buffer) => (port = / (\d+)\n/.exec(line.toString())?.[1] ?? ''));
  // The redirect counts as a page, so each page is found under its URL in the list.
  await says(replay.stdout, '6 pages on port');
  const again = await urlmill(
    ['-u', 'url', '--columns', 'status,error,sha256', '--connect-to', `::127.0.0.1:${port}`, 'archived.csv'],
    { cwd: job.cwd },
  );
  t.deepEqual(figures(csvObjects(again.stdout)), figures(archived));
  const packed = createHash('sha256').update('<title>a.test/packed</title>').digest('hex');
  t.true(figures(archived).includes(`http://a.test/packed 200 ${packed}`));
});

function figures(rows: readonly Record<string, string>[]): string[] {
  return rows.map((row) => `${row['url']} ${row['fetch_status']} ${row['fetch_sha256']}`).toSorted();
}
