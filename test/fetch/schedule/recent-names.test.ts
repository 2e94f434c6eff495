import test from 'ava';

import { RecentNames } from '../../../src/fetch/schedule/recent-names.ts';

test('the last ones are known, and twice as many at most', (t) => {
  const names = new RecentNames(100);
  for (let i = 0; i < 1000; i++) {
    names.add(`${i}`);
    for (let back = 0; back < Math.min(100, i + 1); back++) t.true(names.has(`${i - back}`));
    t.false(names.has(`${i - 200}`));
  }
  t.false(names.has('one more'));
});

test('one that is added again and again is not forgotten', (t) => {
  const names = new RecentNames(10);
  names.add('first');
  for (let i = 0; i < 1000; i++) {
    names.add(`${i}`);
    if (i % 5 === 0) names.add('first');
    t.true(names.has('first'));
  }
});
