import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

async function site(t: ExecutionContext): Promise<TestServer> {
  return httpServer(t, ({ url }, response) => {
    if (url === '/html') {
      response.writeHead(200, ['Content-Type', 'text/html', 'X-Two', 'a', 'x-two', 'b']);
      response.end('<title>T</title><h1>Big  news</h1><a href=1>x</a><a href=2>y</a>');
    } else if (url === '/json') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"id":7,"ok":true,"tags":["a"],"none":null,"o":{"p":1}}');
    } else if (url === '/broken') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":');
    } else if (url === '/empty') response.writeHead(204, { 'x-two': 'e' }).end();
    else response.writeHead(404, { 'content-type': 'text/html', 'x-two': 'n' }).end('<h1>Not found</h1>');
  });
}

async function ran(
  t: ExecutionContext,
  server: TestServer,
  paths: readonly string[],
  args: readonly string[],
): Promise<Ended> {
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\n${paths.map((path) => `${server.url}${path}\n`).join('')}`,
    'm.mjs': "export default { columns: ['m'], process: () => ({ m: { deep: [true, null] } }) };",
  });
  const columns = ['--columns', 'status,error'];
  return urlmill(['-q', '--ordered', ...columns, ...args, 'in.csv'], { cwd });
}

const all =
  '--module m.mjs --body text --response-header two=X-TWO --regex re=(\\d)>y --json id=id --json ok=ok --select h=h1 --select l*=a@href --xpath x=//h1 --extract title'.split(
    ' ',
  );

test('columns are in the order of the options, and of one option in the order given', async (t) => {
  const server = await site(t);
  const { stdout } = await ran(t, server, ['/html'], all);
  const names = 'url,fetch_status,fetch_error,fetch_title,h,l,x,id,ok,re,two,text,m';
  t.is(stdout.split('\n', 1)[0], names);
});

const alone = test.macro({
  exec: async (t, option: string, said: string, name: string) => {
    const server = await site(t);
    const { stdout } = await ran(t, server, ['/html'], [option, said]);
    t.is(stdout.split('\n', 1)[0], `url,fetch_status,fetch_error,${name}`);
    t.not(csvObjects(stdout)[0]?.[name], '');
  },
  title: (_, option: string) => `${option} alone is enough`,
});

test(alone, '--extract', 'title', 'fetch_title');
test(alone, '--select', 'a=h1', 'a');
test(alone, '--xpath', 'a=//h1', 'a');
test(alone, '--json', 'a*=b', 'a');
test(alone, '--regex', 'a=.', 'a');
test(alone, '--response-header', 'a=content-type', 'a');
test(alone, '--body', 'a', 'a');

test('each takes its own out of one page', async (t) => {
  const server = await site(t);
  const { stdout, code } = await ran(t, server, ['/html', '/json', '/missing', '/empty'], all);
  t.is(code, 0);
  const [page, json, missing, empty] = csvObjects(stdout);
  const m = '{"deep":[true,null]}';
  t.like(page, {
    fetch_error: '',
    fetch_title: 'T',
    h: 'Big news',
    l: '["1","2"]',
    id: '',
    ok: '',
    re: '2',
    m,
  });
  t.like(page, { two: 'a, b', text: '<title>T</title><h1>Big  news</h1><a href=1>x</a><a href=2>y</a>' });
  t.like(json, { fetch_error: '', fetch_title: '', h: '', l: '[]', id: '7', ok: 'true', re: '', two: '' });
  t.like(missing, { fetch_status: '404', fetch_error: '', h: 'Not found', id: '', two: 'n' });
  t.like(empty, { fetch_status: '204', fetch_error: '', h: '', l: '[]', id: '', two: 'e', text: '' });
  t.is(server.requests.length, 4);
});

test('in JSON Lines values keep their types', async (t) => {
  const server = await site(t);
  const more = ['--json', 'none=none', '--json', 'o=o', '--output-format', 'jsonl'];
  const { stdout } = await ran(t, server, ['/html', '/json'], [...all, ...more]);
  const [page, json] = stdout
    .split('\n')
    .slice(0, 2)
    .map((line) => JSON.parse(line) as object);
  t.like(page, { h: 'Big news', l: ['1', '2'], id: null, ok: null, re: '2', two: 'a, b' });
  t.like(page, { m: { deep: [true, null] } });
  t.like(json, { h: null, l: [], id: 7, ok: true, none: null, o: { p: 1 }, two: null });
});

test('in a TSV lists are JSON', async (t) => {
  const server = await site(t);
  const args = ['--select', 'l*=a', '--output-format', 'tsv'];
  const { stdout } = await ran(t, server, ['/html'], args);
  t.is(csvObjects(stdout, '\t')[0]?.['l'], '["x","y"]');
});

test('a body that is no JSON though it says so is process-failed', async (t) => {
  const server = await site(t);
  const { stdout } = await ran(
    t,
    server,
    ['/broken'],
    ['--json', 'a=id', '--columns', 'status,error,error_detail'],
  );
  const [row] = csvObjects(stdout);
  t.like(row, { fetch_status: '200', fetch_error: 'process-failed', a: '' });
  t.regex(row?.['fetch_error_detail'] ?? '', /^--json: the body is not JSON: /);
});

test('a row that could not be fetched has empty cells', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.txt': 'mailto:a\n' });
  const columns = ['--columns', 'error', '--select', 'constructor=h1', '--select', 'l*=a', '--body', 'b'];
  const { stdout } = await urlmill(['-q', ...columns, 'in.txt'], { cwd });
  t.is(stdout, 'url,fetch_error,constructor,l,b\nmailto:a,unsupported-scheme,,,\n');
});

test('a HEAD request has headers and no text', async (t) => {
  const server = await site(t);
  const args = ['--method', 'HEAD', ...all];
  const { stdout } = await ran(t, server, ['/html', '/json'], args);
  t.like(csvObjects(stdout)[0], { fetch_status: '200', fetch_error: '', two: 'a, b', text: '', h: '' });
  t.like(csvObjects(stdout)[1], { fetch_status: '200', fetch_error: '', id: '' });
});

test('a config file and the environment can say them', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\n${server.url}/html\n`,
    'c.json': '{"select": ["h=h1", "l*=a"], "response-header": "two=x-two"}',
  });
  const environment = { URLMILL_REGEX: 'r=(\\d)>x\ns=(\\d)>y' };
  const args = ['-q', '--config', 'c.json', '--columns', 'status', 'in.csv'];
  const { stdout } = await urlmill(args, { cwd, environment });
  t.deepEqual(csvRecords(stdout), [
    ['url', 'fetch_status', 'h', 'l', 'r', 's', 'two'],
    [`${server.url}/html`, '200', 'Big news', '["x","y"]', '1', '2', 'a, b'],
  ]);
});

const refuses = test.macro({
  exec: async (t, args: readonly string[], message: string) => {
    const server = await site(t);
    const { code, stdout, stderr } = await ran(t, server, ['/html'], args);
    t.is(stderr, `urlmill: ${message}\n`);
    t.is(stdout, '');
    t.is(code, 2);
    t.is(server.requests.length, 0);
  },
  title: (_, args: readonly string[]) => `refused before any request: ${args.join(' ')}`,
});

test(refuses, ['--select', 'h1'], '--select: NAME=… is needed, got "h1"');
test(refuses, ['--select', '=h1'], '--select: "" cannot be the name of a column');
test(refuses, ['--select', '*=h1'], '--select: "" cannot be the name of a column');
test(refuses, ['--select', '__proto__*=a'], '--select: "__proto__" cannot be the name of a column');
test(refuses, ['--regex', '*=b'], '--regex: "" cannot be the name of a column');
test(refuses, ['--select', 'h='], '--select: NAME=… is needed, got "h="');
test(refuses, ['--select', 'h=a:x'], '--select: h=a:x: there is no pseudo-class :x (character 4 of "a:x")');
test(refuses, ['--select', '__proto__=a'], '--select: "__proto__" cannot be the name of a column');
test(refuses, ['--json', 'a'], '--json: NAME=… is needed, got "a"');
test(refuses, ['--json', 'a=b-c'], '--json: a=b-c: unexpected "-" at character 2');
test(refuses, ['--regex', 'a=('], '--regex: a=(: Unterminated group');
test(refuses, ['--regex', '=b'], '--regex: "" cannot be the name of a column');
test(refuses, ['--response-header', 'a=b c'], '--response-header: "b c" is not the name of a header');
test(refuses, ['--response-header', 'a='], '--response-header: NAME=… is needed, got "a="');
test(refuses, ['--body', ''], '--body: "" cannot be the name of a column');
test(refuses, ['--body', '__proto__'], '--body: "__proto__" cannot be the name of a column');

const twice = (name: string): string => `the column "${name}" would be written twice; rename one`;
test(refuses, ['--select', 'a=b', '--select', 'a=c'], twice('a'));
test(refuses, ['--select', 'a=b', '--select', 'a*=c'], twice('a'));
test(refuses, ['--json', 'a=b', '--body', 'a'], twice('a'));
test(refuses, ['--regex', 'm=b', '--module', 'm.mjs'], twice('m'));
test(refuses, ['--regex', 'fetch_status=b'], twice('fetch_status'));
test(refuses, ['--extract', 'title', '--body', 'fetch_title'], twice('fetch_title'));
test(refuses, ['--body', 'url'], 'the input already has a column "url"; rename one of them');
