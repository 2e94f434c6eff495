import { createHash } from 'node:crypto';

import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import type { Result, Value } from '../../src/shared/records.ts';
import { chosenColumns, columns, traceColumns, certificateColumns } from '../../src/write/columns.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { resultOf, tableOf } from './samples.ts';

const standard = ['status', 'error', 'url', 'type', 'bytes', 'ms', 'attempts', 'at'];
const every = [
  ...standard,
  'row',
  'redirects',
  'redirect_chain',
  'charset',
  'charset_from',
  ...traceColumns.filter((name) => !certificateColumns.includes(name)),
  'wire_bytes',
  'sha256',
  'error_detail',
  'hops',
  'first_status',
  'soft_404',
  ...certificateColumns,
  'same_as',
  'change',
  'page',
  'next',
];

const chooses = test.macro({
  exec: (t, list: string, names: readonly string[]) => {
    t.deepEqual(chosenColumns(list, 'fetch_'), names);
  },
  title: (what) => what ?? '',
});

test('nothing said is the standard set', chooses, '', standard);
test('names alone are those, in their order', chooses, 'at,status', ['at', 'status']);
test('a name given twice counts once, where it is last', chooses, 'at,status,at', ['status', 'at']);
test('spaces around names do not matter', chooses, ' at , status ,', ['at', 'status']);
test('a plus adds to the standard set', chooses, '+row', [...standard, 'row']);
test('names may have the prefix', chooses, 'fetch_at,fetch_status', ['at', 'status']);
test('also with a plus or minus', chooses, '+fetch_row,-fetch_status', [...standard.slice(1), 'row']);
test('a plus before a name that is there puts it last', chooses, '+status', [...standard.slice(1), 'status']);
test('a minus drops from the standard set', chooses, '-status,-at', standard.slice(1, -1));
test('a minus before a name that is not there does nothing', chooses, '-row', standard);
test('all is all of them', chooses, 'all', every);
test(
  'all can be narrowed',
  chooses,
  'all,-row,-error_detail',
  every.filter((name) => !/row|detail/.test(name)),
);
test('plus all adds the rest', chooses, '+all', every);
test('a plus after a name adds to it', chooses, 'status,+row', ['status', 'row']);

const refuses = test.macro({
  exec: (t, list: string, message: RegExp) => {
    t.throws(() => chosenColumns(list, 'fetch_'), { instanceOf: UsageError, message });
  },
  title: (what) => `${what} is refused`,
});

test('an unknown name', refuses, 'status,titel', /no column "titel"; there are status, error, /);
test('an unknown name behind a plus', refuses, '+titel', /no column "titel"/);
test('an unknown name behind a minus', refuses, '-titel', /no column "titel"/);
test('an unknown name with the prefix', refuses, 'fetch_titel', /no column "fetch_titel"/);
test('another prefix', refuses, 'get_status', /no column "get_status"/);
test('a name that all objects have', refuses, 'constructor', /no column "constructor"/);
test('an empty set', refuses, '-all', /no column is left/);

const shows = test.macro({
  exec: (t, name: string, changes: Partial<Result>, cell: Value) => {
    const result = resultOf(tableOf('url'), ['a'], changes);
    t.deepEqual(columns[name]?.value(result), cell);
  },
  title: (what) => what ?? '',
});

test('status is a number', shows, 'status', { status: 404 }, 404);
test('status is empty where there was none', shows, 'status', { status: null }, null);
test('error is the failure code', shows, 'error', { error: 'timeout' }, 'timeout');
test('error is empty where there is none', shows, 'error', {}, null);
test('url is empty where nothing was tried', shows, 'url', { url: '' }, null);
test('type is empty where there is none', shows, 'type', { type: '' }, null);
test('bytes may be 0', shows, 'bytes', { bytes: 0 }, 0);
test('bytes is empty where the size is not known', shows, 'bytes', { bytes: null }, null);
test('ms is rounded', shows, 'ms', { ms: 12.5 }, 13);
test('ms may be 0', shows, 'ms', { ms: 0.2 }, 0);
test('ms is empty where nothing was tried', shows, 'ms', { ms: null }, null);
test('attempts is 0 where nothing was tried', shows, 'attempts', { attempts: 0 }, 0);
test('soft_404 is yes', shows, 'soft_404', { soft404: true }, 'yes');
test('soft_404 is no', shows, 'soft_404', { soft404: false }, 'no');
test('soft_404 is empty where it is not known', shows, 'soft_404', {}, null);
test('at is UTC with milliseconds', shows, 'at', { at: 0 }, '1970-01-01T00:00:00.000Z');
const redirects = [
  { url: 'http://a/', status: 301, ms: 3.6 },
  { url: 'http://b/', status: 302, ms: 4.6 },
];

test('redirects is 0 without any', shows, 'redirects', {}, 0);
test('redirects counts them', shows, 'redirects', { redirects }, 2);
test('redirects is empty where nothing was tried', shows, 'redirects', { attempts: 0, ms: null }, null);
test(
  'redirects of a shared result are counted',
  shows,
  'redirects',
  { attempts: 0, redirects: redirects.slice(1) },
  1,
);
test('redirect_chain lists them', shows, 'redirect_chain', { redirects }, 'http://a/ http://b/');
test('redirect_chain is empty without any', shows, 'redirect_chain', {}, null);
test(
  'hops are all requests, each with its own time',
  shows,
  'hops',
  { redirects, url: 'http://c/', status: 404, ms: 10.2 },
  [
    { url: 'http://a/', status: 301, ms: 4 },
    { url: 'http://b/', status: 302, ms: 5 },
    { url: 'http://c/', status: 404, ms: 2 },
  ],
);
test('hops without a redirect', shows, 'hops', { status: null }, [
  { url: 'http://example.org/', status: null, ms: 12 },
]);
test('hops are empty where nothing was tried', shows, 'hops', { ms: null }, null);
test('first_status is that of the first hop', shows, 'first_status', { redirects }, 301);
test('first_status without redirects', shows, 'first_status', { status: 404 }, 404);
test('charset is the name of the encoding', shows, 'charset', { charset: 'UTF-8' }, 'UTF-8');
test('charset is empty where there is no text', shows, 'charset', { charset: '' }, null);
test('wire_bytes is the size before decoding', shows, 'wire_bytes', {}, 4);
test('error_detail is the words', shows, 'error_detail', { detail: 'why' }, 'why');
test('error_detail is empty without any', shows, 'error_detail', {}, null);
test('sha256 is the hash of the body', shows, 'sha256', { sha256: 'ab' }, 'ab');
test('sha256 is empty where there is none', shows, 'sha256', {}, null);
test('change is its word', shows, 'change', { change: 'still-failing' }, 'still-failing');
test('page is the number of the page', shows, 'page', { page: 2 }, 2);
test('next is what was not asked for', shows, 'next', { next: 'https://a.test/2' }, 'https://a.test/2');
test('next is empty where nothing was left out', shows, 'next', {}, null);
test('change is empty where it cannot be told', shows, 'change', {}, null);
test('same_as is the number of the row that was fetched', shows, 'same_as', { sameAs: 3 }, 3);
test('same_as is empty where the row itself was', shows, 'same_as', {}, null);

test('the time of a row is its own, also after another of the same millisecond', (t) => {
  const results = [5, 5, 6, 5].map((at) => resultOf(tableOf('url'), ['a'], { at }));
  t.deepEqual(
    results.map((result) => columns['at']?.value(result)),
    [5, 5, 6, 5].map((at) => `1970-01-01T00:00:00.00${at}Z`),
  );
});

test('the command fills all columns', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/a') response.writeHead(301, { location: '/b' }).end();
    else response.writeHead(201, { 'content-type': 'Text/Plain; charset=utf-8' }).end('twelve bytes');
  });
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n1,mailto:a\n2,${server.url}/a\n` });
  const before = Date.now();
  const { stdout } = await urlmill(['-q', '--ordered', '--columns', 'all', 'in.csv'], { cwd });
  const [refused, fetched] = csvObjects(stdout);
  t.like(fetched, {
    fetch_status: '201',
    fetch_error: '',
    fetch_url: `${server.url}/b`,
    fetch_type: 'text/plain',
    fetch_bytes: '12',
    fetch_attempts: '1',
    fetch_row: '2',
    fetch_redirects: '1',
    fetch_redirect_chain: `${server.url}/a`,
    fetch_charset: 'UTF-8',
    fetch_charset_from: 'http',
    fetch_wire_bytes: '12',
    fetch_sha256: createHash('sha256').update('twelve bytes').digest('hex'),
    fetch_error_detail: '',
    fetch_change: '',
  });
  t.regex(fetched?.['fetch_ms'] ?? '', /^\d+$/);
  const at = Date.parse(fetched?.['fetch_at'] ?? '');
  t.true(at >= before && at <= Date.now());
  t.like(refused, {
    fetch_status: '',
    fetch_error: 'unsupported-scheme',
    fetch_url: '',
    fetch_bytes: '',
    fetch_ms: '',
    fetch_attempts: '0',
    fetch_row: '1',
    fetch_redirects: '',
    fetch_charset: '',
    fetch_charset_from: '',
    fetch_error_detail: 'mailto is neither http nor https',
  });
});

test('hops are JSON in a cell, and in JSON Lines the array itself', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.writeHead(url === '/old' ? 301 : 200, { location: '/' }).end();
  });
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}/old\n` });
  const hops = [
    { url: `${server.url}/old`, status: 301 },
    { url: `${server.url}/`, status: 200 },
  ];
  const run = async (format: string): Promise<string> =>
    (await urlmill(['-q', '--columns', 'hops', '--output-format', format, 'in.csv'], { cwd })).stdout;
  t.like(JSON.parse(csvObjects(await run('csv'))[0]?.['fetch_hops'] ?? ''), hops);
  t.like((JSON.parse(await run('jsonl')) as Record<string, unknown>)['fetch_hops'], hops);
});
