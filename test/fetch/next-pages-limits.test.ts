import { setImmediate } from 'node:timers/promises';

import test from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { Result } from '../../src/shared/records.ts';
import { everythingTo, fetchAll, fetchOne } from '../helpers/fetch.ts';
import { pageIn, pagesServer } from '../helpers/pages.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer, SeenRequest } from '../helpers/server.ts';
import { allPages, answering, byJson } from './rows-in-pages.ts';

function secretsIn({ headers }: SeenRequest): unknown[] {
  return [headers['x-key'], headers.cookie, headers.authorization?.slice(0, 5), headers['accept-language']];
}

test('secrets do not leave the origin of the row, nor come back to it', async (t) => {
  let home = '';
  const other = await httpServer(t, (_, response) => response.end(`{"next":"${home}/3"}`));
  const server = await httpServer(t, (request, response) => {
    const next = { '/1': '/2', '/2': other.url, '/3': '/4' }[request.url] ?? null;
    response.end(JSON.stringify({ next }));
  });
  home = server.url;
  const result = await fetchOne(`${home.replace('http://', 'http://me:pw@')}/1`, {
    next: 'json:next',
    header: ['X-Key: secret', 'Cookie: a=b', 'Accept-Language: de'],
  });
  t.is(result.page, 5);
  const secret = ['secret', 'a=b', 'Basic', 'de'];
  const none = [undefined, undefined, undefined, 'de'];
  t.deepEqual(server.requests.map(secretsIn), [secret, secret, none, none]);
  t.deepEqual(other.requests.map(secretsIn), [none]);
});

test('the parameter of a secret is sent, and stands nowhere', async (t) => {
  const { url, requests } = await httpServer(t, (request, response) => {
    const page = pageIn(request);
    response.end(JSON.stringify({ next: `/?page=${page + 1}&key=hush-hush-${page}`, echo: request.url }));
  });
  const result = await fetchOne(`${url}/?key=hush-hush-0`, {
    next: 'json:next',
    json: ['echo=echo'],
    secretParam: ['key'],
    maxPages: 3,
  });
  t.deepEqual(
    requests.map((request) => /key=.*/.exec(request.url)?.[0]),
    ['key=hush-hush-0', 'key=hush-hush-1', 'key=hush-hush-2'],
  );
  t.is(result.page, 3);
  t.is(result.next, `${url}/?page=4`);
  const written = allPages(result).map(({ url: own, values, redirects, detail }) => ({
    own,
    values,
    redirects,
    detail,
  }));
  t.is(written[1]?.values['echo'], '/?page=2');
  t.false(JSON.stringify(written).includes('hush'));
});

test('robots.txt counts for each page', async (t) => {
  const answers: Record<string, string> = {
    '/robots.txt': 'User-agent: *\nDisallow: /3',
    '/1': '{"next":"/2"}',
    '/2': '{"next":"/3"}',
  };
  const { url, requests } = await answering(t, answers);
  const result = await fetchOne(`${url}/1`, { ...byJson, robots: true });
  t.deepEqual([result.page, result.error, result.pagesBefore.length], [3, 'robots-denied', 2]);
  t.deepEqual(
    requests.map((request) => request.url),
    ['/robots.txt', '/1', '/2'],
  );
});

/** Answers a moment later, so that requests overlap. */
function slow(answer: Answer): Answer {
  return (request, response) => void setTimeout(() => answer(request, response), 1);
}

for (const threads of [1, 4]) {
  test(`limits hold for pages with ${threads} threads`, async (t) => {
    const { url, requests, mostAtOnce } = await httpServer(
      t,
      slow((request, response) => {
        const page = pageIn(request);
        const path = request.url.replace(/\?.*/, '');
        response.end(JSON.stringify({ next: page < 4 ? `${path}?page=${page + 1}` : null, items: [page] }));
      }),
    );
    const urls = Array.from({ length: 40 }, (_, n) => `${url}/${n}`);
    const results = await fetchAll(urls, { ...byJson, threads, perHost: 2, concurrency: 20 });
    t.deepEqual(
      results.map(({ page }) => page),
      urls.map(() => 4),
    );
    t.is(requests.length, 160);
    t.is(new Set(requests.map((request) => request.url)).size, 160);
    t.true(mostAtOnce() <= 2, `${mostAtOnce()} at once`);
  });
}

test('with one slot in all a row still has all its pages', async (t) => {
  const { url } = await pagesServer(t, 4);
  const results = await fetchAll([`${url}/a`, `${url}/b`], {
    ...byJson,
    concurrency: 1,
    perHost: 1,
    lookAhead: 1,
  });
  t.deepEqual(
    results.map(({ page }) => page),
    [4, 4],
  );
});

test('pages stay in order, and a row that has begun is ended before others begin', async (t) => {
  const { url, requests } = await pagesServer(t, 3);
  const urls = ['a', 'b', 'c'].map((name) => `${url}/${name}`);
  const results = await fetchAll(urls, { ...byJson, perHost: 1, ordered: true });
  t.deepEqual(
    results.flatMap((result) => allPages(result).map(({ values }) => values['item'])),
    ['a', 'b', 'c'].flatMap((name) => [1, 2, 3].map((page) => `/${name} ${page}`)),
  );
  t.deepEqual(requests.map((request) => request.url.slice(1, 2)).join(''), 'aaabbbccc');
});

test('with `once` rows share all pages', async (t) => {
  const { url, requests } = await pagesServer(t, 3);
  const results = await fetchAll([`${url}/a`, `${url}/a#x`, `${url}/a`], {
    ...byJson,
    once: true,
    perHost: 1,
  });
  t.is(requests.length, 3);
  t.deepEqual(
    results.map((result) => [
      result.row.number,
      allPages(result).map(({ url: of, sameAs, row }) => [of, sameAs, row.number]),
    ]),
    [
      [1, [`${url}/a`, `${url}/a?page=2`, `${url}/a?page=3`].map((of) => [of, null, 1])],
      [2, [`${url}/a#x`, `${url}/a?page=2`, `${url}/a?page=3`].map((of) => [of, 1, 2])],
      [3, [`${url}/a`, `${url}/a?page=2`, `${url}/a?page=3`].map((of) => [of, 1, 3])],
    ],
  );
});

test('a next page may be at another host, and one that is down fails the row there', async (t) => {
  const server = await httpServer(t, ({ headers, url }, response) => {
    response.end(headers.host === 'a.test' ? '{"next":"http://b.test/2"}' : `{"at":"${url}"}`);
  });
  const options = { next: 'json:next', connectTo: [everythingTo(server)] };
  const result = await fetchOne('http://a.test/1', options);
  t.deepEqual([result.page, result.host, result.status], [2, 'b.test', 200]);
  const { url } = await answering(t, { '/': '{"next":"http://127.0.0.1:1/"}' });
  const refused = await fetchOne(url, { next: 'json:next' });
  t.deepEqual([refused.page, refused.error, refused.pagesBefore.length], [2, 'connect-refused', 1]);
});

test('a row whose next page waits for its turn ends when the run is stopped', async (t) => {
  const controller = new AbortController();
  const { url, requests, requested } = await pagesServer(t, 3);
  const fetcher = fetchUrls({ ...byJson, hostRate: '1/m', signal: controller.signal, grace: '10m' });
  fetcher.end(`${url}/a`);
  await requested(1);
  // oxlint-disable-next-line no-await-in-loop -- until the second page waits
  while (fetcher.load().inFlight > 0) await setImmediate();
  controller.abort();
  const results: Result[] = [];
  for await (const result of fetcher) results.push(result);
  t.is(requests.length, 1);
  t.deepEqual(
    results.map(({ page, error, pagesBefore }) => [page, error, pagesBefore.length]),
    [[2, 'cancelled', 1]],
  );
});

test('a run that is stopped ends its rows between two pages', async (t) => {
  const controller = new AbortController();
  const { url, requests } = await httpServer(t, (request, response) => {
    if (pageIn(request) === 2) controller.abort();
    response.end(`{"next":"?page=${pageIn(request) + 1}"}`);
  });
  const result = await fetchOne(url, { ...byJson, signal: controller.signal, grace: '10m' });
  t.deepEqual([result.page, result.error, result.pagesBefore.length], [3, 'cancelled', 2]);
  t.is(requests.length, 2);
});
