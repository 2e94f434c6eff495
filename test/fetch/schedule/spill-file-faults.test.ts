import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { sameBytes } from '../../helpers/same.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { all, descriptorsIn, muchToWrite, noise, spillFile } from './spilling.ts';

const childFile = fileURLToPath(new URL('spill-child.js', import.meta.url));

test('a disk that takes no more: all blocks can still be taken', async (t) => {
  const folder = await temporaryFolder(t);
  // Like a full disk, the limit cuts one write short before it refuses the next.
  const line = 'ulimit -f 4099 && exec "$@"';
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, childFile, 'full', folder]);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.is(stderr, '');
  t.deepEqual(JSON.parse(stdout), {
    full: true,
    reasons: [`temporary file in ${folder}: cannot be written: file too large`],
    counts: [85, 85, 85],
    isSame: true,
    last: ['last', 'last', 'last'],
  });
});

test('a folder that is not there', async (t) => {
  const directory = join(await temporaryFolder(t), 'none');
  const { spill, reasons, written } = await spillFile(t, { directories: [directory] });
  const chain = spill.chain();
  const block = noise(muchToWrite);
  spill.append(chain, block);
  await written();
  t.true(spill.full);
  for (let i = 0; i < 20; i++) spill.append(chain, block);
  t.deepEqual(reasons, [`temporary file in ${directory}: cannot be written: no such file or directory`]);
  for (const each of await all(spill, chain)) sameBytes(t, each, block);
});

test('where one folder does not take the file, the next one is tried', async (t) => {
  const next = await temporaryFolder(t);
  // Nobody can create files in the first folder, not even root, and the second does not exist.
  const { spill, reasons, written } = await spillFile(t, { directories: ['/proc/self', '/none', next] });
  const chain = spill.chain();
  const block = noise(muchToWrite);
  spill.append(chain, block);
  await written();
  t.deepEqual(reasons, []);
  t.is((await descriptorsIn(next)).length, 1);
  sameBytes(t, await spill.shift(chain), block);
  t.is(chain.blocks, 0);
});

test('a block that cannot be read any more is an error, not another block', async (t) => {
  const { spill, folder, written } = await spillFile(t);
  const chain = spill.chain();
  spill.append(chain, noise(muchToWrite));
  await written();
  const [descriptor = ''] = await descriptorsIn(folder);
  await truncate(descriptor, muchToWrite - 1);
  await t.throwsAsync(spill.shift(chain), {
    message: `temporary file in ${folder}: cannot be read: it is shorter than what was written`,
  });
});

test('nothing is left of a process that was killed', async (t) => {
  const folder = await temporaryFolder(t);
  const child = spawn(process.execPath, [childFile, 'stay', folder], { env: { TMPDIR: folder } });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  t.is((await descriptorsIn(folder, child.pid)).length, 1);
  t.deepEqual(await readdir(folder), []);
  child.kill('SIGKILL');
  await once(child, 'close');
  t.deepEqual(await readdir(folder), []);
});

test('close waits for what is written and read, and leaves no descriptor', async (t) => {
  const { spill, folder, written } = await spillFile(t);
  const [a, b, c] = [spill.chain(), spill.chain(), spill.chain()];
  const block = noise(5 * muchToWrite);
  spill.append(a, block);
  spill.append(b, block);
  await written();
  spill.append(b, block);
  spill.append(c, block);
  const reads = [spill.shift(a), spill.shift(b)];
  const closed = spill.close();
  t.is(spill.close(), closed);
  await closed;
  t.deepEqual(await descriptorsIn(folder), []);
  for (const taken of await Promise.all(reads)) sameBytes(t, taken, block);
  // One was on its way to the disk, the other had not begun.
  await t.throwsAsync(spill.shift(b), { message: 'the temporary file is closed' });
  await t.throwsAsync(spill.shift(c), { message: 'the temporary file is closed' });
});

test('after close no file is opened, and nobody is called', async (t) => {
  const { spill, folder, reasons } = await spillFile(t);
  await spill.close();
  t.true(spill.full);
  const chain = spill.chain();
  spill.append(chain, noise(muchToWrite));
  t.deepEqual(await descriptorsIn(folder), []);
  t.is((await spill.shift(chain)).length, muchToWrite);
  t.deepEqual(reasons, []);
});

test('a file that is closed as its last block is read', async (t) => {
  const { spill, folder, written } = await spillFile(t);
  const chain = spill.chain();
  spill.append(chain, noise(muchToWrite));
  await written();
  const [read] = await Promise.all([spill.shift(chain), spill.close()]);
  t.is(read.length, muchToWrite);
  t.deepEqual(await descriptorsIn(folder), []);
});
