import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import { everythingTo, fetchAll, fetchOne, meanwhile } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer, SeenRequest, TestServer } from '../helpers/server.ts';

/** Whether the path is of the form that the tests' lists use. */
const isThere = ({ url }: SeenRequest): boolean =>
  /^\/$|\/(?:page-\d+\.html|[a-z]-\d+\/?)(?:\?.*)?$/.test(url);

const page = (text: string): string =>
  `<!doctype html><html><head><title>${text}</title></head><body><p>${text}</p></body></html>`;

/** A site with pages at those paths, and `otherwise` for all others. */
async function site(t: ExecutionContext, otherwise: Answer): Promise<TestServer> {
  return httpServer(t, (request, response) => {
    if (!isThere(request)) return otherwise(request, response);
    const [name = ''] = /[^/]*\/?$/.exec(request.url) ?? [];
    const words = name.replaceAll(/\d/g, (digit) => `${'abcdefghij'[Number(digit)]}`);
    return void response.setHeader('content-type', 'text/html').end(page(`the page of ${words} is here`));
  });
}

const notFound: Answer = (_, response) => void response.writeHead(404).end('nothing');

/** Says that the URL was not found, with a number that is different each time. */
const sorry: Answer = ({ url }, response) => {
  response.setHeader('content-type', 'text/html');
  response.setHeader('set-cookie', `n=${Math.random()}`);
  response.end(
    page(`Sorry, a page ${url} was not found (${Math.random()}). Is it ${url.split('/').at(-1)}?`),
  );
};

const asked: FetchUrlsOptions = { soft404: true };

async function verdicts(urls: readonly string[], options = asked): Promise<(boolean | null)[]> {
  const results = await fetchAll(urls, { ordered: true, ...options });
  return results.map(({ soft404 }) => soft404);
}

/** Requested paths that are not pages. */
function probesOf({ requests }: TestServer): string[] {
  return requests.filter((request) => !isThere(request)).map(({ url }) => url);
}

test('a host that says 404 is honest', async (t) => {
  const server = await site(t, notFound);
  t.deepEqual(await verdicts([`${server.url}/page-1.html`, `${server.url}/a/page-2.html`]), [false, false]);
  t.is(probesOf(server).length, 2);
  for (const [i, path] of probesOf(server).toSorted().entries())
    t.regex(path, [/^\/a\/[a-z]{24}\.html$/, /^\/[a-z]{24}\.html$/][i] ?? /x/);
});

test('a host that gives a page for whatever is asked for shows it, with the URL in it or without', async (t) => {
  const server = await site(t, sorry);
  const urls = ['old-page.html', 'page-1.html', 'bb?from=mail', 'x/old%20page.html', 'x/page-2.html'];
  t.deepEqual(await verdicts(urls.map((path) => `${server.url}/${path}`)), [true, false, true, true, false]);
  t.is(probesOf(server).length, 5);
});

test('a host that leads to its home page shows it, and its home page is a page', async (t) => {
  const server = await site(t, (_, response) => void response.writeHead(302, { location: '/' }).end());
  const urls = ['', 'gone.html', 'page-1.html', 'x/gone.html', '#top'].map((path) => `${server.url}/${path}`);
  t.deepEqual(await verdicts(urls), [false, true, false, true, false]);
});

test('a home page is one too where it leads to https or to another name', async (t) => {
  const server = await site(t, (_, response) => void response.writeHead(302, { location: '/' }).end());
  const { port } = server;
  const moved = await httpServer(t, ({ url }, response) => {
    response.writeHead(301, { location: `http://www.test:${port}${url}` }).end();
  });
  const connectTo = [`old.test::127.0.0.1:${moved.port}`, `www.test::127.0.0.1:${port}`];
  const urls = ['http://old.test/', 'http://old.test/gone', 'http://old.test/page-1.html'];
  t.deepEqual(await verdicts(urls, { soft404: true, connectTo }), [false, true, false]);
});

test('of each folder one URL is asked for, however many rows come at once', async (t) => {
  const held: (() => void)[] = [];
  const server = await site(t, (_, response) => void held.push(() => response.writeHead(404).end()));
  const urls = Array.from(
    { length: 500 },
    (_, n) => `${server.url}/${n % 2 === 0 ? 'a' : 'b'}/page-${n}.html`,
  );
  const running = verdicts(urls, { soft404: true, perHost: 100 });
  // Both folders are still unknown, and a probe was sent for each.
  const waits = async (): Promise<void> => {
    await meanwhile(t);
    if (held.length < 2) await waits();
  };
  await waits();
  for (const answer of held) answer();
  t.deepEqual(new Set(await running), new Set([false]));
  t.is(server.requests.length, 502);
  t.is(probesOf(server).length, 2);
});

test('a slash at the end is a part of the name', async (t) => {
  const server = await site(t, notFound);
  t.deepEqual(await verdicts([`${server.url}/x/a-1/`, `${server.url}/x/b-2/?q=1`]), [false, false]);
  t.regex(probesOf(server).join(' '), /^\/x\/[a-z]{24}\/$/);
});

for (const limits of [
  { concurrency: 1 },
  { perHost: 1 },
  { perHost: 1, concurrency: 1, lookAhead: 1 },
  { perHost: 2, concurrency: 50 },
]) {
  test(`made-up URLs keep to the limits: ${JSON.stringify(limits)}`, async (t) => {
    const server = await site(t, sorry);
    const urls = Array.from({ length: 60 }, (_, n) => `${server.url}/${n % 7}/page-${n}.html`);
    t.deepEqual(new Set(await verdicts(urls, { ...asked, ...limits })), new Set([false]));
    t.is(server.requests.length, 67);
    t.true(server.mostAtOnce() <= (limits.perHost ?? 1));
  });
}

test('of a host whose made-up URL does not come no more rows begin than wait; others go on', async (t) => {
  const held: (() => void)[] = [];
  const server = await site(t, (_, response) => void held.push(() => response.writeHead(404).end()));
  const urls = Array.from({ length: 100 }, (_, n) => [
    `http://slow.test/page-${n}.html`,
    `http://fast${n}.test/a-1`,
  ]).flat();
  const options = { ...asked, perHost: 2, concurrency: 20, connectTo: [everythingTo(server)] };
  const fast = await httpServer(t, (_, response) => void response.writeHead(404).end());
  const running = verdicts(urls, {
    ...options,
    connectTo: [`slow.test::127.0.0.1:${server.port}`, everythingTo(fast)],
  });
  await fast.requested(100);
  await meanwhile(t);
  const begun = server.requests.filter((request) => isThere(request)).length;
  t.true(begun >= 1 && begun <= 8 + 2, String(begun));
  t.is(held.length, 1);
  for (const answer of held) answer();
  const all = await running;
  t.is(all.filter((verdict) => verdict === false).length, 100);
});

test('two hosts that lead to one another for what they lack', async (t) => {
  const server = await site(t, ({ url, headers }, response) => {
    const [, from = ''] = /from=(\w)/.exec(url) ?? [];
    if (from !== '') return void response.setHeader('content-type', 'text/html').end(page(`not at ${from}`));
    const other = headers.host === 'a.test' ? 'b' : 'a';
    return void response.writeHead(302, { location: `http://${other}.test${url}?from=${other}` }).end();
  });
  const urls = Array.from({ length: 100 }, (_, n) => `http://${n % 2 === 0 ? 'a' : 'b'}.test/page-${n}.html`);
  const options = { ...asked, perHost: 1, connectTo: [everythingTo(server)] };
  t.deepEqual(new Set(await verdicts(urls, options)), new Set([false]));
  t.is(server.requests.length, 104);
});

test('a host of which nothing else begins still answers made-up URLs of others', async (t) => {
  const held: (() => void)[] = [];
  let isFull: (() => void) | null = null;
  const server = await site(t, ({ url, headers }, response) => {
    if (headers.host === 'b.test')
      isFull = () => void response.writeHead(302, { location: `http://a.test${url}` }).end();
    else held.push(() => void response.writeHead(404).end());
    if (held.length === 2) for (const answer of held) answer();
  });
  const urls = Array.from({ length: 30 }, (_, n) => `http://a.test/page-${n}.html`);
  const options = { ...asked, perHost: 2, connectTo: [everythingTo(server)] };
  const running = verdicts([...urls, 'http://b.test/page-1.html'], options);
  // Eight rows of the first host and its probe, and one row of the second and its probe.
  await server.requested(11);
  await meanwhile(t);
  (isFull as (() => void) | null)?.();
  t.deepEqual(new Set(await running), new Set([false]));
});

test('in threads it is the same', async (t) => {
  const server = await site(t, sorry);
  const urls = Array.from(
    { length: 40 },
    (_, n) => `http://h${n % 4}.test/${n < 20 ? `page-${n}` : 'gone'}.html`,
  );
  const options = { ...asked, threads: 2, connectTo: [everythingTo(server)] };
  const found = await verdicts(urls, options);
  t.deepEqual(
    found,
    urls.map((_, n) => n >= 20),
  );
  t.is(server.requests.filter(({ url }) => /^\/[a-z]{24}\.html$/.test(url)).length, 4);
});

test('where the made-up URL fails, nothing is claimed', async (t) => {
  const server = await site(t, (_, response) => response.destroy());
  const urls = Array.from({ length: 20 }, (_, n) => `${server.url}/page-${n}.html`);
  const results = await fetchAll(urls, asked);
  t.deepEqual(new Set(results.map(({ soft404 }) => soft404)), new Set([null]));
  t.deepEqual(new Set(results.map(({ status, error }) => `${status} ${error}`)), new Set(['200 null']));
  // A request that fails on a reused connection is sent once more, so the same URL may appear twice.
  t.is(new Set(probesOf(server)).size, 1);
});

test('429 and 503 tell nothing of a page, when one more attempt is no better', async (t) => {
  for (const status of [429, 503]) {
    const server = await site(t, (_, response) => void response.writeHead(status).end());
    const urls = [`${server.url}/page-1.html`, `${server.url}/page-2.html`];
    t.deepEqual(await verdicts(urls, { ...asked, retries: 3 }), [null, null]);
    t.is(probesOf(server).length, 2);
  }
  const busy = new Set<string>();
  const server = await site(t, ({ url }, response) => {
    response.writeHead(busy.has(url) ? 404 : 429).end();
    busy.add(url);
  });
  t.deepEqual(await verdicts([`${server.url}/page-1.html`], { ...asked, retries: 3 }), [false]);
});

test('nothing is made up unless it is asked for, and where no page has come', async (t) => {
  const server = await site(t, notFound);
  t.deepEqual(await verdicts([`${server.url}/page-1.html`], {}), [null]);
  t.is(server.requests.length, 1);
  t.deepEqual(await verdicts([`${server.url}/gone.html`]), [null]);
  t.is(server.requests.length, 2);
  const binary = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'image/png').end('x');
  });
  t.deepEqual(await verdicts([`${binary.url}/a.png`]), [null]);
  t.is(binary.requests.length, 1);
  t.deepEqual(await verdicts([`${server.url}/page-1.html`], { ...asked, method: 'POST', data: 'x' }), [null]);
  t.is(server.requests.length, 3);
});

test('the headers of a row go along, to its own origin only', async (t) => {
  const other = await httpServer(t, (_, response) => void response.end('other'));
  const server = await site(t, (_, response) => {
    response.writeHead(302, { location: `${other.url}/x` }).end();
  });
  const url = `http://me:secret@127.0.0.1:${server.port}/page-1.html`;
  t.deepEqual(await verdicts([url], { ...asked, header: ['x-key: 1', 'accept: text/html'] }), [false]);
  const probe = server.requests.find((request) => !isThere(request));
  t.like(probe?.headers, { 'x-key': '1', accept: 'text/html' });
  t.truthy(probe?.headers.authorization);
  t.like(other.requests[0]?.headers, { accept: 'text/html' });
  t.is(other.requests[0]?.headers['x-key'] ?? other.requests[0]?.headers.authorization, undefined);
});

test('robots.txt is obeyed', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') response.end('user-agent: *\ndisallow: /a/\nallow: /a/page');
    else response.end('hello');
  });
  t.deepEqual(await verdicts([`${server.url}/a/page`, `${server.url}/b/page`], { ...asked, robots: true }), [
    null,
    true,
  ]);
  t.is(server.requests.length, 4);
});

test('with HEAD an honest host is known; pages cannot be compared', async (t) => {
  const honest = await site(t, notFound);
  t.deepEqual(await verdicts([`${honest.url}/page-1.html`], { ...asked, head: true }), [false]);
  const soft = await site(t, sorry);
  t.deepEqual(await verdicts([`${soft.url}/page-1.html`], { ...asked, method: 'HEAD' }), [null]);
  const home = await site(t, (_, response) => void response.writeHead(302, { location: '/' }).end());
  t.deepEqual(await verdicts([`${home.url}/x`, `${home.url}/page-1.html`], { ...asked, head: true }), [
    true,
    false,
  ]);
});

test('rows of the same request share it', async (t) => {
  const server = await site(t, sorry);
  const urls = Array.from({ length: 10 }, () => `${server.url}/gone.html`);
  t.deepEqual(new Set(await verdicts(urls, { ...asked, once: true })), new Set([true]));
  t.is(server.requests.length, 2);
});

test('a page is processed once, and what a made-up URL gives is not', async (t) => {
  const server = await site(t, sorry);
  const seen: string[] = [];
  const process = ({ url }: { readonly url: string }): object => {
    seen.push(url);
    return {};
  };
  const { soft404 } = await fetchOne(`${server.url}/gone.html`, {
    ...asked,
    processors: [{ columns: ['a'], process: process as never }],
  });
  t.true(soft404);
  t.deepEqual(seen, [`${server.url}/gone.html`]);
});

test('a run that is stopped gives made-up URLs their time, as it does to all that has begun', async (t) => {
  const server = await site(t, notFound);
  const controller = new AbortController();
  const { signal } = controller;
  const running = fetchAll([`${server.url}/page-1.html`], {
    ...asked,
    signal,
    grace: '10m',
    hostRate: '1/s',
  });
  await server.requested(1);
  // By then the row has its page, and the probe has not been sent.
  await meanwhile(t);
  controller.abort();
  const [result] = await running;
  t.like(result, { error: null, status: 200, soft404: false });
  t.is(server.requests.length, 2);
});

test('a row that waits when the run is ended is not done', async (t) => {
  const server = await site(t, () => {});
  const controller = new AbortController();
  const running = fetchAll([`${server.url}/page-1.html`], {
    ...asked,
    signal: controller.signal,
    grace: '1ms',
  });
  await server.requested(2);
  controller.abort();
  const [result] = await running;
  t.is(result?.error, 'cancelled');
});
