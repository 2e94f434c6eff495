import test from 'ava';

import { RecentFolders } from '../../../src/fetch/schedule/recent-folders.ts';

test('what was not used for longest is forgotten first', (t) => {
  const folders = new RecentFolders<number>(() => 0);
  for (let n = 0; n < 100_000; n++) folders.set(`f${n}`, n);
  t.is(folders.get('f0'), 0);
  folders.set('more', -1);
  t.deepEqual([folders.get('f0'), folders.get('f1'), folders.get('f2')], [0, undefined, 2]);
  t.is(folders.size, 100_000);
});

test('long names and heavy ones count by their bytes', (t) => {
  const folders = new RecentFolders<number>((weight) => weight);
  const megabyte = 1024 * 1024;
  for (let n = 0; n < 40; n++) folders.set(`f${n}`, megabyte);
  t.true(folders.size >= 30 && folders.size <= 32, String(folders.size));
  const name = 'x'.repeat(megabyte);
  for (let n = 0; n < 40; n++) folders.set(`${name}${n}`, 0);
  t.true(folders.size >= 14 && folders.size <= 16, String(folders.size));
});
