import test from 'ava';

import { Fifo } from '../../src/shared/fifo.ts';
import { itemsMoved } from '../helpers/items-moved.ts';

const item = (n: number): { readonly n: number } => ({ n });

test('items come in their order, and null when there is none', (t) => {
  const fifo = new Fifo<{ n: number }>();
  t.is(fifo.shift(), null);
  const taken: (number | undefined)[] = [];
  let next = 0;
  // Add three and take two each time, so that it grows; then take the rest.
  for (let round = 0; round < 500; round++) {
    for (let i = 0; i < 3; i++) fifo.push(item(next++));
    for (let i = 0; i < 2; i++) taken.push(fifo.shift()?.n);
    t.is(fifo.size, round + 1);
  }
  while (fifo.size > 0) taken.push(fifo.shift()?.n);
  t.deepEqual(
    taken,
    Array.from({ length: 1500 }, (_, i) => i),
  );
  t.is(fifo.shift(), null);
});

test('no item is moved more than once on its way, however many there are', (t) => {
  const count = 100_000;
  const moved = itemsMoved(t);
  const fifo = new Fifo<{ n: number }>();
  for (let i = 0; i < count; i++) fifo.push(item(i));
  while (fifo.shift() !== null);
  t.true(moved() <= count, `${moved()}`);
});
