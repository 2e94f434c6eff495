import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { UsageError } from '../src/shared/errors.ts';
import { run } from '../src/run.ts';
import type { RunOptions } from '../src/run.ts';
import { csvObjects, csvRecords } from './helpers/csv.ts';
import { httpServer } from './helpers/server.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

type Settings = Omit<RunOptions, 'input' | 'retryFailed'>;

/** Runs `retryFailed` on an earlier result, in which `BASE` stands for a server that answers with a title. */
async function retried(
  t: ExecutionContext,
  old: string,
  settings: Settings = {},
  name = 'old.csv',
): Promise<{ output: string; asked: readonly string[]; base: string }> {
  const server = await httpServer(t, (_, response) =>
    response.setHeader('content-type', 'text/html').end('<title>New</title>'),
  );
  const cwd = await temporaryFolder(t, { [name]: old.replaceAll('BASE', server.url) });
  const sink = new PassThrough();
  const output = text(sink);
  await run({ ordered: true, retries: 0, ...settings, retryFailed: join(cwd, name), sink });
  sink.end();
  return { output: await output, asked: server.requests.map(({ url }) => url), base: server.url };
}

test('the result columns are those of the file, in its order', async (t) => {
  const old = 'url,fetch_bytes,fetch_row,fetch_status,x\nBASE/1,7,9,200,a\nBASE/2,,4,500,b\n';
  const { output, base } = await retried(t, old);
  t.deepEqual(csvRecords(output), [
    ['url', 'x', 'fetch_bytes', 'fetch_row', 'fetch_status'],
    [`${base}/1`, 'a', '7', '9', '200'],
    [`${base}/2`, 'b', '18', '4', '200'],
  ]);
});

test('a column that the file has counts even when it costs something', async (t) => {
  const { output } = await retried(t, 'url,fetch_status,fetch_remote_ip\nBASE/,500,1.2.3.4\n');
  t.is(csvObjects(output)[0]?.['fetch_remote_ip'], '127.0.0.1');
});

test('columns that are said and that the file does not have are empty in copied rows', async (t) => {
  const old = 'url,fetch_status\nBASE/1,200\nBASE/2,500\n';
  const { output } = await retried(t, old, { columns: 'type,status,row' });
  t.deepEqual(
    csvRecords(output).map((cells) => cells.slice(1)),
    [
      ['fetch_type', 'fetch_status', 'fetch_row'],
      ['', '200', ''],
      ['text/html', '200', '2'],
    ],
  );
});

test('columns that are not said stay, but empty beside what is new', async (t) => {
  const old = 'url,fetch_status,fetch_error,fetch_bytes,fetch_title\nBASE/1,200,,7,Old\nBASE/2,500,,8,Old\n';
  const { output } = await retried(t, old, { columns: 'status' });
  t.deepEqual(
    csvRecords(output).map((cells) => cells.slice(1)),
    [
      ['fetch_error', 'fetch_bytes', 'fetch_title', 'fetch_status'],
      ['', '7', 'Old', '200'],
      ['', '', '', '200'],
    ],
  );
});

test('another prefix tells other columns', async (t) => {
  const old = 'url,fetch_status,web_status,web_bytes\nBASE/1,500,200,7\nBASE/2,200,500,8\n';
  const { output, asked } = await retried(t, old, { prefix: 'web_' });
  t.deepEqual(asked, ['/2']);
  t.deepEqual(
    csvRecords(output).map((cells) => cells.slice(1)),
    [
      ['fetch_status', 'web_status', 'web_bytes'],
      ['500', '200', '7'],
      ['200', '200', '18'],
    ],
  );
});

test('an empty prefix works too, and leaves a title alone', async (t) => {
  const old = 'homepage,title,status,error\nBASE/1,mine,200,\nBASE/2,mine,,timeout\n';
  const { output, asked } = await retried(t, old, { prefix: '' });
  t.deepEqual(asked, ['/2']);
  t.deepEqual(
    csvObjects(output).map(({ title, status }) => [title, status]),
    [
      ['mine', '200'],
      ['mine', '200'],
    ],
  );
});

const module = `export default { columns: ['price'], process: () => ({ price: 5 }) };`;

test('columns of extractors and modules are kept in copied rows and written anew in others', async (t) => {
  const cwd = await temporaryFolder(t, { 'own.mjs': module });
  const old = 'url,fetch_status,fetch_title,price\nBASE/1,200,Old one,4\nBASE/2,503,Sorry,4\nBASE/3,,,\n';
  const { output } = await retried(t, old, { extract: 'title,sha256', module: join(cwd, 'own.mjs') });
  t.deepEqual(csvRecords(output)[0], ['url', 'fetch_status', 'fetch_title', 'fetch_sha256', 'price']);
  t.deepEqual(
    csvObjects(output).map(({ fetch_title: title, fetch_sha256: sum = '', price }) => [
      title,
      sum.length,
      price,
    ]),
    [
      ['Old one', 0, '4'],
      ['New', 64, '5'],
      ['New', 64, '5'],
    ],
  );
});

test('the URL is found in the own columns: not by what the earlier run has written', async (t) => {
  const old = 'site,n,fetch_status,fetch_url\nBASE/1,1,500,BASE/wrong\nBASE/2,2,500,BASE/wrong\n';
  t.deepEqual((await retried(t, old)).asked.toSorted(), ['/1', '/2']);
});

test('the only own column holds the URL, whatever its cells look like', async (t) => {
  const old = 'site,fetch_error,fetch_url,fetch_status\n127.0.0.1:1,timeout,http://127.0.0.1:2/,\n';
  const { output } = await retried(t, old, { defaultScheme: 'http' });
  t.is(csvObjects(output)[0]?.['fetch_url'], 'http://127.0.0.1:1/');
});

test('a URL can be built from the columns', async (t) => {
  const old = 'site,id,fetch_status\nBASE,1,500\nBASE,2,200\n';
  t.deepEqual((await retried(t, old, { urlTemplate: '{+site}/items/{id}' })).asked, ['/items/1']);
});

test('a column of the earlier run can be said', async (t) => {
  const old = 'site,fetch_status,fetch_url\nBASE/wrong,500,BASE/right\n';
  t.deepEqual((await retried(t, old, { urlColumn: 'fetch_url' })).asked, ['/right']);
});

test('JSON Lines: a copied record is its own text, another keeps its own values', async (t) => {
  const copied = '{ "url":"BASE/1", "big": 12345678901234567890, "fetch_status": 2e2,"fetch_status":200 }';
  const failed =
    '{"url":"BASE/2","big":1.50,"fetch_status":null,"fetch_error":"timeout","fetch_title":"Old","more":[1, 2]}';
  const { output, base } = await retried(
    t,
    `${copied}\r\n${failed}\n`,
    { outputFormat: 'jsonl' },
    'old.jsonl',
  );
  const [first, second] = output.split('\n');
  t.is(first, copied.replace('BASE', base));
  t.is(
    second,
    `{"url":"${base}/2","big":1.50,"fetch_title":null,"more":[1, 2],"fetch_status":200,"fetch_error":null}`,
  );
});

test('from CSV to JSON Lines copied numbers are numbers, as new ones are', async (t) => {
  const old = 'url,n,fetch_status,fetch_etag,fetch_bytes,fetch_ms\nBASE/1,1,200,5,07,\nBASE/2,2,500,5,,3\n';
  const { output, base } = await retried(t, old, { outputFormat: 'jsonl' });
  const [first = '', second = ''] = output.split('\n');
  t.deepEqual(JSON.parse(first), {
    url: `${base}/1`,
    n: '1',
    fetch_status: 200,
    fetch_etag: '5',
    fetch_bytes: '07',
    fetch_ms: null,
  });
  t.like(JSON.parse(second), { n: '2', fetch_status: 200, fetch_etag: null, fetch_bytes: 18 });
});

test('a row that does not fit the header is a bad row, be its status good, and stays the same from pass to pass', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'id,url\n1,mailto:a,"x,y",200\n2\n3,mailto:c\n' });
  const path = join(cwd, 'out.csv');
  const settings = { columns: 'row,status,error', ordered: true, output: path } as const;
  await run({ input: join(cwd, 'in.csv'), ...settings });
  const first = await readFile(path, 'utf8');
  t.deepEqual(csvRecords(first)[1], ['1', 'mailto:a', '1', '', 'bad-row', 'x,y', '200']);
  const summary = await run({ retryFailed: path, ordered: true, output: path });
  t.deepEqual(csvRecords(await readFile(path, 'utf8'))[1], csvRecords(first)[1]);
  t.like(summary, { rows: 3, byFailure: { 'bad-row': 1, 'no-url': 1, 'unsupported-scheme': 1 } });
  const { output } = await retried(t, 'url,fetch_status,fetch_error\nBASE/1,200\nBASE/2,200,,x\n');
  t.deepEqual(
    csvObjects(output)
      .map(({ fetch_error: error }) => error)
      .slice(0, 1),
    ['bad-row'],
  );
  t.deepEqual(csvRecords(output)[2]?.slice(1), ['', 'bad-row', 'x']);
});

test('an input and an earlier result exclude each other, and one is needed', async (t) => {
  const both = { input: Readable.from([]), retryFailed: 'old.csv' };
  const neither = {};
  for (const options of [both, neither]) {
    await t.throwsAsync(run(options), {
      instanceOf: UsageError,
      message: 'run() needs either `input` or `retryFailed`, whose file is the only input',
    });
  }
});
