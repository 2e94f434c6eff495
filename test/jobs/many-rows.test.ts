import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import test from 'ava';

import { leftovers, list } from '../cli/stopped-runs.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { Job, end, ended, isWhole } from './job.ts';

const rows = isWhole ? 200_000 : 4000;

test('many rows, stopped, killed and in pieces', async (t) => {
  const times = new Map<string, number>();
  const server = await httpServer(t, ({ url }, response) => {
    times.set(url, (times.get(url) ?? 0) + 1);
    response.end('ok');
  });
  const job = await Job.start(t, { 'list.csv.gz': gzipSync(list(server.url, rows)) });
  const stopped = job.begin('many-rows.sh');
  await server.requested(rows * 0.3);
  end(stopped, 'SIGTERM');
  await ended(stopped);

  const killed = job.begin('many-rows.sh');
  await server.requested(rows * 0.6);
  end(killed, 'SIGKILL');
  await ended(killed);

  await job.run('many-rows.sh');
  const results = csvObjects(gunzipSync(await readFile(join(job.cwd, 'results.csv.gz'))).toString());
  t.is(results.length, rows);
  t.is(new Set(results.map(({ id }) => id)).size, rows);
  t.true(results.every((row) => row['fetch_status'] === '200'));
  t.is(times.size, rows);
  // Rows not yet safe when the run was killed are fetched again: at most those of a second.
  t.true(server.requests.length < 2 * rows);
  t.deepEqual(await leftovers(job.cwd), []);
});
