import test from 'ava';

import { retryAfter } from '../../../src/fetch/schedule/retry-after.ts';

/** Sun, 06 Nov 1994 08:49:37 GMT, the time of the RFC's examples. */
const example = 784_111_777_000;

const most = Number.MAX_SAFE_INTEGER;

const said = test.macro({
  exec: (t, field: string, expected: number | null, now: number = example - 1000) => {
    t.is(retryAfter({ retryAfter: field, rateLimitReset: null }, now), expected);
  },
  title: (_, field: string, expected: number | null, now?: number) =>
    `Retry-After: ${JSON.stringify(field).slice(0, 60)} → ${expected}${now === undefined ? '' : ` (at ${now})`}`,
});

// Seconds
test(said, '0', 0);
test(said, '1', 1000);
test(said, '120', 120_000);
test(said, ' \t120 ', 120_000);
test(said, '00120', 120_000);
test(said, '9999999999', 9_999_999_999_000);
test(said, '9'.repeat(400), most);
test(said, '1e12', null);
test(said, '-5', null);
test(said, '+5', null);
test(said, '1.5', null);
test(said, '0x10', null);
test(said, '', null);
test(said, ' ', null);
test(said, 'Infinity', null);
test(said, 'NaN', null);
test(said, '5s', null);
test(said, '１２０', null);
test(said, '1 2', null);
test(said, '1_000', null);
test(said, 'soon', null);
test(said, '"120"', null);

// Dates
test(said, 'Sun, 06 Nov 1994 08:49:37 GMT', 1000);
test(said, 'Sunday, 06-Nov-94 08:49:37 GMT', 1000);
test(said, 'Sun Nov  6 08:49:37 1994', 1000);
test(said, 'Wed Nov 16 08:49:37 1994', 864_001_000);
test(said, 'Sun, 06 Nov 1994 08:49:36 GMT', 0);
test(said, 'Thu, 01 Jan 1970 00:00:00 GMT', 0);
test(said, 'Fri, 01 Jan 0001 00:00:00 GMT', 0);
test(said, 'Fri, 31 Dec 9999 23:59:59 GMT', 253_402_300_799_000 - example + 1000);
test(said, 'Sun, 06 Nov 1994 08:49:60 GMT', 24_000);
test(said, 'Thu, 29 Feb 1996 00:00:00 GMT', 825_552_000_000 - example + 1000);
test(said, 'Wed, 29 Feb 1995 00:00:00 GMT', null);
test(said, 'Mon, 31 Nov 1994 00:00:00 GMT', null);
test(said, 'Mon, 00 Nov 1994 00:00:00 GMT', null);
test(said, 'Sun Nov  0 08:49:37 1994', null);
test(said, 'Sun, 06 Nov 1994 24:00:00 GMT', null);
test(said, 'Sun, 06 Nov 1994 08:60:00 GMT', null);
test(said, 'Sun, 06 Nov 1994 08:49:61 GMT', null);
test(said, 'Sun, 6 Nov 1994 08:49:37 GMT', null);
test(said, 'Sun, 06 Nov 94 08:49:37 GMT', null);
test(said, 'Sun, 06 Nov 1994 08:49:37', null);
test(said, 'Sun, 06 Nov 1994 08:49:37 UTC', null);
test(said, 'Sun, 06 Nov 1994 08:49:37 +0000', null);
test(said, 'Sun, 06 Nov 1994 8:49:37 GMT', null);
test(said, 'sun, 06 nov 1994 08:49:37 gmt', null);
test(said, '06 Nov 1994 08:49:37 GMT', null);
test(said, 'Nov, 06 Sun 1994 08:49:37 GMT', null);
test(said, 'Sun, 06-Nov-94 08:49:37 GMT', null);
test(said, 'Sunday, 06 Nov 1994 08:49:37 GMT', null);
test(said, 'Sunday, 06-Nov-1994 08:49:37 GMT', null);
test(said, 'Sun Nov 6 08:49:37 1994', null);
test(said, '1994-11-06T08:49:37Z', null);
test(said, '1994', 1_994_000);
test(said, 'November 6 1994', null);

// A two-digit year is at most 50 years in the future.
const in2020 = Date.UTC(2020, 5, 15, 12);
test(said, 'Monday, 15-Jun-70 12:00:00 GMT', Date.UTC(2070, 5, 15, 12) - in2020, in2020);
test(said, 'Monday, 15-Jun-70 12:00:01 GMT', 0, in2020);
test(said, 'Monday, 15-Jun-71 12:00:00 GMT', 0, in2020);
test(said, 'Monday, 15-Jun-19 12:00:00 GMT', 0, in2020);
test(said, 'Monday, 15-Jun-20 12:00:01 GMT', 1000, in2020);
const in2099 = Date.UTC(2099, 11, 31);
test(said, 'Friday, 01-Jan-00 00:00:00 GMT', 86_400_000, in2099);
test(said, 'Friday, 31-Feb-00 00:00:00 GMT', null, in2099);

// Of several values, the largest valid one counts.
test(said, '120, 60', 120_000);
test(said, '60,120', 120_000);
test(said, '-5, 60', 60_000);
test(said, 'soon, 60', 60_000);
test(said, 'soon, later', null);
test(said, ',,60,', 60_000);
test(said, 'November 6, 1994', 1_994_000);
test(said, '5, Sun, 06 Nov 1994 08:49:37 GMT', 5000);
test(said, 'Sun, 06 Nov 1994 08:49:57 GMT, 5', 21_000);
test(said, 'Sunday, 06-Nov-94 08:49:57 GMT, Sun, 06 Nov 1994 08:49:37 GMT', 21_000);

const reset = test.macro({
  exec: (t, field: string, expected: number | null) => {
    const now = 1_700_000_000_000;
    t.is(retryAfter({ retryAfter: null, rateLimitReset: field }, now), expected);
  },
  title: (_, field: string, expected: number | null) =>
    `RateLimit-Reset: ${JSON.stringify(field).slice(0, 60)} → ${expected}`,
});

test(reset, '0', 0);
test(reset, '30', 30_000);
test(reset, '30, 60', 60_000);
test(reset, '999999999', 999_999_999_000);
test(reset, '1000000000', 0);
test(reset, '1700000030', 30_000);
test(reset, '1699999999', 0);
test(reset, '9'.repeat(400), most - 1_700_000_000_000);
test(reset, '-1', null);
test(reset, '1.5', null);
test(reset, '', null);
test(reset, 'Sun, 06 Nov 2094 08:49:37 GMT', null);

test('Retry-After counts before RateLimit-Reset, when it can be read', (t) => {
  t.is(retryAfter({ retryAfter: '5', rateLimitReset: '60' }, example), 5000);
  t.is(retryAfter({ retryAfter: '0', rateLimitReset: '60' }, example), 0);
  t.is(retryAfter({ retryAfter: 'soon', rateLimitReset: '60' }, example), 60_000);
  t.is(retryAfter({ retryAfter: 'soon', rateLimitReset: 'later' }, example), null);
  t.is(retryAfter({ retryAfter: null, rateLimitReset: null }, example), null);
});

test('a field of any size is read in one pass', (t) => {
  for (const part of [',', 'Sun,', ' ', 'Sun, 06 Nov 1994 ', '1,', '\t']) {
    const wait = retryAfter({ retryAfter: part.repeat(50_000), rateLimitReset: null }, example);
    t.is(wait, part === '1,' ? 1000 : null);
  }
});
