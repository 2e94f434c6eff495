import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const body = '{"name":"Ännchen","list":[1]}';

/** Runs the command with this module on one row, whose URL answers with JSON. */
async function withModule(
  t: ExecutionContext,
  source: string,
  args: readonly string[] = [],
): Promise<Ended & { readonly row: Record<string, string> }> {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/moved') response.writeHead(302, { location: '/json?q=1' }).end();
    else {
      const headers = ['Content-Type', 'application/json', 'X-Two', 'a', 'X-Two', 'b'];
      response.writeHead(203, headers).end(body);
    }
  });
  const cwd = await temporaryFolder(t, {
    'in.csv': `id,url,__proto__\n7,${server.url}/moved,p\n`,
    'm.mjs': source,
    'lib.mjs': 'export const answer = 42;',
  });
  // Without a progress line, which would appear if the run takes long.
  const all = ['--progress', 'never', '--columns', 'status,error,error_detail'];
  const ended = await urlmill([...all, '--module', 'm.mjs', ...args, 'in.csv'], { cwd });
  return { ...ended, row: csvObjects(ended.stdout)[0] ?? {} };
}

/** A module whose only column `m` is the result of this code; the page is `p`. */
function giving(code: string): string {
  return `export default { columns: ['m'], process: (p) => { ${code} } };`;
}

const gives = test.macro({
  exec: async (t, code: string, cell: string) => {
    const { row, code: exitCode } = await withModule(t, giving(code));
    t.is(row['fetch_error_detail'], '');
    t.is(row['m'], cell);
    t.is(exitCode, 0);
  },
  title: (what) => what ?? '',
});

test('a module gives a value', gives, "return { m: 'a' };", 'a');
test(
  'a module gives a value later',
  gives,
  'return new Promise((done) => setTimeout(() => done({ m: 1 }), 20));',
  '1',
);
test('a module need not give a value', gives, 'return {};', '');
test('a module sees the cells of the row', gives, 'return { m: p.row.id };', '7');
test('a module sees a cell called __proto__', gives, "return { m: p.row['__proto__'] };", 'p');
test(
  'a module sees the final URL',
  gives,
  'return { m: new URL(p.url).pathname + new URL(p.url).search };',
  '/json?q=1',
);
test('a module sees the status', gives, 'return { m: p.status };', '203');
test(
  'a module sees the headers, by names in lower case',
  gives,
  "return { m: p.headers['content-type'] };",
  'application/json',
);
test('a module sees several headers of one name as one', gives, "return { m: p.headers['x-two'] };", 'a, b');
test(
  'a module sees the bytes of the body',
  gives,
  'return { m: p.body.length };',
  String(Buffer.byteLength(body)),
);
test('a module sees the text of the body', gives, 'return { m: p.text() };', body);
test('a module sees the JSON of the body', gives, 'return { m: p.json().name };', 'Ännchen');
test(
  'a module takes the page apart',
  gives,
  'const { row, json, text } = p; return { m: row.id + json().name + text().length };',
  '7Ännchen29',
);

test('a module may give several columns and import others', async (t) => {
  const { row } = await withModule(
    t,
    `import { answer } from './lib.mjs';
     export default { columns: ['b', 'a'], async process() { return { a: answer, b: true }; } };`,
  );
  t.deepEqual(Object.entries(row).slice(-2), [
    ['b', 'true'],
    ['a', '42'],
  ]);
});

test('the columns of a module stand behind those of the extractors', async (t) => {
  const { row } = await withModule(t, giving('return { m: 1 };'), ['--extract', 'sha256,title']);
  t.deepEqual(Object.keys(row).slice(-3), ['fetch_sha256', 'fetch_title', 'm']);
});

const fails = test.macro({
  exec: async (t, code: string, detail: RegExp) => {
    const { row, code: exitCode, stderr } = await withModule(t, giving(code));
    t.is(row['fetch_error'], 'process-failed');
    t.is(row['fetch_status'], '203');
    t.is(row['m'], '');
    t.regex(row['fetch_error_detail'] ?? '', detail);
    t.regex(stderr, /^urlmill: 1 rows in [^\n]+\n$/);
    t.is(exitCode, 0);
  },
  title: (what) => `a module that ${what} fails its row, and only that`,
});

test('throws', fails, "throw new Error('no such thing');", /^no such thing \(m\.mjs(?::\d+){2}\)$/);
test('throws later', fails, "return Promise.reject(new Error('later'));", /^later \(m\.mjs(?::\d+){2}\)$/);
test('throws what is no error', fails, "throw 'words';", /^words$/);
test('throws nothing', fails, 'throw undefined;', /^undefined$/);
test('gives nothing', fails, 'return undefined;', /must return an object/);
test('gives a text', fails, "return 'a';", /must return an object/);
test('gives a list of numbers', fails, 'return [1];', /must return an object/);
test('gives nothing later', fails, 'return Promise.resolve();', /must return an object/);
test(
  'gives a column that it has not named',
  fails,
  'return { m: 1, x: 2 };',
  /gave "x", which is not in columns/,
);
test('reads JSON that is none', fails, 'return { m: JSON.parse(p.text().slice(1)) };', /JSON/);
test('gives a number that JSON does not know', fails, 'return { m: 10n };', /BigInt/);
test('gives what holds itself', fails, 'const o = {}; o.o = o; return { m: o };', /circular/i);
test(
  'gives what cannot be written',
  fails,
  "return { m: { toJSON() { throw new Error('no'); } } };",
  /^no \(m\.mjs(?::\d+){2}\)$/,
);

test('a module that never answers fails its row when the time is over', async (t) => {
  const source = giving('return new Promise(() => {});');
  const { row, code } = await withModule(t, source, ['--process-timeout', '1s']);
  t.regex(row['fetch_error'] ?? '', /^process-timeout$/);
  t.is(code, 0);
});

test('one row that fails does not hold up the others', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, {
    'in.csv': `id,url\n1,${server.url}\n2,${server.url}\n3,${server.url}\n`,
    'm.mjs': giving("if (p.row.id === '2') throw new Error('two'); return { m: p.row.id };"),
  });
  const { stdout } = await urlmill(['-q', '--ordered', '--module', 'm.mjs', 'in.csv'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map((row) => row['fetch_error'] + (row['m'] ?? '')),
    ['1', 'process-failed', '3'],
  );
});

test('what a module writes to the console is on stderr, not among the rows', async (t) => {
  const source = `console.log('loaded'); ${giving("console.log('in %s', 'process'); console.info('i'); return {};")}`;
  const { stdout, stderr } = await withModule(t, source);
  t.is(csvObjects(stdout).length, 1);
  t.notRegex(stdout, /loaded|process/);
  t.regex(stderr, /^loaded\nin process\ni\nurlmill: 1 rows in /);
});

test('what a module leaves running does not keep the command', async (t) => {
  const { row, code } = await withModule(t, `setInterval(() => {}, 1000); ${giving('return { m: 1 };')}`);
  t.is(row['m'], '1');
  t.is(code, 0);
});

test('objects that a module gives are JSON in a cell', async (t) => {
  const { row } = await withModule(t, giving('return { m: p.json() };'));
  t.is(row['m'], body);
});
