import test from 'ava';

import { PagedWords, pageWords } from '../../src/shared/paged-words.ts';
import { randomNumbers } from '../helpers/random.ts';
import { sameMany } from '../helpers/same.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const likeArray = test.macro((t, memory: number, isOnDisk: boolean) => {
  const words = new PagedWords(memory);
  t.teardown(() => words.close());
  const below = randomNumbers(3);
  const length = 20 * pageWords;
  const expected = new Uint32Array(length);
  for (let step = 0; step < 50_000; step++) {
    const at = below(length);
    if (words.get(at) !== expected[at]) return t.fail(`word ${at} in step ${step}`);
    expected[at] = below(2 ** 32);
    words.set(at, expected[at] ?? 0);
  }
  const all = Uint32Array.from(expected, (_, at) => words.get(at));
  sameMany(t, all, expected);
  return t.is(words.isOnDisk, isOnDisk);
});

test('words in memory are like an array', likeArray, 2 ** 20, false);
test('words of which a part is on disk are like an array', likeArray, 5 * 4096, true);
test('words of which most are on disk are like an array', likeArray, 0, true);

test('words that nobody has set are 0, though their page of memory was used before', (t) => {
  const words = new PagedWords(0);
  t.teardown(() => words.close());
  for (let page = 0; page < 4; page++) words.set(page * pageWords, 7);
  t.deepEqual([words.get(9 * pageWords), words.get(8 * pageWords + 5), words.get(0)], [0, 0, 7]);
});

test('the first folder that takes the file is used, and the error names the last one', async (t) => {
  const folder = await temporaryFolder(t, { 'good/a': '' });
  const words = new PagedWords(0, [`${folder}/missing`, `${folder}/good`]);
  t.teardown(() => words.close());
  for (let page = 0; page < 4; page++) words.set(page * pageWords, page);
  t.is(words.get(0), 0);
  const lost = new PagedWords(0, [`${folder}/missing`, `${folder}/absent`]);
  const error = t.throws(() => {
    for (let page = 0; page < 4; page++) lost.set(page * pageWords, page);
  });
  t.like(error, { name: 'OutputError' });
  t.is(error?.message.replaceAll(folder, ''), 'temporary file in /absent: no such file or directory');
});
