import test from 'ava';

import { earlierStatus } from '../../src/read/earlier-result.ts';
import type { OwnColumns } from '../../src/read/earlier-result.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import type { Row } from '../../src/shared/records.ts';
import { readOptions, sourceOf } from '../helpers/reading.ts';

const own: OwnColumns = {
  names: new Set(['fetch_status', 'fetch_error', 'fetch_url']),
  status: 'fetch_status',
  error: 'fetch_error',
  copies: true,
};

const tells = test.macro({
  exec: (t, status: string, error: string, expected: number | null) => {
    const table = { names: ['fetch_error', 'url', 'fetch_status'], header: true };
    t.is(earlierStatus(table, own)([error, 'a', status]), expected);
  },
  title: (_, status: string, error: string) => `status "${status}" and error "${error}"`,
});

test(tells, '200', '', 200);
test(tells, '404', '', 404);
test(tells, '499', '', 499);
test(tells, '429', '', null);
test(tells, '500', '', null);
test(tells, '', '', null);
test(tells, '200', 'http-truncated', null);
test(tells, '200', ' ', null);
test(tells, '0', '', null);
test(tells, '99', '', null);
test(tells, '2000', '', null);
test(tells, '200 OK', '', null);
test(tells, '２００', '', null);

test('without a column of failure codes the status tells; cells that are missing are empty', (t) => {
  const statusOf = earlierStatus({ names: ['url', 'fetch_status'], header: true }, own);
  t.is(statusOf(['a', '200']), 200);
  t.is(statusOf(['a']), null);
});

async function rowsOf(text: string, copies = true, jsonl = false): Promise<Row[]> {
  const rows: Row[] = [];
  const options = { ...readOptions(jsonl ? { inputFormat: 'jsonl' } : {}, true), own: { ...own, copies } };
  for await (const batch of readRows([sourceOf(text)], options, new ReadState())) rows.push(...batch);
  return rows;
}

test('rows that went well carry their status, all others are as ever', async (t) => {
  const text = 'url,fetch_status,fetch_error\na.org,200,\nb.org,500,\n,404,\n,,no-url\n';
  const rows = await rowsOf(text);
  t.deepEqual(
    rows.map(({ number, url, error, earlierStatus: status }) => [number, url, error, status]),
    [
      [1, 'https://a.org', null, 200],
      [2, 'https://b.org', null, undefined],
      [3, '', null, 404],
      [4, '', 'no-url', undefined],
    ],
  );
  t.false(Object.hasOwn(rows[1] as Row, 'earlierStatus'));
});

test('a row that does not fit the header has no status to be trusted', async (t) => {
  const rows = await rowsOf('url,fetch_status\na.org,200,x\na.org\n');
  t.deepEqual(
    rows.map(({ error, earlierStatus: status }) => [error, status]),
    [
      ['bad-row', undefined],
      ['bad-row', undefined],
    ],
  );
});

test('JSON Lines: a record without a status is fetched, its number is one', async (t) => {
  const text = '{"url":"a.org","fetch_status":200,"fetch_error":null}\n{"url":"b.org"}\n';
  t.deepEqual(
    (await rowsOf(text, true, true)).map(({ earlierStatus: status }) => status),
    [200, undefined],
  );
});

test('where nothing is copied no row carries a status', async (t) => {
  const [row] = await rowsOf('url,fetch_status\na.org,200\n', false);
  t.false(Object.hasOwn(row as Row, 'earlierStatus'));
});
