import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrls } from '../../src/fetch/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import { fetchAll, meanwhile } from '../helpers/fetch.ts';
import { httpServer, rawServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';

test('destroy() ends what is in flight, and the server sees its connections closed', async (t) => {
  const server = await httpServer(t, () => {});
  const fetcher = start(t, server, 50, { concurrency: 5 });
  fetcher.on('data', () => t.fail('no result may come'));
  await server.requested(5);
  fetcher.destroy();
  await once(fetcher, 'close');
  await server.closed();
  t.is(server.requests.length, 5);
});

test('destroy() with an error gives that error and closes all the same', async (t) => {
  const server = await httpServer(t, () => {});
  const fetcher = start(t, server, 5, {});
  await server.requested(5);
  const failed = once(fetcher, 'error') as Promise<[Error]>;
  fetcher.destroy(new RangeError('mine'));
  const [error] = await failed;
  t.is(error.message, 'mine');
  await server.closed();
});

test('destroy() ends a request on a connection that has been used before, for good', async (t) => {
  const server = await httpServer(t, (_, response) => {
    if (server.requests.length === 1) response.end();
  });
  const fetcher = start(t, server, 2, { concurrency: 1 });
  fetcher.resume();
  await server.requested(2);
  t.is(server.connections(), 1);
  fetcher.destroy();
  await meanwhile(t);
  t.is(server.requests.length, 2);
  t.is(server.connections(), 1);
  await server.closed();
});

test('after destroy() nothing more begins when a processor ends', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const processing = new EventEmitter();
  const process = async (): Promise<Record<string, never>> => {
    processing.emit('begun');
    await once(processing, 'end');
    return {};
  };
  const processors = [{ columns: ['x'], process }];
  const fetcher = start(t, server, 10, { concurrency: 1, processors });
  await once(processing, 'begun');
  fetcher.destroy();
  await once(fetcher, 'close');
  processing.emit('end');
  await meanwhile(t);
  t.is(server.requests.length, 1);
  await server.closed();
});

test('destroy() from within the reading of a result begins nothing more', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const fetcher = start(t, server, 10, { concurrency: 2 });
  fetcher.on('data', () => fetcher.destroy());
  await once(fetcher, 'close');
  // Requests sent before have been seen by then.
  await server.closed();
  const before = server.requests.length;
  await meanwhile(t);
  t.is(server.requests.length, before);
  t.true(before < 10);
});

test('destroy() ends a connection that is only being made', async (t) => {
  const server = await rawServer(t, () => {});
  const fetcher = fetchUrls({ connectTimeout: '10m', timeout: '10m' });
  fetcher.write(`https://127.0.0.1:${server.port}/`);
  await server.opened(1);
  fetcher.destroy();
  await server.closed();
  t.is(server.connections(), 1);
});

test('a reader that fails ends the requests', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') response.end();
  });
  const urls = Array.from({ length: 50 }, (_, i) => `${server.url}/${i + 1}`);
  const failing = pipeline(urls, fetchUrls({ concurrency: 4 }), async (results: AsyncIterable<unknown>) => {
    for await (const result of results) throw new Error(`cannot take ${typeof result}`);
  });
  await t.throwsAsync(failing, { message: 'cannot take object' });
  await server.closed();
});

test('a source that fails ends the requests', async (t) => {
  const server = await httpServer(t, () => {});
  async function* rows(): AsyncGenerator<string> {
    yield server.url;
    await server.requested(1);
    throw new Error('the source broke');
  }
  await t.throwsAsync(fetchAll(rows()), { message: 'the source broke' });
  await server.closed();
});

test('when the stream has ended, no connection is left', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 20 }, () => server.url);
  t.is((await fetchAll(urls, { concurrency: 5 })).length, 20);
  await server.closed();
});

const processExits = test.macro({
  exec: async (t, script: string) => {
    const server = await httpServer(t, ({ url }, response) => {
      if (url === '/') response.end('x');
    });
    const module = new URL('../../src/job/fetch-urls.js', import.meta.url).href;
    const code = `
      import { fetchUrls } from '${module}';
      const url = '${server.url}';
      const pending = new Promise(() => {});
      const create = (process) =>
        fetchUrls({ timeout: '10m', connectTimeout: '10m', processors: process ? [{ columns: ['x'], process }] : [] });
      ${script}
      process.once('exit', () => console.log('exits'));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
    t.is(stdout, 'exits\n');
    await server.closed();
  },
  title: (name) => `the process can exit ${name}`,
});

test(
  'when destroy() came while requests were in flight',
  processExits,
  `const fetcher = create();
   fetcher.write(url + '/never');
   fetcher.write(url + '/');
   fetcher.once('data', () => fetcher.destroy());`,
);
test(
  'when the stream has ended',
  processExits,
  `const fetcher = create(); fetcher.end(url + '/'); fetcher.resume();`,
);
test(
  'when stop() came and its grace is still long',
  processExits,
  `const fetcher = create(); fetcher.end(url + '/'); fetcher.resume(); fetcher.stop(600_000);`,
);
test(
  'when destroy() came after stop()',
  processExits,
  `const fetcher = create(); fetcher.write(url + '/never'); fetcher.stop(600_000); fetcher.destroy();`,
);
test(
  'when destroy() came while a processor was at work',
  processExits,
  `const fetcher = create(() => { setImmediate(() => fetcher.destroy()); return pending; });
   fetcher.write(url + '/');`,
);
test(
  'when the grace of stop() was over while a processor was at work',
  processExits,
  `const fetcher = create(() => { fetcher.stop(1); return pending; });
   fetcher.end(url + '/');
   fetcher.resume();`,
);
test('when nothing was written', processExits, `const fetcher = create(); fetcher.resume();`);

function start(t: ExecutionContext, server: TestServer, rows: number, options: FetchUrlsOptions): FetchUrls {
  const fetcher = fetchUrls(options);
  for (let i = 0; i < rows; i++) fetcher.write(server.url);
  t.teardown(() => fetcher.destroy());
  return fetcher;
}
