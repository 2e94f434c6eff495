import test from 'ava';

import type { Host } from '../../../src/fetch/schedule/host.ts';
import { OwnQueues } from './queues.ts';

interface Item {
  readonly name: string;
  /** Set if a page waits for this item: `a!`. */
  readonly inquiry: object | null;
  /** Set if it requests a robots.txt: `a?`. */
  readonly robotsOf: string | null;
  next: Item | null;
  host: Host<Item> | null;
}

const item = (name: string): Item => ({
  name,
  inquiry: name.includes('!') ? {} : null,
  robotsOf: name.includes('?') ? 'origin' : null,
  next: null,
  host: null,
});

/** Queues of items whose host is the first letter of their name. */
class Letters extends OwnQueues<Item> {
  put(...names: readonly string[]): this {
    for (const name of names) this.push(this.host(name.charAt(0)), item(name));
    return this;
  }

  /** Takes all items that can be taken now. */
  taken(now = 0, scarce = false, onlyUrgent = false): string {
    const names: string[] = [];
    for (;;) {
      const next = this.take(now, scarce, onlyUrgent);
      if (next === null) return names.join(' ');
      names.push(next.name);
    }
  }

  end(name: string): void {
    this.release(this.host(name));
  }
}

function letters(perHost: number, ...names: readonly string[]): Letters {
  return new Letters({ perHost, interval: 0 }).put(...names);
}

test('nothing can be taken from nothing', (t) => {
  t.is(letters(1).take(0, false), null);
});

test('hosts take turns, in the order in which they came; items of one host stay in theirs', (t) => {
  t.is(letters(9, 'a1', 'a2', 'a3', 'b1', 'c1', 'b2').taken(), 'a1 b1 c1 a2 b2 a3');
});

test('nothing that is put in front comes before what others wait for, and that alone may be taken then', (t) => {
  const some = letters(9, 'a1', 'b1', 'c1', 'a!1', 'b?1', 'c?1', 'c!1');
  for (const name of ['a2', 'b2', 'c2', 'a!2']) some.unshift(some.host(name.charAt(0)), item(name));
  t.is(some.taken(0, false, true), 'a!2 b?1 c?1 a!1 c!1');
  t.is(some.taken(), 'a2 b2 c2 a1 b1 c1');
});

test('what others wait for is taken when its host has a slot again', (t) => {
  const one = letters(1, 'a1', 'b1');
  t.is(one.taken(), 'a1 b1');
  one.put('a2', 'a?1', 'a!1', 'b2', 'b?1');
  t.is(one.taken(0, false, true), '');
  one.end('a');
  one.end('b');
  t.is(one.taken(0, false, true), 'a?1 b?1');
  one.end('a');
  t.is(one.taken(0, false, true), 'a!1');
  one.end('a');
  one.end('b');
  t.is(one.taken(0, false, true), '');
  t.is(one.taken(), 'a2 b2');
});

test('no more items of a host are out than its limit', (t) => {
  const of2 = letters(2, 'a1', 'a2', 'a3', 'a4', 'b1');
  t.is(of2.taken(), 'a1 a2 b1');
  t.is(of2.size, 2);
  of2.end('b');
  t.is(of2.taken(), '');
  of2.end('a');
  t.is(of2.taken(), 'a3');
  of2.end('a');
  of2.end('a');
  t.is(of2.taken(), 'a4');
  t.is(of2.size, 0);
});

test('an item that is put in front is the next of its host', (t) => {
  const of1 = letters(1, 'a1', 'a2');
  of1.unshift(of1.host('a'), item('a0'));
  of1.unshift(of1.host('b'), item('b1'));
  of1.put('b2');
  t.is(of1.size, 5);
  t.is(of1.taken(), 'a0 b1');
  of1.end('a');
  of1.end('b');
  t.is(of1.taken(), 'a1 b2');
});

test('a host that has ended may come again', (t) => {
  const of1 = letters(1, 'a1');
  t.is(of1.taken(), 'a1');
  of1.end('a');
  of1.put('a2');
  of1.put('a3');
  t.is(of1.taken(), 'a2');
});

test('what is dropped is given back, and what stays keeps its order', (t) => {
  const of9 = letters(9, 'a1', 'b1', 'a2', 'a3', 'b2');
  const dropped = of9.drop(({ name }) => name === 'a2' || name.startsWith('b'));
  t.deepEqual(dropped.map(({ name }) => name).toSorted(), ['a2', 'b1', 'b2']);
  t.true(dropped.every(({ next }) => next === null));
  t.is(of9.size, 2);
  t.is(of9.taken(), 'a1 a3');
});

test('after all was dropped new items are taken as ever', (t) => {
  const of1 = letters(1, 'a1', 'b1', 'c1');
  of1.drop(() => true);
  of1.put('c2');
  of1.put('a2');
  of1.put('a3');
  t.deepEqual(of1.taken().split(' ').toSorted(), ['a2', 'c2']);
  of1.end('a');
  t.is(of1.taken(), 'a3');
});

test('a list is skewed by a host that has many more items than others, not by many of each', (t) => {
  const queues = letters(2);
  const take = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const host = queues.take(0, false)?.host ?? null;
      if (host !== null) queues.release(host);
    }
  };
  for (let i = 0; i < 60; i++) for (const name of 'abcdefghij') queues.put(`${name}${i}`);
  take(150);
  t.false(queues.isSkewed);
  for (let i = 0; i < 600; i++) queues.put(`z${i}`);
  take(350);
  t.true(queues.isSkewed);
});

/** Of this many turns, how many this host gets if each item ends before the next one is taken. */
function turnsOf(queues: Letters, name: string, turns: number): number {
  let own = 0;
  for (let i = 0; i < turns; i++) {
    const host = queues.take(0, false)?.host ?? null;
    if (host?.state.name === name) own++;
    if (host !== null) queues.release(host);
  }
  return own;
}

/** 300 items of `l`, and ten of each of 50 other hosts. */
function fillUp(queues: Letters): void {
  for (let i = 0; i < 300; i++) queues.put('l');
  for (let host = 0; host < 50; host++)
    for (let i = 0; i < 10; i++) queues.push(queues.host(`small${host}`), item('x'));
}

test('the host with most items has every second turn', (t) => {
  const queues = letters(1);
  fillUp(queues);
  const turns = turnsOf(queues, 'l', 300);
  t.true(turns >= 149 && turns <= 151, `${turns}`);
});

test('so it is when one with far more has gone, be it that its items were taken, cleared or dropped', (t) => {
  const ways: readonly ((queues: Letters) => void)[] = [
    (queues) => {
      while (queues.take(0, false) !== null) queues.end('z');
    },
    (queues) => queues.clear(queues.host('z')),
    (queues) => queues.drop(() => true),
    (queues) => {
      // One item is still in flight, and ends when nothing is left behind it.
      queues.take(0, false);
      queues.clear(queues.host('z'));
      queues.end('z');
    },
  ];
  for (const [i, empty] of ways.entries()) {
    const queues = letters(1);
    for (let k = 0; k < 100_000; k++) queues.put('z');
    for (let k = 0; k < 3; k++) {
      queues.take(0, false);
      queues.end('z');
    }
    empty(queues);
    fillUp(queues);
    const turns = turnsOf(queues, 'l', 300);
    t.true(turns >= 149 && turns <= 151, `way ${i}: ${turns}`);
  }
});

test('very many hosts may be dropped at once', (t) => {
  const many = letters(1);
  for (let i = 0; i < 200_000; i++) many.push(many.host(`h${i}`), item('x'));
  t.is(many.drop(() => true).length, 200_000);
  t.is(many.take(0, false), null);
});
