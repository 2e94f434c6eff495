import { EventEmitter, once } from 'node:events';

import test from 'ava';

import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';
import type { Result } from '../../../src/shared/records.ts';
import { rawServer } from '../../helpers/server.ts';
import { drive } from './scheduling.ts';
import { longGrace, start } from './stopping.ts';

// Random pauses become a hundredth of their maximum: 10 to 100 milliseconds.
Math.random = () => 0.01;

const refused = { status: null, error: 'connect-refused', detail: 'gone' } as const;
const reset = { status: null, error: 'connect-reset', detail: 'gone' } as const;
const late = { status: null, error: 'headers-timeout', detail: 'gone' } as const;

const urls = (count: number, host = 'a.test'): string[] =>
  Array.from({ length: count }, (_, i) => `http://${host}/${i}`);

const patient = { lookAhead: 1000, maxWait: 60_000, concurrency: 10, perHost: 3, retries: 3 };

/** Answers `after` requests, then fails this many, and answers all later ones. */
function awayFor(
  failures: number,
  failure: Partial<EngineReply>,
  after = 5,
): (request: EngineRequest) => Partial<EngineReply> {
  let asked = 0;
  return () => {
    asked++;
    return asked > after && asked <= after + failures ? failure : {};
  };
}

function endings(results: readonly Result[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error, status } of results) {
    const key = error ?? String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

for (const failure of [refused, reset, late]) {
  test(`no row is lost while a host that has answered is away for a while: ${failure.error}`, async (t) => {
    // Three requests are in flight when the host goes away. If it were not waited for, it would be down after
    // the seventh failure.
    const { results } = await drive(urls(60), { ...patient, answer: awayFor(8, failure) });
    t.deepEqual(endings(results), { '200': 60 });
    t.is(new Set(results.map(({ row }) => row.number)).size, 60);
    t.true(results.every(({ attempts }) => attempts <= 4));
  });
}

test('rows that see whether it is back do not use up their attempts, be there one or none', async (t) => {
  const { results, asked } = await drive(urls(7), {
    ...patient,
    perHost: 1,
    retries: 0,
    answer: awayFor(4, refused, 6),
  });
  t.deepEqual(endings(results), { '200': 7 });
  t.true(results.every(({ attempts }) => attempts === 1));
  t.is(asked.length, 11);
});

test('one that has never answered is given up as ever', async (t) => {
  const { results, asked } = await drive(urls(50), {
    ...patient,
    perHost: 1,
    maxWait: 1,
    answer: () => refused,
  });
  t.is(asked.length, 5);
  t.true(results.every(({ error }) => error === 'connect-refused' || error === 'host-down'));
});

test('one that stays away is down after --max-wait, and the run ends', async (t) => {
  const { results } = await drive(urls(500), {
    ...patient,
    maxWait: 2000,
    answer: awayFor(Infinity, refused),
  });
  const { '200': good, 'host-down': down = 0, 'connect-refused': tried = 0 } = endings(results);
  t.is(good, 5);
  t.is(down + tried, 495);
  t.true(tried <= 3);
  for (const { error, attempts, detail } of results) {
    if (error !== 'host-down') continue;
    t.is(attempts, 0);
    t.regex(detail, /^a\.test was not tried: the last \d+ attempts failed \(connect-refused: gone\)$/);
  }
});

test('what may not be sent twice ends with its failure; what was not sent waits', async (t) => {
  for (const failure of [reset, refused]) {
    const { results } = await drive(urls(60), {
      ...patient,
      method: 'POST',
      answer: awayFor(6, failure),
    });
    t.deepEqual(endings(results), failure === reset ? { '200': 54, 'connect-reset': 6 } : { '200': 60 });
    t.true(results.every(({ attempts }) => attempts === 1));
  }
});

test('a row at whose request alone the host fails is no reason to wait: it has its attempts, others go on', async (t) => {
  const { results, asked } = await drive(urls(60), {
    ...patient,
    perHost: 1,
    retries: 2,
    answer: ({ path }) => (path === '/7' ? reset : {}),
  });
  t.deepEqual(endings(results), { '200': 59, 'connect-reset': 1 });
  t.is(asked.filter((url) => url.endsWith('/7')).length, 3);
  t.is(results.find(({ error }) => error !== null)?.attempts, 3);
});

test('several such rows, one behind the other, end as well', async (t) => {
  const bad = new Set(['/7', '/8', '/9']);
  const answer = ({ path }: EngineRequest): Partial<EngineReply> => (bad.has(path) ? reset : {});
  const { results } = await drive(urls(40), {
    ...patient,
    perHost: 1,
    retries: 1,
    maxWait: 1000,
    answer,
  });
  // In the end only these rows are left, so the host seems to be away.
  const { '200': good, 'connect-reset': tried = 0, 'host-down': down = 0, ...others } = endings(results);
  t.deepEqual([good, tried + down, others], [37, 3, {}]);
});

test('an origin is waited for, not another one of its host', async (t) => {
  const list = [...urls(30, 'a.test:1'), 'https://a.test/'];
  const { results } = await drive(list, {
    ...patient,
    retries: 2,
    answer: ({ origin }) => (origin === 'http://a.test:1' ? {} : refused),
  });
  t.deepEqual(endings(results), { '200': 30, 'connect-refused': 1 });
  t.true(results.every(({ error, attempts }) => attempts === (error === null ? 1 : 3)));
});

test('an origin that never comes back holds up no other one of its host, and none of its rows for ever', async (t) => {
  let isAway = false;
  const list = ['http://a.test:2/', ...urls(100, 'a.test:1'), 'http://a.test:2/late'];
  const answer = ({ origin }: EngineRequest): Partial<EngineReply> => {
    const fails = isAway && origin === 'http://a.test:2';
    isAway = true;
    return fails ? refused : {};
  };
  const { results } = await drive(list, { ...patient, perHost: 1, retries: 0, maxWait: 500, answer });
  t.deepEqual(endings(results), { '200': 101, 'connect-refused': 1 });
});

test('that a host has answered is remembered when it had nothing to do meanwhile', async (t) => {
  const others = Array.from({ length: 3000 }, (_, i) => `http://o${i}.test/`);
  let failures = 0;
  const { results } = await drive(['http://a.test/first', ...others, ...urls(10)], {
    ...patient,
    concurrency: 100,
    // Fewer than five hosts fail, so the network is not doubted.
    answer: ({ path, origin }) =>
      origin === 'http://a.test' && path !== '/first' && failures++ < 7 ? refused : {},
  });
  t.deepEqual(endings(results), { '200': 3011 });
});

test('rows of a host that is waited for leave memory to others', async (t) => {
  let isBack = false;
  let asked = 0;
  const list = [...urls(2000), ...Array.from({ length: 500 }, (_, i) => `http://o${i % 50}.test/${i}`)];
  const seen: string[] = [];
  const { results, mostHeld } = await drive(list, {
    ...patient,
    lookAhead: 200,
    answer: ({ origin }) => {
      seen.push(origin);
      if (origin !== 'http://a.test') {
        // The host comes back when all others are done.
        if (seen.filter((name) => name !== 'http://a.test').length === 500) isBack = true;
        return {};
      }
      return ++asked > 5 && !isBack ? refused : {};
    },
  });
  t.deepEqual(endings(results), { '200': 2500 });
  t.true(mostHeld <= 400, `${mostHeld}`);
});

test('a redirect to a host that is away waits there, without being sent from its beginning again', async (t) => {
  let answers = 0;
  let failures = 0;
  const { results, asked } = await drive(urls(30, 'from.test'), {
    ...patient,
    retries: 0,
    answer: ({ origin, path }) => {
      if (origin === 'http://from.test') return { status: 302, location: `http://to.test${path}` };
      if (++answers > 3 && failures++ < 6) return refused;
      return {};
    },
  });
  t.deepEqual(endings(results), { '200': 30 });
  t.is(asked.filter((url) => url.startsWith('http://from.test')).length, 30);
  t.true(results.every(({ attempts, redirects }) => attempts === 1 && redirects.length === 1));
});

test('robots.txt that is at a host which is away is waited for as well', async (t) => {
  let failures = 0;
  const { results, asked } = await drive(['http://b.test/1', ...urls(3)], {
    ...patient,
    concurrency: 1,
    retries: 0,
    robots: 'urlmill',
    answer: ({ url, path }) => {
      if (url === 'http://a.test/robots.txt') return { status: 302, location: 'http://b.test/for-a' };
      if (path === '/for-a' && failures++ < 6) return refused;
      return path === '/1' ? {} : { status: 404 };
    },
  });
  t.deepEqual(endings(results), { '200': 2, '404': 2 });
  t.is(asked.filter((url) => url === 'http://b.test/for-a').length, 7);
});

test('stop() ends the waiting at once: what has not ended is dropped or cancelled', async (t) => {
  const events = new EventEmitter();
  let asked = 0;
  const server = await rawServer(t, (socket) => {
    asked++;
    if (asked === 15) events.emit('away');
    if (asked > 5) socket.resetAndDestroy();
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  });
  const away = once(events, 'away');
  const { fetcher, results } = start(t, server, urls(500), { maxWait: 60_000, perHost: 3, retries: 3 });
  await away;
  fetcher.stop(longGrace);
  const { '200': good, cancelled = 0, ...others } = endings(await results);
  t.is(good, 5);
  t.deepEqual(others, {});
  // Rows that were tried before, and those in flight.
  t.true(cancelled <= 20, `${cancelled}`);
});
