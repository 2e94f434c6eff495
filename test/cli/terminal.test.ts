import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/**
 * What a terminal shows of a run that writes its rows to a file. The server answers when these words have
 * been shown; without any, after a second.
 */
async function shownOnTerminal(
  t: ExecutionContext,
  args: string,
  columns: number,
  words: RegExp | null = null,
): Promise<string> {
  const cwd = await temporaryFolder(t, { shown: '' });
  const shown = async (): Promise<void> => {
    if (words === null) await delay(1000);
    else while (!words.test(await readFile(join(cwd, 'shown'), 'latin1'))) await delay(20);
  };
  const server = await httpServer(t, (_, response) => void shown().then(() => response.end('ok')));
  await writeFile(join(cwd, 'in.txt'), `${server.url}\n`);
  // `script` gives its command a terminal for all three streams.
  const line = `script -qfec "stty cols ${columns}; '$1' '$2' ${args} -o out.csv in.txt" shown`;
  const { code, stdout } = await shell(line, [], { cwd });
  t.is(csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8')).length, 1);
  t.is(code, 0);
  return stdout;
}

const clear = '\r\u001b[K';
const liveLine = `${clear}urlmill: 0/1 rows, 0/s, 0 failed${clear}`;

test('a terminal shows a live line, which is gone at the end', async (t) => {
  const shown = await shownOnTerminal(t, '', 100, /0\/1 rows.*failed/);
  t.true(shown.includes(liveLine), JSON.stringify(shown));
  t.regex(shown.split(clear).at(-1) ?? '', /^urlmill: 1 rows in [^\n]+\n$/);
});

test('the live line is no wider than the terminal', async (t) => {
  const shown = await shownOnTerminal(t, '', 20, /0\/1 rows/);
  t.true(shown.includes(`${clear}urlmill: 0/1 rows, ${clear}`), JSON.stringify(shown));
});

test('a terminal that does not tell its width shows the whole line', async (t) => {
  const shown = await shownOnTerminal(t, '', 0, /0\/1 rows.*failed/);
  t.true(shown.includes(liveLine), JSON.stringify(shown));
});

test('--progress never shows none on a terminal', async (t) => {
  t.regex(await shownOnTerminal(t, '--progress never', 100), /^urlmill: 1 rows in [^\n]+\n$/);
});

test('-q shows nothing on a terminal', async (t) => {
  t.is(await shownOnTerminal(t, '-q', 100), '');
});

/** What a terminal shows of a run that writes two rows to it. */
async function rowsOnTerminal(
  t: ExecutionContext,
  args: string,
  files: Record<string, string> = {},
): Promise<string> {
  const cwd = await temporaryFolder(t, { shown: '', ...files });
  const shown = async (words: RegExp): Promise<void> => {
    while (!words.test(await readFile(join(cwd, 'shown'), 'latin1'))) await delay(20);
  };
  const server = await httpServer(t, ({ url }, response) => {
    const [words, end] = url === '/1' ? [/0\/2 rows/, 'one'] : [/1\/2 rows/, 'two'];
    void shown(words).then(() => response.end(end));
  });
  await writeFile(join(cwd, 'in.txt'), `${server.url}/1\n${server.url}/2\n`);
  const line = `script -qfec "stty cols 100; '$1' '$2' --columns bytes ${args} in.txt" shown`;
  const { code, stdout } = await shell(line, [], { cwd });
  t.is(code, 0);
  return stdout.replaceAll(/:\d+\/(?=[12])/g, ':PORT/');
}

/** The lines that somebody sees at the end, without what was erased. */
function left(shown: string): string[] {
  return shown.split('\r\n').map((line) => line.split(clear).at(-1) ?? '');
}

test('rows on the terminal of the live line are written where it was, and it is drawn again below', async (t) => {
  const shown = await rowsOnTerminal(t, '');
  t.deepEqual(left(shown).slice(0, -2), [
    'url,fetch_bytes',
    'http://127.0.0.1:PORT/1,3',
    'http://127.0.0.1:PORT/2,3',
  ]);
  const [, below = ''] = shown.split('PORT/1,3\r\n');
  t.true(
    below.startsWith(`${clear}urlmill: 0/2 rows`) || below.startsWith(`${clear}urlmill: 1/2 rows`),
    JSON.stringify(shown),
  );
});

test('what a module prints is written where the live line was', async (t) => {
  const module = `export default { columns: ['x'], process() { console.log('printed'); return { x: 1 }; } };`;
  const shown = await rowsOnTerminal(t, '--module print.mjs -o out.csv', { 'print.mjs': module });
  t.deepEqual(left(shown).slice(0, -2), ['printed', 'printed']);
});
