import test from 'ava';

import { isSuccess, mayPassLater, mayPassSoon } from '../../src/shared/statuses.ts';

const all = Array.from({ length: 600 }, (_, index) => index + 100);

const passes = (status: number): boolean => mayPassSoon(status, false);

test('what a retry of the same run may mend', (t) => {
  t.deepEqual(all.filter(passes), [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530]);
});

test('what a later run may mend: all that the server says of itself, and what a retry may mend', (t) => {
  t.deepEqual(
    all.filter((status) => status < 500 && mayPassLater(status)),
    [408, 425, 429],
  );
  t.true(all.filter((status) => status >= 500).every(mayPassLater));
  t.true(all.filter(passes).every(mayPassLater));
});

test('a status of success is 2xx', (t) => {
  t.deepEqual(
    all.filter(isSuccess),
    Array.from({ length: 100 }, (_, index) => 200 + index),
  );
  t.false(isSuccess(null));
});
