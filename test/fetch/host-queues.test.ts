import test from 'ava';

import { HostQueues } from '../../src/fetch/host-queues.ts';

interface Item {
  readonly name: string;
  next: Item | null;
}

const item = (name: string): Item => ({ name, next: null });

/** Queues with these items; the host of each is its first letter. */
function queues(perHost: number, ...names: readonly string[]): HostQueues<Item> {
  const filled = new HostQueues<Item>(perHost);
  for (const name of names) filled.push(name.charAt(0), item(name));
  return filled;
}

/** All that can be taken now. */
function taken(from: HostQueues<Item>): string {
  const names: string[] = [];
  for (let next = from.take(); next !== null; next = from.take()) names.push(next.name);
  return names.join(' ');
}

test('nothing can be taken from nothing', (t) => {
  t.is(queues(1).take(), null);
});

test('hosts take turns, in the order in which they came; items of one host stay in theirs', (t) => {
  t.is(taken(queues(9, 'a1', 'a2', 'a3', 'b1', 'c1', 'b2')), 'a1 b1 c1 a2 b2 a3');
});

test('no more items of a host are out than its limit', (t) => {
  const of2 = queues(2, 'a1', 'a2', 'a3', 'a4', 'b1');
  t.is(taken(of2), 'a1 b1 a2');
  t.is(of2.size, 2);
  of2.release('b');
  t.is(taken(of2), '');
  of2.release('a');
  t.is(taken(of2), 'a3');
  of2.release('a');
  of2.release('a');
  t.is(taken(of2), 'a4');
  t.is(of2.size, 0);
});

test('an item that is put in front is the next of its host', (t) => {
  const of1 = queues(1, 'a1', 'a2');
  of1.unshift('a', item('a0'));
  of1.unshift('b', item('b1'));
  of1.push('b', item('b2'));
  t.is(of1.size, 5);
  t.is(taken(of1), 'a0 b1');
  of1.release('a');
  of1.release('b');
  t.is(taken(of1), 'a1 b2');
});

test('a host that has ended may come again', (t) => {
  const of1 = queues(1, 'a1');
  t.is(taken(of1), 'a1');
  of1.release('a');
  of1.push('a', item('a2'));
  of1.push('a', item('a3'));
  t.is(taken(of1), 'a2');
});

test('what is dropped is given back, and what stays keeps its order', (t) => {
  const of9 = queues(9, 'a1', 'b1', 'a2', 'a3', 'b2');
  const dropped = of9.drop(({ name }) => name === 'a2' || name.startsWith('b'));
  t.deepEqual(dropped.map(({ name }) => name).toSorted(), ['a2', 'b1', 'b2']);
  t.true(dropped.every(({ next }) => next === null));
  t.is(of9.size, 2);
  t.is(taken(of9), 'a1 a3');
});

test('after all was dropped new items are taken as ever', (t) => {
  const of1 = queues(1, 'a1', 'b1', 'c1');
  of1.drop(() => true);
  of1.push('c', item('c2'));
  of1.push('a', item('a2'));
  of1.push('a', item('a3'));
  t.deepEqual(taken(of1).split(' ').toSorted(), ['a2', 'c2']);
  of1.release('a');
  t.is(taken(of1), 'a3');
});

test('very many hosts may be dropped at once', (t) => {
  const many = new HostQueues<Item>(1);
  for (let i = 0; i < 200_000; i++) many.push(`h${i}`, item('x'));
  t.is(many.drop(() => true).length, 200_000);
  t.is(many.take(), null);
});
