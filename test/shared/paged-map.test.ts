import { readdir } from 'node:fs/promises';

import test from 'ava';

import { PagedMap } from '../../src/shared/paged-map.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

for (const memory of [64 * 1024 * 1024, 32 * 1024]) {
  test(`what was set is found again, with ${memory} bytes of memory`, async (t) => {
    const folder = await temporaryFolder(t);
    const map = new PagedMap(memory, [folder]);
    const numbers = [0, 1, 2 ** 32, 2 ** 52 - 2];
    const numberOf = (i: number): number => numbers[i] ?? i * 1000;
    for (let i = 0; i < 20_000; i++) map.set(`key ${i}`, numberOf(i));
    for (let i = 0; i < 20_000; i += 7) map.set(`key ${i}`, i);
    const wrong = Array.from({ length: 20_000 }, (_, i) => i).filter(
      (i) => map.get(`key ${i}`) !== (i % 7 === 0 ? i : numberOf(i)),
    );
    t.deepEqual(wrong, []);
    t.is(map.get('key 20000'), null);
    map.close();
    t.deepEqual(await readdir(folder), []);
  });
}
