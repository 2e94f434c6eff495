import { Readable } from 'node:stream';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { FolderProbes } from '../../../src/fetch/schedule/folder-probes.ts';
import type { Asker, Given } from '../../../src/fetch/schedule/folder-probes.ts';
import { sharedLimits } from '../../../src/fetch/shared-limits.ts';
import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import { fetchAll, meanwhile } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

interface Site extends TestServer {
  /** Made-up URLs that were requested. */
  readonly probes: () => string[];
  /** Answers all waiting requests, and later ones at once. */
  readonly answer: () => void;
}

/**
 * A site whose pages have numbers. Paths without a number are made up; they are answered only after
 * `answer()`.
 */
async function site(t: ExecutionContext): Promise<Site> {
  const held: (() => void)[] = [];
  let isAnswering = false;
  const server = await httpServer(t, ({ url }, response) => {
    const end = (): unknown => response.setHeader('content-type', 'text/plain').end('the same for all');
    if (/\d/.test(url) || isAnswering) end();
    else held.push(end);
  });
  return {
    ...server,
    probes: () => server.requests.map(({ url }) => url).filter((url) => !/\d/.test(url)),
    answer: () => {
      isAnswering = true;
      for (const end of held.splice(0)) end();
    },
  };
}

const urls = ({ url }: TestServer, name: string, count = 20): string[] =>
  Array.from({ length: count }, (_, i) => `${url}/${i % 2 === 0 ? 'a' : 'b'}/${name}${i}`);

async function verdicts(list: readonly string[], options: FetchUrlsOptions): Promise<Set<boolean | null>> {
  const results = await fetchAll(list, { soft404: true, ...options });
  return new Set(results.map(({ soft404 }) => soft404));
}

async function probed({ probes }: Site, count: number, t: ExecutionContext): Promise<void> {
  while (probes().length < count) await meanwhile(t);
}

test('pipelines with shared limits ask for one made-up URL of each folder, together and one after another', async (t) => {
  const server = await site(t);
  const limits = sharedLimits({ perHost: 100 });
  const names = ['p', 'q', 'r'];
  const running = Promise.all(names.map(async (name) => verdicts(urls(server, name), { limits })));
  await server.requested(62);
  await meanwhile(t);
  server.answer();
  t.deepEqual(await running, [new Set([true]), new Set([true]), new Set([true])]);
  t.deepEqual(await verdicts(urls(server, 's'), { limits, timeout: '20s' }), new Set([true]));
  t.is(server.probes().length, 2);
  t.is(server.requests.length, 82);
});

test('pipelines that may get other answers ask for themselves', async (t) => {
  const server = await site(t);
  server.answer();
  const limits = sharedLimits();
  for (const options of [{}, { header: ['X-Key: 1'] }, { userAgent: 'other' }, { method: 'HEAD' }])
    await verdicts(urls(server, 'p'), { limits, ...options });
  t.is(server.probes().length, 8);
});

test('HEAD tells nothing of the pages that GET gives', async (t) => {
  const server = await site(t);
  server.answer();
  const items = ['HEAD', 'GET'].map((method, i) => ({ url: `${server.url}/${i}`, method }));
  const results: unknown[] = [];
  const stream = Readable.from(items).pipe(fetchUrls({ soft404: true, ordered: true, concurrency: 1 }));
  for await (const { soft404 } of stream) results.push(soft404);
  t.is(results[1], true);
});

test('a pipeline that is destroyed while it asks leaves that to another one', async (t) => {
  const server = await site(t);
  const limits = sharedLimits();
  const first = fetchUrls({ limits, soft404: true });
  Readable.from([`${server.url}/1`])
    .pipe(first)
    .resume();
  await probed(server, 1, t);
  const second = verdicts([`${server.url}/2`], { limits });
  await server.requested(3);
  await meanwhile(t);
  first.destroy();
  await probed(server, 2, t);
  server.answer();
  t.deepEqual(await second, new Set([true]));
});

test('a pipeline that is stopped does not wait for what another one asks', async (t) => {
  const server = await site(t);
  const limits = sharedLimits();
  const first = verdicts([`${server.url}/1`], { limits });
  await probed(server, 1, t);
  const abort = new AbortController();
  const second = fetchUrls({ limits, soft404: true, signal: abort.signal, grace: 1 });
  const results = Readable.from([`${server.url}/2`])
    .pipe(second)
    .toArray();
  await server.requested(3);
  await meanwhile(t);
  abort.abort();
  t.deepEqual(
    (await results).map(({ error }) => error),
    ['cancelled'],
  );
  server.answer();
  t.deepEqual(await first, new Set([true]));
  t.is(server.probes().length, 1);
});

test('a pipeline whose results nobody takes holds up no other one', async (t) => {
  const server = await site(t);
  const limits = sharedLimits({ perHost: 1, concurrency: 1 });
  const unread = fetchUrls({ limits, soft404: true });
  t.teardown(() => unread.destroy());
  for (const path of ['x/1', 'x/2', 'y/3', 'y/4', 'z/5']) unread.write(`${server.url}/${path}`);
  server.answer();
  for (const folder of ['x', 'y', 'z'])
    t.deepEqual(await verdicts([`${server.url}/${folder}/9`], { limits }), new Set([true]));
});

function asker(name: string, said: string[], isPaused = false): Asker & { isPaused: boolean } {
  return {
    isPaused,
    ask: (folder) => said.push(`${name} asks ${folder}`),
    told: (folder, given) => said.push(`${name} told ${folder} ${JSON.stringify(given)}`),
    onWoken: () => said.push(`${name} woken`),
  };
}

test('who starts nothing leaves the question to the next one; what comes first is told to all', async (t) => {
  const probes = new FolderProbes();
  const said: string[] = [];
  const [a, b, c] = [asker('a', said), asker('b', said), asker('c', said)];
  probes.want('f', a);
  probes.want('f', b);
  a.isPaused = true;
  probes.paused(a);
  await Promise.resolve();
  probes.want('f', c);
  t.deepEqual(said.splice(0), ['a asks f', 'b asks f', 'b woken']);
  b.isPaused = true;
  probes.want('g', b);
  probes.want('g', c);
  t.deepEqual(said.splice(0), ['b asks g', 'c asks g']);
  probes.leave('f', b);
  await Promise.resolve();
  t.deepEqual(said.splice(0), ['c asks f', 'c woken']);
  probes.came('f', 'nothing', a);
  probes.came('f', null, c);
  await Promise.resolve();
  t.deepEqual(said, ['a told f "nothing"', 'c told f "nothing"', 'c woken']);
  t.is(probes.known('f'), 'nothing');
});

test('what is known grows old', (t) => {
  let now = 0;
  const probes = new FolderProbes(1000, () => now);
  const said: string[] = [];
  const a = asker('a', said);
  const given: Given = 'nothing';
  probes.want('f', a);
  probes.came('f', given, a);
  now = 1000;
  t.is(probes.known('f'), given);
  now = 1001;
  t.is(probes.known('f'), undefined);
  probes.want('f', a);
  t.deepEqual(said, ['a asks f', 'a told f "nothing"', 'a asks f']);
});
