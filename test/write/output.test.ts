import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { link, lstat, open, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { runningUrlmill, endOf } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const list = 'id,url\n1,mailto:a@example.org\n2,mailto:b@example.org\n';

test('-o writes the rows to a file and nothing to standard output', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const { code, stdout, stderr } = await urlmill(['-o', 'out.csv', 'in.csv'], { cwd });
  t.is(stdout, '');
  t.regex(stderr, /^urlmill: 2 rows in /);
  t.is(csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8')).length, 2);
  t.deepEqual(await readdir(cwd), ['in.csv', 'out.csv']);
  t.is(code, 0);
});

test('the file appears when every row is in it, and the old one stays until then', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/last') held.push(() => response.end('ok'));
    else response.end('ok');
  });
  const cwd = await temporaryFolder(t, {
    'in.txt': `${server.url}/first\n${server.url}/last\n`,
    'out.csv': 'old\n',
  });
  const child = runningUrlmill(t, ['-q', '-o', 'out.csv', 'in.txt'], { cwd });
  const ended = endOf(child);
  await server.requested(2);
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.txt', 'out.csv', 'out.csv.journal', 'out.csv.part']);
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
  held[0]?.();
  const { code } = await ended;
  t.is(csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8')).length, 2);
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.txt', 'out.csv']);
  t.is(code, 0);
});

test('what an earlier run left in FILE.part is not taken over', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list, 'out.csv.part': 'x\n'.repeat(10_000) });
  await urlmill(['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  const text = await readFile(join(cwd, 'out.csv'), 'utf8');
  t.is(csvObjects(text).length, 2);
  t.regex(text, /^id,url,/);
});

test('the format follows the name of the file', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  await urlmill(['-q', '--columns', 'error', '-o', 'out.tsv', 'in.csv'], { cwd });
  t.regex(await readFile(join(cwd, 'out.tsv'), 'utf8'), /^id\turl\tfetch_error\n1\tmailto/);
});

test('--output-format wins over the name of the file', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  await urlmill(['-q', '--output-format', 'jsonl', '-o', 'out.tsv', 'in.csv'], { cwd });
  t.regex(await readFile(join(cwd, 'out.tsv'), 'utf8'), /^\{"id":"1"/);
});

test('a wrong use leaves the old file as it was, and no other', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'a,b\n1,2\n', 'out.csv': 'old\n' });
  const { code } = await urlmill(['-o', 'out.csv', 'in.csv'], { cwd });
  t.is(code, 2);
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'out.csv']);
});

/** An input must not be the output: it would be emptied before it is read, or replaced by its own results. */
const refusesInput = test.macro({
  exec: async (t, input: string, output: string) => {
    const cwd = await temporaryFolder(t, { [input]: list, 'other.csv': list });
    const linked = output.endsWith('.link');
    if (output === 'hard.link') await link(join(cwd, input), join(cwd, output));
    if (output === 'soft.link') await symlink(input, join(cwd, output));
    const { code, stdout, stderr } = await urlmill(['-o', output, 'other.csv', input], { cwd });
    t.regex(stderr, /^urlmill: --output: [^\n]+ is the input; name another file\n$/);
    t.is(stdout, '');
    t.is(await readFile(join(cwd, input), 'utf8'), list);
    t.deepEqual(
      (await readdir(cwd)).toSorted(),
      [...new Set([input, 'other.csv', ...(linked ? [output] : [])])].toSorted(),
    );
    t.is(code, 2);
  },
  title: (what) => `${what} as the output is refused, and the input is untouched`,
});

test('the input itself', refusesInput, 'in.csv', 'in.csv');
test('the input by another path', refusesInput, 'in.csv', './in.csv');
test('another name of the input', refusesInput, 'in.csv', 'hard.link');
test('a symbolic link to the input', refusesInput, 'in.csv', 'soft.link');
test('a file whose .part is the input', refusesInput, 'in.csv.part', 'in.csv');

test('a pipe with a name is written to, not replaced', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const pipe = join(cwd, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  // Open for reading and writing, so that neither side waits for the other.
  const handle = await open(pipe, constants.O_RDWR);
  try {
    const { code } = await urlmill(['-q', '-o', 'pipe', 'in.csv'], { cwd });
    t.true((await lstat(pipe)).isFIFO());
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(10_000), 0, 10_000);
    t.is(csvObjects(buffer.toString('utf8', 0, bytesRead)).length, 2);
    t.is(code, 0);
  } finally {
    await handle.close();
  }
});

test('the output of a run can be the input of the next one into the same file, by another name', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  await urlmill(['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  const first = await readFile(join(cwd, 'out.csv'), 'utf8');
  await writeFile(join(cwd, 'in.csv'), first);
  await urlmill(['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  const second = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.deepEqual(Object.keys(second[0] ?? {}), first.split('\n')[0]?.split(','));
});
