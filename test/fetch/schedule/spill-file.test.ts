import { readdir, stat } from 'node:fs/promises';

import test from 'ava';

import type { SpillFile, Chain } from '../../../src/fetch/schedule/spill-file.ts';
import { randomNumbers } from '../../helpers/random.ts';
import { sameBytes } from '../../helpers/same.ts';
import { all, descriptorsIn, muchToWrite, noise, spillFile } from './spilling.ts';

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Size of the open file in bytes. */
async function sizeIn(folder: string): Promise<number> {
  const [descriptor = ''] = await descriptorsIn(folder);
  return (await stat(descriptor)).size;
}

function appendNumbers(spill: SpillFile, chain: Chain, from: number, to: number): void {
  for (let i = from; i < to; i++) spill.append(chain, Buffer.from(`${i}`));
}

test('each chain gives its own blocks in their order', async (t) => {
  const { spill } = await spillFile(t);
  const [a, b] = [spill.chain(), spill.chain()];
  for (const text of ['1', '2', '3']) {
    spill.append(a, Buffer.from(`a${text}`));
    spill.append(b, Buffer.from(`b${text}`));
  }
  t.deepEqual([a.blocks, b.blocks], [3, 3]);
  t.deepEqual((await all(spill, b)).map(String), ['b1', 'b2', 'b3']);
  t.deepEqual((await all(spill, a)).map(String), ['a1', 'a2', 'a3']);
  t.deepEqual([a.blocks, b.blocks], [0, 0]);
});

test('little is never written, and no file is made for it', async (t) => {
  const { spill, folder } = await spillFile(t);
  spill.append(spill.chain(), Buffer.alloc(200_000));
  await turn();
  t.is(spill.pending, 200_000);
  t.deepEqual(await readdir(folder), []);
  t.deepEqual(await descriptorsIn(folder), []);
});

test('much is written to a file without a name, for the user alone', async (t) => {
  const { spill, folder, written } = await spillFile(t);
  const chain = spill.chain();
  const block = noise(muchToWrite);
  spill.append(chain, block);
  t.is(spill.pending, muchToWrite);
  t.deepEqual(await readdir(folder), []);
  await written();
  t.is(spill.pending, 0);
  const descriptors = await descriptorsIn(folder);
  t.is(descriptors.length, 1);
  const { mode, nlink, size } = await stat(descriptors[0] ?? '');
  t.deepEqual([mode & 0o777, nlink, size], [0o600, 0, muchToWrite]);
  sameBytes(t, await spill.shift(chain), block);
});

test('random blocks of random chains come back as from arrays in memory', async (t) => {
  const bytes = noise(6_000_000);
  for (const seed of [1, 2, 3, 4, 5]) {
    const below = randomNumbers(seed);
    const { spill, folder, written } = await spillFile(t);
    const model = Array.from({ length: 1 + below(40) }, () => ({
      chain: spill.chain(),
      blocks: [] as Buffer[],
      shift: Promise.resolve(),
    }));
    const sizes = [0, 1, 300, 5000, 60_000, 400_000];
    let mostWritten = 0;
    for (let step = 0; step < 3000; step++) {
      const each = model[below(model.length)] as (typeof model)[number];
      // More blocks come than go in the first 600 of each thousand steps, and fewer in the rest.
      if (below(10) < (step % 1000 < 600 ? 7 : 1)) {
        const size = below(300) === 0 ? 5_000_000 : below(1 + (sizes[below(sizes.length)] ?? 0));
        const at = below(bytes.length - size);
        const block = bytes.subarray(at, at + size);
        each.blocks.push(block);
        spill.append(each.chain, block);
      } else {
        await each.shift;
        const expected = each.blocks.shift();
        if (expected === undefined) continue;
        each.shift = spill.shift(each.chain).then((block) => {
          if (!block.equals(expected)) t.fail(`seed ${seed}, step ${step}: another block`);
          return undefined;
        });
      }
      if (below(20) === 0) await turn();
      if (below(100) === 0) await written();
      if (step % 1000 === 600) mostWritten = Math.max(mostWritten, await sizeIn(folder));
    }
    for (const { chain, blocks, shift } of model) {
      await shift;
      t.is(chain.blocks, blocks.length);
      sameBytes(t, Buffer.concat(await all(spill, chain)), Buffer.concat(blocks));
    }
    t.true(mostWritten > muchToWrite);
    t.false(spill.full);
    await spill.close();
  }
});

test('a chain of many blocks keeps few numbers in memory', async (t) => {
  const { spill, written } = await spillFile(t);
  const chain = spill.chain();
  for (let i = 0; i < 70_000; i += 5000) {
    appendNumbers(spill, chain, i, i + 5000);
    await written();
  }
  t.is(chain.blocks, 70_000);
  let numbers = 0;
  let steps = 0;
  for (let each: Chain | null = chain; each !== null; each = each.between) {
    numbers += each.first.length + each.last.length;
    steps++;
  }
  t.is(steps, 5);
  t.true(numbers < 5 * 2 * 32, `${numbers} numbers`);
  const taken = await all(spill, chain);
  t.is(
    taken.findIndex((block, i) => block.toString() !== `${i}`),
    -1,
  );
  t.is(taken.length, 70_000);
});

test('blocks may be appended while one is taken', async (t) => {
  const { spill } = await spillFile(t);
  const chain = spill.chain();
  appendNumbers(spill, chain, 0, 300);
  const taken: string[] = [];
  for (let i = 300; i < 900; i++) {
    const next = spill.shift(chain);
    appendNumbers(spill, chain, i, i + 1);
    taken.push(String(await next));
  }
  taken.push(...(await all(spill, chain)).map(String));
  t.deepEqual(
    taken,
    Array.from({ length: 900 }, (_, i) => `${i}`),
  );
});

test('a block that is being written can be taken', async (t) => {
  const { spill, written } = await spillFile(t);
  const [chain, other] = [spill.chain(), spill.chain()];
  const block = noise(muchToWrite);
  spill.append(chain, block);
  spill.append(other, block);
  sameBytes(t, await spill.shift(chain), block);
  t.true(spill.pending > 0);
  await written();
  sameBytes(t, await spill.shift(other), block);
});

test('when nothing waits any more the file is emptied and begins again', async (t) => {
  const { spill, folder, written } = await spillFile(t);
  const [chain, other] = [spill.chain(), spill.chain()];
  for (const seed of [1, 2, 3]) {
    const block = noise(muchToWrite, seed);
    spill.append(chain, block);
    spill.append(other, block);
    await written();
    t.is(await sizeIn(folder), 2 * muchToWrite);
    sameBytes(t, await spill.shift(chain), block);
    t.is(await sizeIn(folder), 2 * muchToWrite);
    sameBytes(t, await spill.shift(other), block);
    // Appended just before the file is truncated: this block must not be cut off.
    spill.append(other, block);
    await written();
    t.is(await sizeIn(folder), muchToWrite);
    sameBytes(t, await spill.shift(other), block);
  }
  t.is(spill.pending, 0);
});

test('offsets beyond 4 GiB', async (t) => {
  const start = 5 * 2 ** 30 - 1000;
  const { spill, folder, written } = await spillFile(t, { start });
  const chain = spill.chain();
  const bytes = noise(3 * muchToWrite);
  for (let at = 0; at < bytes.length; at += 3001) spill.append(chain, bytes.subarray(at, at + 3001));
  await written();
  t.true((await sizeIn(folder)) > start + muchToWrite);
  sameBytes(t, Buffer.concat(await all(spill, chain)), bytes);
});

test('an empty chain has no block to give', async (t) => {
  const { spill } = await spillFile(t);
  const chain = spill.chain();
  await t.throwsAsync(spill.shift(chain), { instanceOf: RangeError });
  spill.append(chain, Buffer.from('a'));
  t.is(String(await spill.shift(chain)), 'a');
});
