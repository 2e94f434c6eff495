import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { EarlierRows } from '../../src/earlier/earlier-rows.ts';
import { run } from '../../src/run.ts';
import { readOptions } from '../helpers/reading.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { nights } from './nights.ts';

test('a run that is stopped while the earlier result is read has no rows, and leaves nothing', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': 'a' });
  await night();
  const output = join(cwd, 'out.csv');
  const before = await readFile(output, 'utf8');
  const [header, line] = before.split('\n');
  // The first line is bad, which is reported at once. The file is cut off, so a run that read to the end
  // would fail.
  const since = join(cwd, 'old.csv.gz');
  const earlier = gzipSync(`${header}\nx\n${`${line}\n`.repeat(50_000)}`);
  await writeFile(since, earlier.subarray(0, -10));
  const files = await readdir(cwd);
  const stop = new AbortController();
  const input = join(cwd, 'in.txt');
  const onNotice = (): void => stop.abort();
  const summary = await run({ input, output, since, signal: stop.signal, onNotice });
  t.like(summary, { outcome: 'stopped', rows: 0 });
  t.is(server.requests.length, 1);
  t.is(await readFile(output, 'utf8'), before);
  t.deepEqual(await readdir(cwd), files);
});

test('an index is not made any further than to where it is stopped', async (t) => {
  const cwd = await temporaryFolder(t, { 'old.csv': `url\n${'https://a.test/\n'.repeat(500_000)}` });
  const stop = new AbortController();
  const reason = new Error('enough');
  let rows = 0;
  const key = ({ url }: { url: string }): string => {
    rows++;
    stop.abort(reason);
    return url;
  };
  const opening = EarlierRows.open(join(cwd, 'old.csv'), {
    read: readOptions({ urlColumn: 'url' }),
    key,
    memory: 2 ** 20,
    signal: stop.signal,
  });
  t.is(await t.throwsAsync(opening), reason);
  t.true(rows > 0 && rows < 100_000, String(rows));
});
