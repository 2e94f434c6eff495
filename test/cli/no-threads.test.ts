import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/**
 * Fails as Node does if the system allows no more threads (a limit of processes, `pids.max` of a container).
 */
const refuses = `
import threads from 'node:worker_threads';
import { syncBuiltinESMExports } from 'node:module';
threads.Worker = class {
  constructor() {
    const error = new Error('Worker initialization failure: EAGAIN');
    throw Object.assign(error, { code: 'ERR_WORKER_INIT_FAILED' });
  }
};
syncBuiltinESMExports();
`;

async function withoutThreads(t: ExecutionContext, args: readonly string[]): Promise<Ended> {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const urls = [0, 1, 2].map((i) => `${server.url}/${i}\n`).join('');
  const cwd = await temporaryFolder(t, { 'in.txt': urls, 'first.mjs': refuses });
  const environment = { NODE_OPTIONS: `--import=${pathToFileURL(join(cwd, 'first.mjs')).href}` };
  return urlmill([...args, 'in.txt'], { cwd, environment });
}

test('where no thread can be started, the main thread fetches, and says so', async (t) => {
  const { code, stdout, stderr } = await withoutThreads(t, ['--threads', '2']);
  t.is(code, 0, stderr);
  t.deepEqual(
    csvObjects(stdout).map((row) => row['fetch_status']),
    ['200', '200', '200'],
  );
  t.is(stderr.match(/no more threads that fetch, only 0: Worker initialization failure: EAGAIN/g)?.length, 1);
});

test('what must run in a thread then ends the run in words', async (t) => {
  const { code, stdout, stderr } = await withoutThreads(t, ['--threads', '1', '--regex', 'a=(o)']);
  t.is(code, 2, stderr);
  t.is(stdout, '');
  t.regex(
    stderr,
    /^urlmill: no thread can be started to process pages: Worker initialization failure: EAGAIN\n$/,
  );
});
