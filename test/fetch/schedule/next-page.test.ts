import test from 'ava';

import type { EngineRequest } from '../../../src/fetch/messages.ts';
import { drive } from './scheduling.ts';

/** Each page names a next one, up to the fifth. */
function answer({ url }: Pick<EngineRequest, 'url'>): { next: string | null } {
  const page = Number(/\d+$/.exec(url)?.[0] ?? 1);
  return { next: page < 5 ? url.replace(/\d+$/, String(page + 1)) : null };
}

/** The same, but the next page is at another host. */
function lead(request: EngineRequest): { next: string | null } {
  const { next } = answer(request);
  return { next: next?.replace('a.test', 'b.test') ?? null };
}

test('with `staysAtHost` a page of another host is not asked for', async (t) => {
  const { results, asked } = await drive(['http://a.test/1'], {
    lookAhead: 10,
    maxPages: 10,
    staysAtHost: true,
    answer: ({ url }) => ({ next: url === 'http://a.test/1' ? 'https://a.test:8443/2' : 'http://b.test/3' }),
  });
  t.deepEqual(asked, ['http://a.test/1', 'https://a.test:8443/2']);
  t.deepEqual(
    results.map(({ page, error, detail }) => ({ page, error, detail })),
    [{ page: 3, error: 'redirect-denied', detail: 'the next page is at another host: b.test' }],
  );
});

test('rows between two pages stay whole while others are on disk', async (t) => {
  const urls = Array.from({ length: 300 }, (_, n) => `http://a.test/${n}/1`);
  const { results } = await drive(urls, { lookAhead: 20, maxPages: 10, answer: lead, hostInterval: 1 });
  t.deepEqual(
    new Set(results.map(({ page, pagesBefore }) => `${page} ${pagesBefore.length}`)),
    new Set(['5 4']),
  );
  t.is(results.length, 300);
});
