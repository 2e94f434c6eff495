import test from 'ava';

import type { Outcome } from '../../../src/report/count/columns.ts';
import { FailedRows, firstOfCode, mostRows } from '../../../src/report/count/failed-rows.ts';

function failed(row: number, code: string): Outcome {
  return {
    row,
    status: null,
    error: code,
    detail: '',
    final: '',
    url: `http://a.example/${row}`,
    listed: '',
    host: 'a.example',
    bytes: null,
    ms: null,
    firstByteMs: null,
    attempts: 1,
    at: '',
    redirects: null,
    chain: [],
    firstStatus: null,
    change: '',
  };
}

test('the first rows of each code are kept, however many others came before', (t) => {
  const rows = new FailedRows();
  for (let row = 1; row <= 5000; row++) rows.add(failed(row, 'dns-not-found'));
  for (let row = 5001; row <= 5150; row++) rows.add(failed(row, 'tls-expired'));
  const shown = rows.shown();
  t.is(shown.length, mostRows);
  t.is(shown.filter(({ code }) => code === 'tls-expired').length, firstOfCode);
  t.is(shown[0]?.row, 1);
  t.deepEqual(
    shown.map(({ row }) => row),
    shown.map(({ row }) => row).toSorted((a, b) => a - b),
  );
  t.is(rows.codes.get('tls-expired')?.count, 150);
});

test('fewer rows than are shown are all there', (t) => {
  const rows = new FailedRows();
  for (let row = 1; row <= 1500; row++) rows.add(failed(row, row % 2 === 0 ? 'timeout' : 'http-closed'));
  t.deepEqual(
    rows.shown().map(({ row }) => row),
    Array.from({ length: 1500 }, (_, index) => index + 1),
  );
});

test('codes without end take no memory without end', (t) => {
  const rows = new FailedRows();
  for (let row = 1; row <= 20_000; row++) rows.add(failed(row, `code-${row}`));
  t.is(rows.shown().length, mostRows);
});
