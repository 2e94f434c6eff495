import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer, rawServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** What a terminal would act on: a window title, a beep, a line break, a control sequence, reversed text. */
const hostile = '\u001b]0;pwned\u0007\r\u009b2J\u202egnp.exe';

/**
 * Finds what must not be on stderr: control characters except line ends, and marks that change the text
 * direction.
 */
function obeyed(stderr: string): string[] {
  return stderr.match(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu) ?? [];
}

const harmless = test.macro({
  exec: async (t, content: string, args: readonly string[], code: number) => {
    const cwd = await temporaryFolder(t, { in: content });
    const ended = await urlmill([...args, 'in'], { cwd });
    t.deepEqual(obeyed(ended.stderr), []);
    t.true(ended.stderr.includes(String.raw`\u001b]0;pwned\u0007`), ended.stderr);
    t.is(ended.code, code);
  },
  title: (what) => `${what} cannot make the terminal do anything`,
});

const named = `"${hostile}",b\n1,2\n`;
test('the name of a column among the candidates', harmless, named, [], 2);
test('the name of a column in a message about a template', harmless, named, ['--url-template', 'x{y}'], 2);
test('the name of a column in a message about -u', harmless, named, ['-u', 'y'], 2);
test('the name of an option', harmless, 'id\n', [`--${hostile}`], 2);
test('the value of an option', harmless, 'id\n', ['--input-format', hostile], 2);
test('a line that is no JSON', harmless, `${hostile}\n`, ['--input-format', 'jsonl'], 3);

test('the name of a file cannot make the terminal do anything', async (t) => {
  const { code, stderr } = await urlmill([hostile], { cwd: await temporaryFolder(t) });
  t.deepEqual(obeyed(stderr), []);
  t.regex(stderr, /\\u001b\]0;pwned\\u0007.*no such file/);
  t.is(code, 3);
});

test('a line break in the name of a column begins no line of its own', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': '"a\nurlmill: all is well",b\n1,2\n' });
  const { stderr } = await urlmill(['--url-template', 'http://127.0.0.1:1/{c}', 'in.csv'], { cwd });
  t.regex(stderr, /^urlmill: --url-template: [^\n]+\n$/);
});

test('a message is cut where it gets too long', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': `${'x'.repeat(100_000)},b\n1,2\n` });
  const { stderr } = await urlmill(['in.csv'], { cwd });
  t.regex(stderr, /^urlmill: [^\n]+…\n$/);
  t.true(stderr.length < 5000, `${stderr.length} characters`);
});

/** Runs with a failing row and all columns; both `error_detail` and stderr are checked. */
async function rowOf(t: ExecutionContext, url: string, args: readonly string[] = [], files = {}) {
  const cwd = await temporaryFolder(t, { 'in.txt': `${url}\n`, ...files });
  return urlmill(['--columns', 'all', '--output-format', 'jsonl', ...args, 'in.txt'], {
    cwd,
  });
}

test('what a server answers does not reach stderr', async (t) => {
  const { url } = await rawServer(t, (socket) => {
    socket.end(`HTTP/1.1 200 \u001b]0;pwned\u0007\r\nContent-Type: te\u009bxt\r\n${hostile}: x\r\n\r\n`);
  });
  const { code, stdout, stderr } = await rowOf(t, url, ['--strict']);
  t.regex(stderr, /^urlmill: 1 rows in [^\n]+: 0 ok, 1 failed \(http-malformed: 1\)\n$/);
  t.is((JSON.parse(stdout) as Record<string, unknown>)['fetch_error'], 'http-malformed');
  t.is(code, 0);
});

test('where a redirect leads does not reach stderr', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: 'ftp://a/\u009b2J' }).end();
  });
  const { stdout, stderr } = await rowOf(t, server.url);
  t.regex(stderr, /^urlmill: 1 rows in [^\n]+: 0 ok, 1 failed \(redirect-denied: 1\)\n$/);
  t.is((JSON.parse(stdout) as Record<string, unknown>)['fetch_error'], 'redirect-denied');
});

test('what a module throws is in its row, and not on stderr', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const module = `export default { columns: ['m'], process() { throw new Error(${JSON.stringify(hostile)}) } };`;
  const { stdout, stderr } = await rowOf(t, server.url, ['--module', 'm.mjs'], { 'm.mjs': module });
  t.regex(stderr, /^urlmill: 1 rows in [^\n]+: 0 ok, 1 failed \(process-failed: 1\)\n$/);
  const { fetch_error_detail: detail, ...row } = JSON.parse(stdout) as Record<string, unknown>;
  t.is(row['fetch_error'], 'process-failed');
  t.is(String(detail).replace(/ \(m\.mjs:1:\d+\)$/, ''), hostile);
});
