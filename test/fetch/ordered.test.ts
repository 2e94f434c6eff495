import test from 'ava';

import { InOrder } from '../../src/fetch/in-order.ts';
import { everythingTo, fetchAll } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';

const orderOf = test.macro({
  exec: async (t, ordered: boolean, expected: readonly string[]) => {
    const waiting: (() => void)[] = [];
    // Requests are answered from the last to the first, each when the one after it is done.
    const endLast = (): unknown => waiting.pop()?.();
    const server = await httpServer(t, (_, response) => {
      response.once('close', endLast);
      waiting.push(() => response.end());
      if (waiting.length === 5) endLast();
    });
    const urls = ['a', 'b', 'c', 'd', 'e'].map((name) => `http://${name}.test/`);
    const results = await fetchAll(urls, {
      ordered,
      concurrency: 5,
      connectTo: [everythingTo(server)],
    });
    const asked = server.requests.map(({ headers }) => headers.host);
    const places = results.map(({ host }) =>
      String(ordered ? urls.indexOf(`http://${host}/`) : asked.indexOf(host)),
    );
    t.deepEqual(places, expected);
  },
  title: (name) => name ?? '',
});

test('results come in the order in which they are done', orderOf, false, ['4', '3', '2', '1', '0']);
test('ordered results come in the order of the input', orderOf, true, ['0', '1', '2', '3', '4']);

test('rows that end at once keep their places when ordered', async (t) => {
  const server = await httpServer(t, (_, response) => setImmediate(() => response.end()));
  const items = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? server.url : 'http://['));
  const results = await fetchAll(items, { ordered: true, concurrency: 5 });
  t.deepEqual(
    results.map(({ row: { number }, error }) => [number, error]),
    items.map((_, i) => [i + 1, i % 3 === 0 ? null : 'invalid-url']),
  );
});

test('InOrder gives an item as soon as all before it have come, and not sooner', (t) => {
  const given: string[] = [];
  const inOrder = new InOrder<string>((item) => given.push(item));
  inOrder.put('c', 2);
  inOrder.put('b', 1);
  t.deepEqual(given, []);
  t.is(inOrder.size, 2);
  inOrder.put('a', 0);
  t.deepEqual(given, ['a', 'b', 'c']);
  t.is(inOrder.size, 0);
  inOrder.put('d', 3);
  t.deepEqual(given, ['a', 'b', 'c', 'd']);
});

test('the end of InOrder gives what is left in order, over the gaps', (t) => {
  const given: string[] = [];
  const inOrder = new InOrder<string>((item) => given.push(item));
  inOrder.put('k', 10);
  inOrder.put('c', 2);
  inOrder.put('j', 9);
  inOrder.end();
  t.deepEqual(given, ['c', 'j', 'k']);
  t.is(inOrder.size, 0);
});
