import test from 'ava';

import { blankReply } from '../../src/fetch/messages.ts';
import { columns, numberColumns } from '../../src/write/columns.ts';
import { plainDialect } from '../../src/write/dialect.ts';
import { formatters } from '../../src/write/formats.ts';
import { layoutOf } from '../../src/write/layout.ts';
import type { AddedColumns } from '../../src/write/layout-shape.ts';
import { resultOf, tableOf } from './samples.ts';

const earlier = new Set(['fetch_status', 'fetch_error', 'fetch_url', 'fetch_row']);

/** A line as written for copied cells (with a status) or fetched ones. */
function line(
  names: readonly string[],
  cells: readonly string[],
  { status, ...added }: Partial<AddedColumns> & { status?: number } = {},
): string {
  const table = tableOf(...names);
  const layout = layoutOf(table, { results: null, processed: [], prefix: 'fetch_', earlier, ...added });
  const result = resultOf(table, cells);
  const fits = cells.length === names.length;
  const row = { ...result.row, ...(fits ? {} : { error: 'bad-row' as const }) };
  const copied = status === undefined ? row : { ...row, earlierStatus: status };
  const error = row.error;
  const shown = { ...result, status: fits ? result.status : null, error, row: copied };
  return formatters.csv(plainDialect).records(shown, layout)(shown.values);
}

test('columns of one name are written once, by the first', (t) => {
  const table = tableOf('fetch_status', 'url', 'fetch_status');
  const layout = layoutOf(table, { results: null, processed: [], prefix: 'fetch_', earlier });
  t.deepEqual(layout.names, ['url', 'fetch_status']);
  t.is(line(table.names, ['200', 'a', '404'], { status: 200 }), 'a,200\n');
});

test("a copied cell is not mended: spaces stay, and NUL in what is the user's own", (t) => {
  t.is(line(['url', 'fetch_status', 'fetch_error'], ['a\0', ' 200', ' '], { status: 200 }), 'a\0, 200, \n');
});

test('numbers are written as they were', (t) => {
  for (const text of ['007', '1e3', '1.50', '-0', 'Infinity', 'NaN', '9007199254740993', '0x1f']) {
    t.is(line(['url', 'fetch_status', 'fetch_row'], ['a', '200', text], { status: 200 }), `a,200,${text}\n`);
  }
});

test('a row that an earlier run has found too long keeps its number, and its surplus behind all columns', (t) => {
  const names = ['a', 'url', 'fetch_row', 'fetch_status', 'fetch_error'];
  t.is(line(names, ['1', '2', '7', '', 'bad-row', 'x', 'y']), '1,2,7,,bad-row,x,y\n');
});

test('so does one whose result columns are not the last ones', (t) => {
  const names = ['fetch_status', 'fetch_error', 'url'];
  t.is(line(names, ['', 'bad-row', 'x', 'y']), 'x,,bad-row,y\n');
});

test('a row that does not fit any more has no number, as none can be trusted', (t) => {
  const names = ['url', 'fetch_row', 'fetch_status', 'fetch_error'];
  t.is(line(names, ['1', '2', '200']), '1,,,bad-row\n');
  t.is(line(names, ['1', '2', '200', '', 'x']), '1,,,bad-row,x\n');
});

test('a copied row keeps a surplus behind all columns', (t) => {
  const names = ['a', 'fetch_status', 'fetch_error'];
  t.is(line(names, ['1', '200', '', 'x'], { status: 200 }), '1,200,,x\n');
});

test('the columns of numbers are those that give numbers', (t) => {
  const certificate = { tlsVersion: 'TLSv1.3', subject: 'CN=a', issuer: 'CN=b', notAfter: 1, names: ['a'] };
  const faulty = { ...certificate, fault: 'tls-expired' } as const;
  const times = { dnsMs: 1, connectMs: 2, tlsMs: 3, firstByteMs: 4 };
  const trace = { ...blankReply.trace, ...times, certificate: faulty };
  const texts = { remoteIp: '::1', httpVersion: '1.1', etag: '1', lastModified: '2', server: '3' };
  const result = resultOf(tableOf('url'), ['a'], {
    trace: { ...trace, ...texts },
    error: 'timeout',
    detail: 'x',
    redirects: [{ url: 'b', status: 302, ms: 1 }],
    charset: 'UTF-8',
    charsetFrom: 'http',
    soft404: false,
    sameAs: 1,
    sha256: 'a',
    change: 'new',
    next: 'c',
  });
  const numbers = Object.keys(columns).filter((name) => typeof columns[name]?.value(result) === 'number');
  t.deepEqual(numbers, [...numberColumns]);
  t.true(Object.values(columns).every(({ value }) => value(result) !== null));
});

test("a processor's column is replaced where an earlier run has written it, and refused where it is the user's own", (t) => {
  const added = { results: null, processed: ['price'], prefix: 'fetch_', earlier };
  t.deepEqual(layoutOf(tableOf('url', 'fetch_status', 'price'), added).names, [
    'url',
    'fetch_status',
    'price',
  ]);
  t.throws(() => layoutOf(tableOf('url', 'price', 'fetch_status'), added), {
    message: 'the input already has a column "price"; rename one of them',
  });
});
