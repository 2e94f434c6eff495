import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { says } from './stopped-runs.ts';

/** The stderr of a run of three rows, one of them refused, that takes long enough for a live line. */
async function said(t: ExecutionContext, args: readonly string[]): Promise<string> {
  const server = await httpServer(t, ({ url }, response) => {
    setTimeout(() => response.end('ok'), url === '/late' ? 1500 : 0);
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\nmailto:a\n${server.url}/late\n` });
  const { code, stdout, stderr } = await urlmill([...args, 'in.txt'], { cwd });
  t.is(csvObjects(stdout).length, 3);
  t.is(code, 0);
  return stderr;
}

const closing = String.raw`urlmill: 3 rows in \d+\.\d s: 2 ok, 1 failed \(unsupported-scheme: 1\)\n`;

test('a run says at its end what has become of the rows', async (t) => {
  t.regex(await said(t, []), new RegExp(`^${closing}$`));
});

test('a status of 400 and above is a failure in the last line', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(401).end());
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/a\n${server.url}/b\n` });
  const { code, stderr } = await urlmill(['in.txt'], { cwd });
  t.regex(stderr, /^urlmill: 2 rows in \d+\.\d s: 0 ok, 2 failed \(401: 2\)\n$/);
  t.is(code, 0);
});

test('-q says nothing', async (t) => {
  t.is(await said(t, ['-q']), '');
});

test('-q says nothing of progress either', async (t) => {
  t.is(await said(t, ['--quiet', '--progress', 'always']), '');
});

test('-q does not keep an error back', async (t) => {
  const { code, stderr } = await urlmill(['-q', 'missing.csv'], { cwd: await temporaryFolder(t) });
  t.regex(stderr, /^urlmill: missing\.csv: there is no such file\n$/);
  t.is(code, 3);
});

test('--progress always shows a line that is written over and gone at the end', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/late') held.push(() => response.end('ok'));
    else response.end('ok');
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\nmailto:a\n${server.url}/late\n` });
  const child = runningUrlmill(t, ['--progress', 'always', 'in.txt'], { cwd });
  const ended = endOf(child);
  await says(child.stderr, '2/3 rows');
  held[0]?.();
  const [start, ...lines] = (await ended).stderr.split('\r\u001b[K');
  t.is(start, '');
  // The closing line replaces the live one.
  t.regex(lines.pop() ?? '', new RegExp(`^${closing}$`));
  // The ETA is missing while no row has come for some time.
  t.true(lines.some((line) => /^urlmill: 2\/3 rows, \d+\/s, 1 failed(?:, ETA \d+:\d\d)?$/.test(line)));
  t.false(lines.some((line) => line.includes('\n')));
});

test('--progress never shows none', async (t) => {
  t.regex(await said(t, ['--progress', 'never']), new RegExp(`^${closing}$`));
});

test('--progress auto writes no live line into a file', async (t) => {
  t.regex(await said(t, ['--progress', 'auto']), new RegExp(`^${closing}$`));
});

test('--summary writes the figures to a file', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.statusCode = url === '/missing' ? 404 : 200;
    response.end('12345');
  });
  const list = [
    `${server.url}/`,
    `${server.url}/missing`,
    `${server.url}/`,
    'mailto:a',
    'http://127.0.0.1:1/',
  ];
  const cwd = await temporaryFolder(t, { 'in.txt': list.join('\n') });
  const before = Date.now();
  await urlmill(['-q', '--summary', 'summary.json', '-c', '7', 'in.txt'], { cwd });
  const text = await readFile(join(cwd, 'summary.json'), 'utf8');
  const summary = JSON.parse(text) as Record<string, unknown> & { start: string; end: string };
  t.like(summary, {
    outcome: 'done',
    rows: 5,
    errors: 2,
    byStatus: { 200: 2, 404: 1 },
    byFailure: { 'unsupported-scheme': 1, 'connect-refused': 1 },
    bytes: 15,
    options: { concurrency: 7, quiet: true, summary: 'summary.json', timeout: 30_000 },
  });
  t.like(summary['hosts'], {
    approximate: false,
    worst: [{ host: '127.0.0.1', rows: 4, failed: 2 }],
  });
  t.true(text.endsWith('}\n'));
  t.true(Date.parse(summary.start) >= before && Date.parse(summary.end) >= Date.parse(summary.start));
  t.true(Date.parse(summary.end) <= Date.now());
});

test('--summary tells of a run that failed how far it came', async (t) => {
  const junk = Buffer.concat([gzipSync('id,url\n1,mailto:a\n'), Buffer.from('junk')]);
  const cwd = await temporaryFolder(t, { 'in.csv.gz': junk });
  const { code } = await urlmill(['--summary', 'summary.json', 'in.csv.gz'], { cwd });
  const summary = JSON.parse(await readFile(join(cwd, 'summary.json'), 'utf8')) as object;
  t.like(summary, { outcome: 'failed', rows: 1, errors: 1 });
  t.is(code, 3);
});

test('--summary writes nothing of a run that did not begin', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'a,b\n1,2\n', 'summary.json': 'old' });
  const { code } = await urlmill(['--summary', 'summary.json', 'in.csv'], { cwd });
  t.is(await readFile(join(cwd, 'summary.json'), 'utf8'), 'old');
  t.is(code, 2);
});

const summaryOnStream = test.macro({
  exec: async (t, name: string, file: 'err' | 'three') => {
    const files = { 'in.csv': 'url\nmailto:a@example.org\n', err: 'before\n', three: 'before\n' };
    const cwd = await temporaryFolder(t, files);
    const args = ['-q', '--summary', name, '-o', 'out.csv', 'in.csv'];
    t.is((await shell('exec "$@" 2>> err 3>> three', args, { cwd })).code, 0);
    const [, json = ''] = /^before\n(\{\n.*\}\n)$/s.exec(await readFile(join(cwd, file), 'utf8')) ?? [];
    t.like(JSON.parse(json), { outcome: 'done', rows: 1 });
    t.deepEqual((await readdir(cwd)).toSorted(), ['err', 'in.csv', 'out.csv', 'three']);
  },
  title: (_, name: string) => `--summary ${name} writes the figures behind what is there`,
});

test(summaryOnStream, '-', 'err');
test(summaryOnStream, '/proc/self/fd/2', 'err');
test(summaryOnStream, '/dev/fd/3', 'three');
