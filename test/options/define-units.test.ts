import test from 'ava';

import { duration, size } from '../../src/options/define.ts';

const help = 'What it does.';
const timeout = duration({ fallback: '30s', help });
const maxBody = size({ fallback: '10MB', help });

const lasts = test.macro((t, said: unknown, milliseconds: number) => {
  t.is(timeout.read(said), milliseconds);
});

test('a duration has a default', lasts, undefined, 30_000);
test('500ms', lasts, '500ms', 500);
test('30s', lasts, '30s', 30_000);
test('5m', lasts, '5m', 300_000);
test('6h', lasts, '6h', 21_600_000);
test('a duration may be a fraction of its unit', lasts, '1.5m', 90_000);
test('the case of a unit of time does not matter', lasts, '2S', 2000);
test('spaces around a duration do not matter', lasts, ' 2s ', 2000);
test('a duration is rounded up to a millisecond', lasts, '0.2ms', 1);
test('a number is a duration in milliseconds', lasts, 250, 250);
test('a number is rounded up as well', lasts, 0.1, 1);
test('the longest duration is 2^31-1 ms', lasts, '2147483647ms', 2_147_483_647);
test('596 hours are just short enough', lasts, '596h', 2_145_600_000);

const noDuration = test.macro((t, said: unknown, shown: string) => {
  t.throws(() => timeout.read(said), {
    instanceOf: RangeError,
    message: `a duration like 500ms, 30s, 5m or 6h is needed, got ${shown}`,
  });
});

test('a duration needs its unit', noDuration, '30', '"30"');
test('a duration needs its number', noDuration, 's', '"s"');
test('no duration is too short', noDuration, '0s', '"0s"');
test('0 is too short', noDuration, 0, '0');
test('a negative duration is none', noDuration, '-1s', '"-1s"');
test('a negative number is none', noDuration, -1, '-1');
test('a longer duration cannot be waited for', noDuration, '2147483648ms', '"2147483648ms"');
test('597 hours cannot be waited for', noDuration, '597h', '"597h"');
test('a larger number cannot be waited for', noDuration, 2 ** 31, '2147483648');
test('days are no unit', noDuration, '1d', '"1d"');
test('a unit of size is none of time', noDuration, '1kB', '"1kB"');
test('a property of objects is no unit', noDuration, '1constructor', '"1constructor"');
test('a space within a duration is wrong', noDuration, '30 s', '"30 s"');
test('a comma is no point', noDuration, '1,5s', '"1,5s"');
test('a point needs digits behind', noDuration, '1.s', '"1.s"');
test('a point needs digits before', noDuration, '.5s', '".5s"');
test('text behind a duration is wrong', noDuration, '1s2', '"1s2"');
test('nothing is no duration', noDuration, '', '""');
test('null is no duration', noDuration, null, 'null');
test('true is no duration', noDuration, true, 'true');
test('NaN is no duration', noDuration, Number.NaN, 'NaN');

const holds = test.macro((t, said: unknown, bytes: number) => {
  t.is(maxBody.read(said), bytes);
});

test('a size has a default', holds, undefined, 10_000_000);
test('5B', holds, '5B', 5);
test('64kB', holds, '64kB', 64_000);
test('10MB', holds, '10MB', 10_000_000);
test('2GB', holds, '2GB', 2_000_000_000);
test('1KiB', holds, '1KiB', 1024);
test('3MiB', holds, '3MiB', 3_145_728);
test('1GiB', holds, '1GiB', 1_073_741_824);
test('a size without a unit is in bytes', holds, '1234', 1234);
test('a size may be a fraction of its unit', holds, '1.5kB', 1500);
test('the case of a unit of size does not matter', holds, '64KB', 64_000);
test('kib is KiB', holds, '1kib', 1024);
test('spaces around a size do not matter', holds, ' 1kB\n', 1000);
test('a size is rounded down to a byte', holds, '1.9', 1);
test('a number is a size in bytes', holds, 77, 77);
test('a number is rounded down as well', holds, 77.7, 77);
test('nothing at all is a size', holds, '0', 0);
test('the largest size is 4GiB', holds, '4GiB', 2 ** 32);

const noSize = test.macro((t, said: unknown, shown: string) => {
  t.throws(() => maxBody.read(said), {
    instanceOf: RangeError,
    message: `a size like 64kB, 10MB or 1GiB (at most 4GiB) is needed, got ${shown}`,
  });
});

test('a byte more than 4GiB is too much', noSize, '4294967297', '"4294967297"');
test('5GiB is too much', noSize, '5GiB', '"5GiB"');
test('a larger number is too much', noSize, 2 ** 32 + 1, '4294967297');
test('a negative size is none', noSize, '-1', '"-1"');
test('a negative number is no size', noSize, -1, '-1');
test('K is no unit', noSize, '64K', '"64K"');
test('a unit of time is none of size', noSize, '1ms', '"1ms"');
test('a unit alone is no size', noSize, 'MB', '"MB"');
test('a space within a size is wrong', noSize, '10 MB', '"10 MB"');
test('an exponent is no size', noSize, '1e6', '"1e6"');
test('an empty text is no size', noSize, '', '""');
test('null is no size', noSize, null, 'null');
test('false is no size', noSize, false, 'false');
test('Infinity is no size', noSize, Infinity, 'Infinity');

test('a duration shows what it is', (t) => {
  const { kind, short, hint, fallback } = timeout;
  t.deepEqual({ kind, short, hint, fallback }, { kind: 'value', short: null, hint: 'D', fallback: '30s' });
});

test('a size shows what it is', (t) => {
  const { kind, short, hint, fallback } = maxBody;
  t.deepEqual(
    { kind, short, hint, fallback },
    { kind: 'value', short: null, hint: 'SIZE', fallback: '10MB' },
  );
});
