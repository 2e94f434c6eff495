import test from 'ava';

import { gate } from '../../helpers/gate.ts';
import { randomNumbers } from '../../helpers/random.ts';
import { drive } from './scheduling.ts';
import type { DrivenOptions } from './scheduling.ts';

/** A list sorted by host: each host, named by a letter, with this many rows. */
function sorted(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([host, count]) =>
    Array.from({ length: count }, (_, i) => `http://${host}.test/${i}`),
  );
}

function shuffled(urls: readonly string[]): string[] {
  const below = randomNumbers(1);
  return urls
    .map((url) => ({ url, at: below(2 ** 32) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ url }) => url);
}

/** URLs by host, in the order in which they came. */
function byHost(urls: Iterable<string>): Record<string, string[]> {
  const hosts: Record<string, string[]> = {};
  for (const url of urls) (hosts[new URL(url).host] ??= []).push(url);
  return hosts;
}

const ten = Object.fromEntries(Array.from('abcdefghij', (host) => [host, 150]));
const skewed = { a: 1500, b: 30, c: 30, d: 3 };

const staysInBounds = test.macro({
  exec: async (t, urls: readonly string[], options: DrivenOptions) => {
    const { results, asked, mostHeld } = await drive(urls, options);
    const numbers = results.map(({ row: { number } }) => number).toSorted((a, b) => a - b);
    t.deepEqual(
      numbers,
      urls.map((_, i) => i + 1),
    );
    t.true(results.every(({ status, row: { url, number } }) => status === 200 && url === urls[number - 1]));
    t.deepEqual(byHost(asked), byHost(urls));
    // Rows come back from disk in batches, at most one for each host that has room in memory.
    t.true(mostHeld <= 2 * options.lookAhead + 8, `${mostHeld} rows were held`);
  },
  title: (name) =>
    `one result each, rows of a host in order, rows in memory about as many as the look-ahead: ${name}`,
});

for (const lookAhead of [1, 2, 10, 100]) {
  test(`sorted by host, ${lookAhead}`, staysInBounds, sorted(ten), { lookAhead });
  test(`shuffled, ${lookAhead}`, staysInBounds, shuffled(sorted(ten)), { lookAhead });
  test(`one host has most rows and comes first, ${lookAhead}`, staysInBounds, sorted(skewed), { lookAhead });
}
test('one host has most rows, shuffled', staysInBounds, shuffled(sorted(skewed)), { lookAhead: 60 });

test('all hosts of a sorted list are asked at once, though the look-ahead holds rows of two', async (t) => {
  const hosts = new Set<string>();
  const all = gate();
  const answer = async ({ origin }: { readonly origin: string }): Promise<object> => {
    if (hosts.add(origin).size === 10) all.open();
    await all.opened;
    return {};
  };
  const { asked, results } = await drive(sorted(ten), { lookAhead: 300, answer });
  t.is(results.length, 1500);
  t.is(Object.keys(byHost(asked.slice(0, 10))).length, 10);
});

test('a host that goes down takes its rows on disk and those behind them along, without a request', async (t) => {
  // Other hosts have rows before and after the first host's last row, which comes when that host has rows on
  // disk.
  const urls = [...sorted({ a: 2000, b: 10 }), 'http://a.test/last', ...sorted({ c: 1 })];
  const last = gate();
  const { asked, results, mostHeld } = await drive(urls, {
    lookAhead: 50,
    answer: async ({ url }) => {
      if (url.startsWith('http://c.')) last.open();
      if (!url.startsWith('http://a.')) return {};
      await last.opened;
      return { status: 429, retryAfter: '3600' };
    },
  });
  const numbers = results.map(({ row: { number } }) => number).toSorted((a, b) => a - b);
  t.deepEqual(
    numbers,
    urls.map((_, i) => i + 1),
  );
  t.is(asked.filter((url) => url.startsWith('http://a.')).length, 1);
  t.is(results.filter(({ status }) => status === 429).length, 1);
  const down = results.filter(({ error }) => error === 'host-down');
  t.is(down.length, 2000);
  t.true(down.every(({ attempts, detail }) => attempts === 0 && detail.includes('3600 s')));
  t.true(mostHeld <= 108, `${mostHeld} rows were held`);
});

test('a host that fails five times takes its rows on disk along as well', async (t) => {
  const urls = sorted({ a: 1000, b: 10 });
  const last = gate();
  const { asked, results } = await drive(urls, {
    lookAhead: 50,
    answer: async ({ url }) => {
      if (url === 'http://b.test/9') last.open();
      if (!url.startsWith('http://a.')) return {};
      await last.opened;
      return { status: null, error: 'connect-refused' };
    },
  });
  t.is(results.length, 1010);
  t.is(asked.filter((url) => url.startsWith('http://a.')).length, 5);
  t.is(results.filter(({ error }) => error === 'connect-refused').length, 5);
  t.is(results.filter(({ error }) => error === 'host-down').length, 995);
});

test('rows from the disk are tried again, later than others, and counted right', async (t) => {
  const urls = sorted({ a: 300, b: 10 });
  const last = gate();
  const seen = new Map<string, number>();
  const { results } = await drive(urls, {
    lookAhead: 50,
    retries: 2,
    answer: async ({ url }) => {
      if (url === 'http://b.test/9') last.open();
      if (url.startsWith('http://a.')) await last.opened;
      const attempt = (seen.get(url) ?? 0) + 1;
      seen.set(url, attempt);
      return { status: attempt < 3 && url.endsWith('7') ? 500 : 200 };
    },
  });
  t.is(results.length, 310);
  t.is(new Set(results.map(({ row: { number } }) => number)).size, 310);
  t.true(
    results.every(
      ({ status, attempts, row: { url } }) => status === 200 && attempts === (url.endsWith('7') ? 3 : 1),
    ),
  );
});
