import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import type { OwnColumns } from '../../src/read/earlier-result.ts';
import { findUrlColumn, needsSample } from '../../src/read/url-column.ts';
import { run } from '../../src/run.ts';
import { csvObjects } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const own: OwnColumns = {
  names: new Set(['fetch_status', 'fetch_error', 'fetch_url', 'link']),
  status: 'fetch_status',
  error: 'fetch_error',
  copies: false,
};

const finds = test.macro(
  (t, names: readonly string[], expected: number, sample: readonly string[] = [], said?: string) => {
    t.is(findUrlColumn(names, said, [sample], own), expected);
  },
);

const url = 'http://a.example/';

test('a column that is written anew is none by its cells', finds, ['site', 'n', 'fetch_url'], 0, [
  url,
  '1',
  url,
]);
test('it is none by its name', finds, ['site', 'n', 'link'], 0, [url, '1', url]);
test('it does not make another one ambiguous', finds, ['link', 'url', 'n'], 1);
test('it is one when it is said', finds, ['url', 'n', 'fetch_url'], 2, [], 'fetch_url');
test('it is one when there is no other', finds, ['fetch_url'], 0);
test('beside an earlier status the only other column is one', finds, ['fetch_status', 'n', 'fetch_url'], 1, [
  '200',
  'a.example',
  url,
]);

test('without the status of an earlier run the only other column must look like URLs', (t) => {
  t.throws(() => findUrlColumn(['id', 'fetch_url'], undefined, [['1', url]], own), {
    instanceOf: UsageError,
    message:
      'no column looks like URLs; name one with --url-column: "id" ("1"), "fetch_url" ("http://a.example/")',
  });
  t.is(findUrlColumn(['id', 'fetch_url'], undefined, [[url, url]], own), 0);
});

test('cells are looked at where names of own columns do not tell', (t) => {
  t.true(needsSample(['a', 'b', 'link'], undefined, [], own));
  t.true(needsSample(['id', 'fetch_url'], undefined, [], own));
  t.false(needsSample(['a', 'fetch_url', 'fetch_status'], undefined, [[url]], own));
  t.false(needsSample(['a', 'url', 'fetch_url'], undefined, [['', url]], own));
});

test('a result as an ordinary input: the URL is not taken from the final URLs', async (t) => {
  const input = 'id,page,fetch_status,fetch_url\n1,mailto:a,200,mailto:b\n';
  const cwd = await temporaryFolder(t, { 'in.csv': input.replaceAll('mailto:', 'ftp://127.0.0.1/') });
  const sink = new PassThrough();
  const output = text(sink);
  await run({ input: join(cwd, 'in.csv'), columns: 'error,error_detail,url,status', sink });
  sink.end();
  t.like(csvObjects(await output)[0], { fetch_error: 'unsupported-scheme', page: 'ftp://127.0.0.1/a' });
});
