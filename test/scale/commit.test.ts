import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { byMarker, commitFile } from '../../src/scale/commit.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

for (const [how, commit] of [
  ['by a link', commitFile],
  ['without links', byMarker],
] as const) {
  test(`of many attempts at the same time one is committed, ${how}`, async (t) => {
    const folder = await temporaryFolder(t);
    const names = Array.from({ length: 20 }, (_, index) => `attempt-${index}`);
    for (const name of names) await writeFile(join(folder, name), name);
    const to = join(folder, 'done');
    const won = await Promise.all(names.map((name) => commit(join(folder, name), to)));
    const winner = names.find((_, index) => won[index]);
    t.is(won.filter(Boolean).length, 1);
    t.true((await readFile(to, 'utf8')) === winner);
    t.false((await readdir(folder)).includes('done.won'));
  });

  test(`what is committed stays, ${how}`, async (t) => {
    const folder = await temporaryFolder(t, { done: 'first', later: 'second' });
    t.false(await commit(join(folder, 'later'), join(folder, 'done')));
    t.is(await readFile(join(folder, 'done'), 'utf8'), 'first');
  });
}

test('whoever comes after a winner that ended before its rename does it', async (t) => {
  const folder = await temporaryFolder(t, { first: 'first', later: 'later', 'done.won': 'first' });
  t.false(await byMarker(join(folder, 'later'), join(folder, 'done')));
  t.is(await readFile(join(folder, 'done'), 'utf8'), 'first');
});

test('a file that was committed is gone from its old name', async (t) => {
  const folder = await temporaryFolder(t, { first: 'first', second: 'second' });
  t.true(await commitFile(join(folder, 'first'), join(folder, 'done')));
  t.false(await commitFile(join(folder, 'second'), join(folder, 'done')));
  t.deepEqual(await readdir(folder), ['done']);
});

test('a file that somebody has removed is not committed', async (t) => {
  const folder = await temporaryFolder(t);
  t.is(await commitFile(join(folder, 'gone'), join(folder, 'done')), null);
  t.deepEqual(await readdir(folder), []);
  await writeFile(join(folder, 'there'), '');
  await t.throwsAsync(commitFile(join(folder, 'there'), join(folder, 'no-folder', 'done')));
});
