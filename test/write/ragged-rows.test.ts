import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvRecords } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { converted } from './samples.ts';

const columns = { columns: 'status,error' };

test('a row with too few cells is kept and filled up', async (t) => {
  const output = await converted('id,url,a,b\n1,mailto:a,x\n', {}, columns);
  t.deepEqual(csvRecords(output)[1], ['1', 'mailto:a', 'x', '', '', 'bad-row']);
});

test('a row with too many cells keeps all of them: the surplus stands behind the last column', async (t) => {
  const output = await converted('id,url\n1,mailto:a,x,"y,z"\n', {}, columns);
  t.deepEqual(csvRecords(output)[1], ['1', 'mailto:a', '', 'bad-row', 'x', 'y,z']);
});

test("the surplus stands behind processors' columns too", async (t) => {
  const output = await converted('id,url\n1,mailto:a,x\n', {}, { ...columns, processed: ['title'] });
  t.deepEqual(csvRecords(output), [
    ['id', 'url', 'fetch_status', 'fetch_error', 'title'],
    ['1', 'mailto:a', '', 'bad-row', '', 'x'],
  ]);
});

test('a result with a surplus can be an input: the surplus stays last, whatever columns are replaced', async (t) => {
  const first = await converted('id,url\n1,mailto:a,x,y\n', {}, columns);
  t.is(await converted(first, {}, columns), first);
  const more = await converted(first, {}, { columns: 'status,error,error_detail' });
  t.deepEqual(csvRecords(more)[1]?.slice(0, 4), ['1', 'mailto:a', '', 'bad-row']);
  t.deepEqual(csvRecords(more)[1]?.slice(5), ['x', 'y']);
});

test('a row of one cell is a row', async (t) => {
  const output = await converted('id,url\n1\n2,mailto:a\n', {}, columns);
  t.deepEqual(
    csvRecords(output).map((cells) => cells.at(-1)),
    ['fetch_error', 'bad-row', 'unsupported-scheme'],
  );
});

test('cells beyond the header go by their number in an object', async (t) => {
  const output = await converted('id,url\n1,mailto:a,x,y\n', {}, { outputFormat: 'jsonl', ...columns });
  t.deepEqual(JSON.parse(output), {
    id: '1',
    url: 'mailto:a',
    3: 'x',
    4: 'y',
    fetch_status: null,
    fetch_error: 'bad-row',
  });
});

test('cells beyond the header go by their number also where columns are replaced', async (t) => {
  const output = await converted(
    'id,url,fetch_status,fetch_error\n1,mailto:a,200,,x\n',
    {},
    {
      outputFormat: 'jsonl',
      ...columns,
    },
  );
  t.deepEqual(JSON.parse(output), {
    id: '1',
    url: 'mailto:a',
    5: 'x',
    fetch_status: null,
    fetch_error: 'bad-row',
  });
});

test('a cell beyond the header does not hide a column that is called by a number', async (t) => {
  const output = await converted('3,url\nx,mailto:a,y\n', {}, { outputFormat: 'jsonl', ...columns });
  const values = Object.values(JSON.parse(output) as object);
  t.true(values.includes('x') && values.includes('y'), output);
});

test('a row that is too long loses the columns that are replaced and nothing else', async (t) => {
  const output = await converted('fetch_status,id,url,fetch_error\n200,1,mailto:a,,x\n', {}, columns);
  t.deepEqual(csvRecords(output), [
    ['id', 'url', 'fetch_status', 'fetch_error'],
    ['1', 'mailto:a', '', 'bad-row', 'x'],
  ]);
});

test('a row that is too short loses the columns that are replaced and is filled up', async (t) => {
  const output = await converted('fetch_status,id,url,a\n200,1\n', {}, columns);
  t.deepEqual(csvRecords(output)[1], ['1', '', '', '', 'bad-row']);
});

test('without a header the first row tells how many cells a row has', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': '1,mailto:a\n2,mailto:a,x\n3\n' });
  const args = ['-q', '--no-header', '--columns', 'error,error_detail', 'in.csv'];
  const { code, stdout } = await urlmill(args, { cwd });
  t.deepEqual(csvRecords(stdout), [
    ['1', 'mailto:a', 'unsupported-scheme', 'mailto is neither http nor https'],
    ['2', 'mailto:a', 'bad-row', '3 cells where the first row has 2', 'x'],
    ['3', '', 'bad-row', '1 cells where the first row has 2'],
  ]);
  t.is(code, 0);
});
