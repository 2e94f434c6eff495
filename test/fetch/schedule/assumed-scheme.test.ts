import test from 'ava';

import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';
import type { FailureCode } from '../../../src/shared/failures.ts';
import { drive } from './scheduling.ts';
import type { Driven, DrivenOptions } from './scheduling.ts';

type Reply = Partial<EngineReply>;

const failed = (error: FailureCode): Reply => ({ status: null, error, detail: error });
const isByHttps = ({ origin }: EngineRequest): boolean => origin.startsWith('https:');

/**
 * Runs rows for which https requests get this reply, and http requests that of `http`: by default status 200.
 */
async function driven(
  urls: readonly string[],
  https: Reply,
  {
    http = () => ({}),
    ...options
  }: Partial<DrivenOptions> & { http?: (request: EngineRequest) => Reply } = {},
): Promise<Driven> {
  const answer = (request: EngineRequest): Reply => (isByHttps(request) ? https : http(request));
  return drive(urls, { lookAhead: 100, answer, ...options });
}

const sorted = (texts: readonly string[]): string[] => texts.toSorted((a, b) => (a < b ? -1 : 1));

/** The outcomes of the rows, in the order of the list. */
const outcomes = ({ results }: Driven): unknown[] =>
  results
    .toSorted((a, b) => a.row.number - b.row.number)
    .map(({ url, status, error, attempts }) => [url, error ?? status, attempts]);

const fallsBack = test.macro({
  exec: async (t, error: FailureCode) => {
    const all = await driven(['a.test/x?y#z'], failed(error), { retries: 3 });
    t.deepEqual(all.asked, ['https://a.test/x?y#z', 'http://a.test/x?y#z']);
    t.deepEqual(outcomes(all), [['http://a.test/x?y#z', 200, 1]]);
    t.deepEqual(all.results[0]?.redirects, []);
  },
  title: (_, error: FailureCode) => `where there is no https, http is asked in the same attempt: ${error}`,
});

test(fallsBack, 'connect-refused');
test(fallsBack, 'connect-timeout');
test(fallsBack, 'connect-unreachable');
test(fallsBack, 'connect-reset');
test(fallsBack, 'tls-handshake');

const stays = test.macro({
  exec: async (t, reply: Reply) => {
    const all = await driven(['a.test/'], reply);
    t.deepEqual(all.asked, ['https://a.test/']);
    t.deepEqual(outcomes(all), [['https://a.test/', reply.error ?? reply.status, 1]]);
  },
  title: (_, { error, status }: Reply) => `what says something of https is the result: ${error ?? status}`,
});

test(stays, { status: 200 });
test(stays, { status: 404 });
test(stays, { status: 503 });
for (const error of [
  'tls-expired',
  'tls-self-signed',
  'tls-unknown-issuer',
  'tls-wrong-host',
  'dns-not-found',
  'address-denied',
  'headers-timeout',
  'http-closed',
  'http-malformed',
] as const)
  test(stays, failed(error));

test('a URL that says https stays with it', async (t) => {
  const all = await driven(['https://a.test/'], failed('connect-refused'));
  t.deepEqual(outcomes(all), [['https://a.test/', 'connect-refused', 1]]);
  t.is(all.asked.length, 1);
});

test('when both fail the row ends with the failure of http, and every attempt begins with https', async (t) => {
  const all = await driven(['a.test/'], failed('tls-handshake'), {
    http: () => failed('connect-refused'),
    retries: 2,
  });
  t.deepEqual(outcomes(all), [['http://a.test/', 'connect-refused', 3]]);
  const attempt = ['https://a.test/', 'http://a.test/'];
  t.deepEqual(all.asked, [...attempt, ...attempt, ...attempt]);
});

test('where http has answered, https is not tried again: by no later row, and in no later attempt', async (t) => {
  const statuses = [503, 200, 200, 200];
  const answer = (request: EngineRequest): Reply =>
    isByHttps(request) ? failed('connect-timeout') : { status: statuses.shift() ?? 0 };
  const urls = ['a.test/1', 'a.test/2', 'a.test/3'];
  const all = await driven(urls, {}, { answer, retries: 1, concurrency: 1 });
  t.deepEqual(
    all.asked.filter((url) => url.startsWith('https')),
    ['https://a.test/1'],
  );
  t.is(all.asked.length, 5);
  t.true(all.results.every(({ status, url }) => status === 200 && url.startsWith('http:')));
});

test('another port is another server', async (t) => {
  const all = await driven(['a.test/', 'a.test:8443/'], failed('connect-refused'), { concurrency: 1 });
  t.deepEqual(all.asked, [
    'https://a.test/',
    'http://a.test/',
    'https://a.test:8443/',
    'http://a.test:8443/',
  ]);
});

test('where https has answered in this run, its rows are not asked by http', async (t) => {
  const replies: Reply[] = [{ status: 200 }, failed('tls-handshake')];
  const all = await driven(
    ['a.test/1', 'a.test/2'],
    {},
    {
      answer: () => replies.shift() ?? failed('tls-handshake'),
      concurrency: 1,
    },
  );
  t.deepEqual(all.asked, ['https://a.test/1', 'https://a.test/2']);
  t.deepEqual(outcomes(all), [
    ['https://a.test/1', 200, 1],
    ['https://a.test/2', 'tls-handshake', 1],
  ]);
});

test('a host that was away altogether is asked by https first when it is back', async (t) => {
  const replies: Reply[] = [
    { status: 200 },
    failed('connect-refused'),
    failed('connect-refused'),
    { status: 200 },
    { status: 200 },
  ];
  const urls = ['http://a.test/1', 'a.test/2', 'a.test/3'];
  const all = await driven(
    urls,
    {},
    { answer: () => replies.shift() ?? {}, concurrency: 1, maxWait: 60_000 },
  );
  t.deepEqual(all.asked.slice(0, 3), ['http://a.test/1', 'https://a.test/2', 'http://a.test/2']);
  t.deepEqual(sorted(all.asked.slice(3)), ['https://a.test/2', 'https://a.test/3']);
  t.true(all.results.every(({ status, attempts }) => status === 200 && attempts === 1));
});

test('a redirect to a port without https is not followed by http', async (t) => {
  const all = await driven(
    ['a.test/'],
    {},
    {
      answer: ({ origin }) =>
        origin === 'https://b.test'
          ? failed('connect-refused')
          : { status: 302, location: 'https://b.test/', isPublic: true },
    },
  );
  t.deepEqual(outcomes(all), [['https://b.test/', 'connect-refused', 1]]);
});

test('a redirect of http back to https is followed, and ends there', async (t) => {
  const all = await driven(['a.test/'], failed('connect-refused'), {
    http: () => ({ status: 301, location: 'https://a.test/' }),
  });
  t.deepEqual(all.asked, ['https://a.test/', 'http://a.test/', 'https://a.test/']);
  t.deepEqual(outcomes(all), [['https://a.test/', 'connect-refused', 1]]);
});

test('both requests have one --timeout: when https has used it up there is no other', async (t) => {
  const timeouts: number[] = [];
  const answer = ({ timeout }: EngineRequest): Reply => {
    timeouts.push(timeout);
    return { ...failed('connect-timeout'), ms: 4000 };
  };
  t.deepEqual(outcomes(await driven(['a.test/'], {}, { answer, timeout: 6000 })), [
    ['http://a.test/', 'connect-timeout', 1],
  ]);
  t.deepEqual(timeouts, [6000, 2000]);
  t.deepEqual(outcomes(await driven(['a.test/'], {}, { answer, timeout: 4000 })), [
    ['https://a.test/', 'connect-timeout', 1],
  ]);
});

test('headers that may be secret are not sent by http, whether it is tried first or not', async (t) => {
  const sent: [string, readonly string[]][] = [];
  await driven(
    ['a.test/1', 'a.test/2'],
    {},
    {
      concurrency: 1,
      requestOf: () => ({
        headers: ['user-agent', 'x'],
        ownHeaders: ['authorization', 'secret'],
        hostHeaders: [],
        body: null,
      }),
      answer: (request) => {
        sent.push([request.url, request.headers]);
        return isByHttps(request) ? failed('connect-refused') : {};
      },
    },
  );
  t.deepEqual(sent, [
    ['https://a.test/1', ['user-agent', 'x', 'authorization', 'secret']],
    ['http://a.test/1', ['user-agent', 'x']],
    ['http://a.test/2', ['user-agent', 'x']],
  ]);
});

test('a request that changes something is sent again only if it was certainly not sent', async (t) => {
  const refused = await driven(['a.test/'], failed('connect-refused'), { method: 'POST' });
  t.deepEqual(refused.asked, ['https://a.test/', 'http://a.test/']);
  const reset = await driven(['a.test/'], failed('connect-reset'), { method: 'POST' });
  t.deepEqual(reset.asked, ['https://a.test/']);
});

test('HEAD is HEAD by http too, and GET where that is refused', async (t) => {
  const asked: string[] = [];
  const answer = (request: EngineRequest): Reply => {
    asked.push(`${request.method} ${request.origin}`);
    if (isByHttps(request)) return failed('connect-reset');
    return { status: request.method === 'HEAD' ? 405 : 200 };
  };
  const all = await driven(['a.test/'], {}, { answer, method: 'HEAD', getAfterHead: true });
  t.deepEqual(asked, [
    'HEAD https://a.test',
    'HEAD http://a.test',
    'GET https://a.test',
    'GET http://a.test',
  ]);
  t.deepEqual(outcomes(all), [['http://a.test/', 200, 1]]);
});

test('failures of https are no failures of the host', async (t) => {
  const urls = Array.from({ length: 8 }, (_, i) => `a.test:${8000 + i}/`);
  const all = await driven(urls, failed('connect-refused'), { concurrency: 1 });
  t.true(all.results.every(({ status }) => status === 200));
});

test('a row that may be asked by http shares no result with one that may not', async (t) => {
  const urls = ['https://a.test/', 'a.test/', 'a.test/#x', 'http://a.test/'];
  const all = await driven(urls, failed('connect-refused'), { concurrency: 1, onceMemory: 1_000_000 });
  t.deepEqual(
    sorted(all.results.map(({ row, error, status, sameAs }) => `${row.number} ${error ?? status} ${sameAs}`)),
    ['1 connect-refused null', '2 200 null', '3 200 2', '4 200 null'],
  );
});

test('rows that come when a result is known share it, whatever the scheme was', async (t) => {
  const urls = Array.from({ length: 40 }, (_, i) => `a.test/#${i}`);
  const all = await driven(urls, failed('connect-refused'), {
    concurrency: 1,
    lookAhead: 1,
    onceMemory: 1_000_000,
  });
  t.deepEqual(all.asked, ['https://a.test/#0', 'http://a.test/#0']);
  t.deepEqual(all.results.map(({ url }) => url).toSorted(), urls.map((url) => `http://${url}`).toSorted());
});

test('rows that were on disk may be asked by http as well', async (t) => {
  const urls = Array.from({ length: 300 }, (_, i) => `a.test:${8000 + i}/`);
  const all = await driven([...urls, 'b.test/'], failed('connect-refused'), { lookAhead: 20, perHost: 1 });
  t.is(all.results.length, 301);
  t.true(all.results.every(({ status, url }) => status === 200 && url.startsWith('http:')));
});

const robots = { robots: 'urlmill' };
const isRobots = ({ path }: EngineRequest): boolean => path === '/robots.txt';

test('without https the robots.txt of http counts, and is asked for once', async (t) => {
  const all = await driven(['a.test/yes', 'a.test/no'], failed('connect-refused'), {
    http: (request) => (isRobots(request) ? { body: Buffer.from('User-agent: *\nDisallow: /no') } : {}),
    ...robots,
    retries: 3,
  });
  t.deepEqual(all.asked, ['https://a.test/robots.txt', 'http://a.test/robots.txt', 'http://a.test/yes']);
  t.deepEqual(outcomes(all), [
    ['http://a.test/yes', 200, 1],
    ['http://a.test/no', 'robots-denied', 0],
  ]);
});

test('rows that say https have all attempts at their robots.txt', async (t) => {
  const all = await driven(['a.test/', 'https://a.test/b'], failed('connect-refused'), {
    http: () => ({ body: Buffer.alloc(0) }),
    ...robots,
    retries: 2,
  });
  t.deepEqual(outcomes(all), [
    ['http://a.test/', 200, 1],
    ['https://a.test/b', 'connect-refused', 0],
  ]);
  t.is(all.asked.filter((url) => url === 'https://a.test/robots.txt').length, 4);
});

test('a robots.txt that cannot be had for another reason ends the rows', async (t) => {
  const all = await driven(['a.test/', 'a.test/b'], failed('dns-not-found'), robots);
  t.deepEqual(all.asked, ['https://a.test/robots.txt']);
  t.true(all.results.every(({ error }) => error === 'dns-not-found'));
});
