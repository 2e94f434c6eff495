import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Cells that are quoted in a result. They come behind more rows than are looked at to tell how a file is written. */
const odd = ['say "hi"', '"', 'two\nlines', 'a\tb'];

interface Result {
  readonly cwd: string;
  readonly text: string;
  readonly run: (...args: string[]) => Promise<string>;
}

const said = ['-q', '--ordered', '--columns', 'status,error'];

/** A TSV that a run has written, `old.tsv`. @param plain the cell of the first rows */
async function result(t: ExecutionContext, plain = 'plain'): Promise<Result> {
  const server = await httpServer(t, (_, response) => response.end());
  const cells = [...Array.from({ length: 150 }, () => plain), ...odd];
  const lines = cells.map((text, i) => JSON.stringify({ url: `${server.url}/${i}`, text }));
  const cwd = await temporaryFolder(t, { 'in.jsonl': `${lines.join('\n')}\n` });
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await urlmill(args, { cwd });
    t.is(code, 0, stderr);
    return stdout;
  };
  await run(...said, '-o', 'old.tsv', 'in.jsonl');
  const text = await readFile(join(cwd, 'old.tsv'), 'utf8');
  t.regex(text, /"say ""hi"""/);
  return { cwd, text, run };
}

const comesBack = test.macro(async (t, args: string[], plain?: string) => {
  const { cwd, text, run } = await result(t, plain);
  await run(...said, ...args, '-o', 'new.tsv');
  t.is(await readFile(join(cwd, 'new.tsv'), 'utf8'), text);
});

test('cells that were quoted late in a TSV are copied by --retry-failed', comesBack, [
  '--retry-failed',
  'old.tsv',
]);
test('they come back from a run of which the TSV is the list', comesBack, ['old.tsv']);
test('texts in single quotes keep them', comesBack, ['--retry-failed', 'old.tsv'], `'plain'`);

test('diff reads them as they were', async (t) => {
  const { run } = await result(t);
  await run(...said, '-o', 'new.csv', 'in.jsonl');
  const lines = (await run('diff', '-q', 'old.tsv', 'new.csv')).split('\n');
  t.is(lines.length, 2, lines[1]);
});

test('so does report', async (t) => {
  const { run } = await result(t);
  t.regex(await run('report', 'old.tsv'), /<dt>Rows<\/dt>\s*<dd><strong>154<\/strong>/);
});
