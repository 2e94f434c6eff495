import { mock } from 'node:test';

import test from 'ava';

import { Log } from '../../src/watch/log.ts';
import { Progress, grouped } from '../../src/watch/progress.ts';
import type { ProgressOptions } from '../../src/watch/progress.ts';
import { Statistics } from '../../src/watch/statistics.ts';
import { resultOf, tableOf } from '../write/samples.ts';

interface Moment {
  readonly seconds: number;
  readonly rows: number;
  readonly failed?: number;
  readonly total: number | null;
  readonly exact?: boolean;
}

const clear = '\r\u001b[K';

/** Statistics whose clock is set by the test. */
class Clocked extends Statistics {
  now = 0;
  /** Seconds that pass with each reading. */
  readonly #step: number;

  constructor(step = 0) {
    super(false);
    this.#step = step;
  }

  override get seconds(): number {
    this.now += this.#step;
    return this.now;
  }
}

function logTo(written: string[]): Log {
  return new Log(
    (data) => written.push(String(data)),
    () => 'text',
  );
}

/** What is written at these moments, one per interval; Node's timer is mocked. */
function shown(moments: readonly Moment[], options: Partial<ProgressOptions> = {}, step = 0): string[] {
  const written: string[] = [];
  const statistics = new Clocked(step);
  const input = { read: 0, total: null as number | null, exact: true };
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { style = 'live', width = () => 80 } = options;
    const log = logTo(written);
    const progress = new Progress({ statistics, input: () => input }, log, { style, width });
    for (const { seconds, rows, failed = 0, total, exact = true } of moments) {
      statistics.now = seconds;
      while (statistics.rows < rows) {
        const fails = statistics.failed < failed;
        statistics.add(resultOf(tableOf('a'), ['a'], fails ? { status: 503 } : {}));
      }
      Object.assign(input, { total, exact });
      mock.timers.tick(style === 'live' ? 200 : 30_000);
    }
    progress.stop();
    // Nothing is written after the end.
    mock.timers.tick(120_000);
  } finally {
    mock.timers.reset();
  }
  return written;
}

test.serial('the live line is written over, and taken away at the end', (t) => {
  t.deepEqual(shown([{ seconds: 10, rows: 50, failed: 2, total: 100 }]), [
    `${clear}urlmill: 50/100 rows, 5/s, 2 failed, ETA 0:10`,
    clear,
  ]);
});

test.serial('the plain line stands for itself, twice a minute', (t) => {
  const moments = [
    { seconds: 30, rows: 60, total: 100 },
    { seconds: 60, rows: 90, total: 100 },
  ];
  t.deepEqual(shown(moments, { style: 'plain' }), [
    'urlmill: 60/100 rows, 2/s, 0 failed, ETA 0:20\n',
    'urlmill: 90/100 rows, 1/s, 0 failed, ETA 0:10\n',
  ]);
});

const aside = test.macro({
  exec: (t, style: ProgressOptions['style'], ticks: number, expected: readonly string[]) => {
    const written: string[] = [];
    const log = logTo(written);
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const source = { statistics: new Clocked(), input: () => ({ read: 0, total: null, exact: true }) };
      const progress = new Progress(source, log, { style, width: () => 80 });
      mock.timers.tick(ticks);
      log.above(() => written.push('a row\n'));
      progress.report();
      progress.stop();
      log.above(() => written.push('the end\n'));
    } finally {
      mock.timers.reset();
    }
    t.deepEqual(written, expected);
  },
  title: (_, style: string, ticks: number) => `others write above the line: ${style}, after ${ticks} ms`,
});

const nothing = 'urlmill: 0 rows, 0/s, 0 failed';
const again = [clear, 'a row\n', `${clear}${nothing}`, clear, `${nothing}\n`, `${clear}${nothing}`, clear];
test.serial(aside, 'live', 200, [`${clear}${nothing}`, ...again, 'the end\n']);
test.serial(aside, 'live', 0, ['a row\n', `${nothing}\n`, 'the end\n']);
test.serial(aside, 'asked', 120_000, ['a row\n', `${nothing}\n`, 'the end\n']);

test.serial('the first line tells the rate since the start, though time passes while it is made', (t) => {
  const plain = { style: 'plain' } as const;
  t.deepEqual(shown([{ seconds: 30, rows: 3000, total: 6000 }], plain, 1e-6), [
    'urlmill: 3,000/6,000 rows, 100/s, 0 failed, ETA 0:30\n',
  ]);
});

test.serial('a line that comes late tells the rate since the one before', (t) => {
  const moments = [
    { seconds: 30, rows: 3000, total: null },
    { seconds: 130, rows: 4000, total: null },
  ];
  t.is(shown(moments, { style: 'plain' }, 1e-6).at(-1), 'urlmill: 4,000 rows, 10/s, 0 failed\n');
});

test.serial('before the first line nothing has to be taken away', (t) => {
  t.deepEqual(shown([]), []);
});

test.serial('a total that is estimated has a ~', (t) => {
  const [line] = shown([{ seconds: 1, rows: 1, total: 2000, exact: false }]);
  t.regex(line ?? '', /urlmill: 1\/~2,000 rows, /);
});

test.serial('without a total there is no ETA', (t) => {
  const [line] = shown([{ seconds: 2, rows: 8, total: null }]);
  t.is(line, `${clear}urlmill: 8 rows, 4/s, 0 failed`);
});

test.serial('before the first row there is no ETA', (t) => {
  const [line] = shown([{ seconds: 2, rows: 0, total: 10 }]);
  t.is(line, `${clear}urlmill: 0/10 rows, 0/s, 0 failed`);
});

test.serial('the rate is that of the last seconds, not of the whole run', (t) => {
  const lines = shown([
    { seconds: 1, rows: 1000, total: 3000 },
    { seconds: 95, rows: 1010, total: 3000 },
    { seconds: 100, rows: 1020, total: 3000 },
  ]);
  t.is(lines[2], `${clear}urlmill: 1,020/3,000 rows, 2/s, 0 failed, ETA 16:30`);
});

test.serial('the rate falls to nothing when nothing comes any more', (t) => {
  const lines = shown([
    { seconds: 1, rows: 10, total: 20 },
    { seconds: 5, rows: 10, total: 20 },
  ]);
  t.is(lines[1], `${clear}urlmill: 10/20 rows, 0/s, 0 failed`);
});

test.serial('a line that is wider than the terminal is cut', (t) => {
  const [line] = shown([{ seconds: 10, rows: 50, total: 100 }], { width: () => 20 });
  t.is(line, `${clear}urlmill: 50/100 row`);
});

const eta = test.macro({
  exec: (t, left: number, text: string) => {
    // One row per second.
    const [line] = shown([{ seconds: 3, rows: 3, total: 3 + left }]);
    t.true(line?.endsWith(`ETA ${text}`), line);
  },
  title: (_, left, text: string) => `ETA of ${String(left)} seconds is ${text}`,
});

test.serial(eta, 0, '0:00');
test.serial(eta, 9, '0:09');
test.serial(eta, 60, '1:00');
test.serial(eta, 3599, '59:59');
test.serial(eta, 3600, '1:00:00');
test.serial(eta, 100_000, '27:46:40');

test.serial('there is no ETA in the first seconds, whose rate tells nothing yet', (t) => {
  const [early, first] = shown([
    { seconds: 2.8, rows: 14, total: 100 },
    { seconds: 3, rows: 15, total: 100 },
  ]);
  t.is(early, `${clear}urlmill: 14/100 rows, 5/s, 0 failed`);
  t.regex(first ?? '', /ETA 0:\d\d$/);
});

test.serial('an ETA is never negative, however wrong the estimate was', (t) => {
  const [line] = shown([{ seconds: 10, rows: 100, total: 50, exact: false }]);
  t.true(line?.endsWith('ETA 0:00'), line);
});

test('numbers are grouped by thousands', (t) => {
  t.deepEqual([0, 999, 1000, 1_234_567].map(grouped), ['0', '999', '1,000', '1,234,567']);
});
