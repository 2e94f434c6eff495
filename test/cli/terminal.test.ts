import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** What a terminal shows of a run that takes a second and writes its rows to a file. */
async function shownOnTerminal(t: ExecutionContext, args: string, columns: number): Promise<string> {
  const server = await httpServer(t, (_, response) => setTimeout(() => response.end('ok'), 1000));
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
  // `script` gives its command a terminal, on all three streams.
  const line = `script -qec "stty cols ${columns}; '$1' '$2' ${args} -o out.csv in.txt" /dev/null`;
  const { code, stdout } = await shell(line, [], { cwd });
  t.is(csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8')).length, 1);
  t.is(code, 0);
  return stdout;
}

const clear = '\r\u001b[K';
const liveLine = `${clear}urlmill: 0/1 rows, 0/s, 0 failed${clear}`;

test('a terminal shows a live line, which is gone at the end', async (t) => {
  const shown = await shownOnTerminal(t, '', 100);
  t.true(shown.includes(liveLine), JSON.stringify(shown));
  t.regex(shown.split(clear).at(-1) ?? '', /^urlmill: 1 rows in [^\n]+\n$/);
});

test('the live line is no wider than the terminal', async (t) => {
  const shown = await shownOnTerminal(t, '', 20);
  t.true(shown.includes(`${clear}urlmill: 0/1 rows, ${clear}`), JSON.stringify(shown));
});

test('a terminal that does not tell its width shows the whole line', async (t) => {
  const shown = await shownOnTerminal(t, '', 0);
  t.true(shown.includes(liveLine), JSON.stringify(shown));
});

test('--progress never shows none on a terminal', async (t) => {
  t.regex(await shownOnTerminal(t, '--progress never', 100), /^urlmill: 1 rows in [^\n]+\n$/);
});

test('-q shows nothing on a terminal', async (t) => {
  t.is(await shownOnTerminal(t, '-q', 100), '');
});
