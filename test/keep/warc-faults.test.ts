import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import { WarcOutput } from '../../src/keep/warc-output.ts';
import { mounts } from '../cli/small-disk.ts';
import { gate } from '../helpers/gate.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { numbered, recordsIn } from './exchanges.ts';
import { replaceMethod } from '../write/file-methods.ts';

test.serial('a full disk fails all that is not whole, and the file ends with a whole record', async (t) => {
  const folder = join(await temporaryFolder(t), 'disk');
  await mkdir(folder);
  if (!(await mounts(t, folder, 'size=256k'))) return t.pass('nothing may be mounted here');
  const output = await WarcOutput.open(folder, null);
  const path = join(folder, output.position().name);
  const added = Array.from({ length: 30 }, (_, i) => output.add([numbered(i, 20_000)]));
  const ends = await Promise.allSettled([...added, output.sync()]);
  const failed = ends.findIndex(({ status }) => status === 'rejected');
  const reasons = ends.slice(failed).map((end) => (end as PromiseRejectedResult).reason as Error);
  t.true(failed > 0 && failed < 15, String(failed));
  for (const reason of [
    ...reasons,
    await t.throwsAsync(output.add([numbered(99)])),
    await t.throwsAsync(output.sync()),
  ]) {
    t.true(reason instanceof OutputError);
    t.is(reason.message, `${path}: cannot be written: no space left on device`);
  }
  await output.close();
  t.is((await recordsIn(folder)).length, 1 + 2 * failed);
  t.is((await stat(path)).size, output.position().end);
  return undefined;
});

test.serial('a disk that is full before leaves no file', async (t) => {
  const folder = join(await temporaryFolder(t), 'disk');
  await mkdir(folder);
  if (!(await mounts(t, folder, 'size=4k'))) return t.pass('nothing may be mounted here');
  await writeFile(join(folder, 'full'), 'x'.repeat(4096));
  await t.throwsAsync(WarcOutput.open(folder, null), { instanceOf: OutputError, message: /no space left/ });
  t.deepEqual(await readdir(folder), ['full']);
  return undefined;
});

test.serial('a sync that failed is not tried again', async (t) => {
  const folder = await temporaryFolder(t);
  const output = await WarcOutput.open(folder, null);
  await output.add([numbered(1)]);
  let tries = 0;
  const restore = await replaceMethod(t, 'datasync', async () => {
    tries++;
    throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
  });
  const expected = {
    instanceOf: OutputError,
    message: `${join(folder, output.position().name)}: cannot be written: i/o error`,
  };
  await t.throwsAsync(output.sync(), expected);
  restore();
  await t.throwsAsync(output.sync(), expected);
  await t.throwsAsync(output.add([numbered(2)]), expected);
  t.is(tries, 1);
  await output.close();
});

test.serial(
  'a write that is under way when a sync fails is waited for before the file is closed',
  async (t) => {
    const folder = await temporaryFolder(t);
    const output = await WarcOutput.open(folder, null);
    const slow = gate();
    const begun = gate();
    await replaceMethod(t, 'writev', async (original, _, args) => {
      begun.open();
      await slow.opened;
      return original(...args);
    });
    const failing = gate();
    await replaceMethod(t, 'datasync', async () => {
      await failing.opened;
      throw new Error('EIO: i/o error, fdatasync');
    });
    // A sync waits for records added before it, so it is called before any.
    const synced = output.sync();
    const written = output.add([numbered(1)]);
    const waiting = output.add([numbered(2)]);
    await begun.opened;
    failing.open();
    const ends = await Promise.allSettled([synced, waiting]);
    for (const end of ends) t.true(end.status === 'rejected' && end.reason instanceof OutputError);
    const closed = output.close();
    slow.open();
    await closed;
    await written;
    t.is((await recordsIn(folder)).length, 3);
  },
);

test.serial('what the system takes in part is written to its end', async (t) => {
  const folder = await temporaryFolder(t);
  await replaceMethod(t, 'writev', async (_, handle: FileHandle, [buffers, position]) => {
    const [first] = buffers as [Buffer];
    return handle.write(first, 0, Math.min(first.length, 777), position as number);
  });
  const output = await WarcOutput.open(folder, null);
  await Promise.all([1, 2, 3].map((number) => output.add([numbered(number, number * 1000)])));
  await output.close();
  t.is((await recordsIn(folder)).length, 7);
});

test.serial('the names of the file and of its directory are brought to disk, once', async (t) => {
  const folder = await temporaryFolder(t);
  let synced = 0;
  await replaceMethod(t, 'sync', async (original) => {
    synced++;
    await original();
  });
  const output = await WarcOutput.open(join(folder, 'warcs'), null);
  await output.add([numbered(1)]);
  await output.sync();
  await output.add([numbered(2)]);
  await output.sync();
  t.is(synced, 2);
  await output.close();
});
