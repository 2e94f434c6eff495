import test from 'ava';

import { TimeLine, mostSpans } from '../../../src/report/count/time-line.ts';
import { randomNumbers } from '../../helpers/random.ts';

const start = Date.UTC(2026, 0, 31, 23, 59, 50);

function at(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString();
}

test('a short run is shown by the second, with the seconds in which nothing was', (t) => {
  const line = new TimeLine();
  line.add(at(2.5), false);
  line.add(at(0), true);
  line.add(at(2), false);
  t.is(line.width, 1000);
  t.deepEqual(
    line.spans().map(({ good, failed }) => [good, failed]),
    [
      [0, 1],
      [0, 0],
      [2, 0],
    ],
  );
  t.deepEqual([line.first, line.last], [at(0), at(2.5)]);
});

test('a long run has wider spans, in which every row is counted once, in whatever order they come', (t) => {
  const below = randomNumbers(11);
  for (const length of [200, 5000, 90_000, 3e6, 4e8]) {
    const line = new TimeLine();
    for (let row = 0; row < 1000; row++) line.add(at(below(length)), row % 4 === 0);
    const spans = line.spans();
    t.true(spans.length <= mostSpans && spans.length > mostSpans / 8, `${length}: ${spans.length}`);
    t.is(
      spans.reduce((sum, { good }) => sum + good, 0),
      750,
    );
    t.is(
      spans.reduce((sum, { failed }) => sum + failed, 0),
      250,
    );
    const first = spans[0]?.start ?? 0;
    t.true(spans.every((span, index) => span.start === first + index * line.width));
  }
});

test('what is no time of ours is passed over', (t) => {
  const line = new TimeLine();
  for (const text of ['', 'yesterday', '2026-13-41T99:99:99Z', '9999999-01-01T00:00:00Z'])
    line.add(text, true);
  t.deepEqual(line.spans(), []);
  t.is(line.first, '');
});
