import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { filesOf, naming, site } from './image-sets.ts';

test('no row gets the name of the output, of a file beside it, or of the summary', async (t) => {
  const ids = ['out.csv', 'OUT.CSV.part', 'out.csv.journal', 'sum.json', 'run.prom'];
  const { cwd, run, server } = await site(
    t,
    ids.map((id) => [id, '', `/${id}`]),
  );
  await mkdir(join(cwd, 'set'));
  const own = ['-o', 'set/out.csv', '--summary', 'set/sum.json', '--metrics', 'set/run.prom'];
  const names = ['out-2.csv', 'OUT.CSV-2.part', 'out.csv-2.journal', 'sum-2.json', 'run-2.prom'];
  // The names are taken before there are such files, and in the second night too.
  for (let night = 0; night < 2; night++) {
    t.deepEqual(await run('-q', ...naming, '{id}', ...own), []);
    t.deepEqual(filesOf(csvObjects(await readFile(join(cwd, 'set', 'out.csv'), 'utf8'))), names);
    for (const [i, name] of names.entries())
      t.is(await readFile(join(cwd, 'set', name), 'utf8'), `/${ids[i] ?? ''}`);
  }
  t.is(server.requests.length, 10);
});

test('a row whose file has got the name of the output gets another one', async (t) => {
  const { cwd, run } = await site(t, [['out.csv', '', '/a']]);
  t.deepEqual(filesOf(await run(...naming, '{id}')), ['out.csv']);
  t.deepEqual(await run(...naming, '{id}', '-o', 'set/out.csv'), []);
  t.deepEqual(filesOf(csvObjects(await readFile(join(cwd, 'set', 'out.csv'), 'utf8'))), ['out-2.csv']);
  t.is(await readFile(join(cwd, 'set', 'out-2.csv'), 'utf8'), '/a');
});
