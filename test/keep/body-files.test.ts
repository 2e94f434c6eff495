import { lstat, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import { SaveBodies } from '../../src/keep/body-files.ts';
import { descriptorsIn, noise } from '../fetch/schedule/spilling.ts';
import { sameBytes } from '../helpers/same.ts';
import { filesIn, placeOf } from '../helpers/saved-bodies.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** An empty folder, opened for saving bodies. */
async function opened(t: ExecutionContext): Promise<{ folder: string; saving: SaveBodies }> {
  const folder = await temporaryFolder(t);
  const saving = new SaveBodies(folder, 'file');
  await saving.open();
  return { folder, saving };
}

async function save(saving: SaveBodies, body: Buffer): Promise<unknown> {
  const { file } = await saving.process({ body });
  return file;
}

function numbered(i: number): Buffer {
  return Buffer.from(`body ${i}`);
}

test('a body is a file named by its hash, in two levels of folders, for its owner alone', async (t) => {
  const { folder, saving } = await opened(t);
  const body = noise(3_000_000);
  const file = await save(saving, body);
  t.is(file, placeOf(body));
  t.deepEqual(await filesIn(folder), [placeOf(body)]);
  sameBytes(t, await readFile(join(folder, placeOf(body))), body);
  const [outer = '', inner = '', name = ''] = placeOf(body).split('/');
  const modes = [outer, join(outer, inner), join(outer, inner, name)].map(
    async (path) => (await stat(join(folder, path))).mode & 0o777,
  );
  t.deepEqual(await Promise.all(modes), [0o700, 0o700, 0o600]);
});

test('an empty body has no file', async (t) => {
  const { folder, saving } = await opened(t);
  t.deepEqual(saving.process({ body: Buffer.alloc(0) }), {});
  await saving.sync();
  t.deepEqual(await readdir(folder), []);
});

test('the same body is one file, also when it comes many times at once', async (t) => {
  const { folder, saving } = await opened(t);
  const body = noise(200_000);
  const files = await Promise.all(Array.from({ length: 50 }, async () => save(saving, Buffer.from(body))));
  t.deepEqual(new Set(files), new Set([placeOf(body)]));
  t.deepEqual(await filesIn(folder), [placeOf(body)]);
  sameBytes(t, await readFile(join(folder, placeOf(body))), body);
});

test('two may write the same bodies into one folder at the same time', async (t) => {
  const { folder, saving } = await opened(t);
  const other = new SaveBodies(folder, 'file');
  await other.open();
  const bodies = Array.from({ length: 100 }, (_, i) => numbered(i));
  await Promise.all(bodies.flatMap((body) => [save(saving, body), save(other, body)]));
  await Promise.all([saving.sync(), other.sync()]);
  t.deepEqual(await filesIn(folder), bodies.map(placeOf).toSorted());
  for (const body of bodies) sameBytes(t, await readFile(join(folder, placeOf(body))), body);
});

test('a file of that name and size is left as it is', async (t) => {
  const { folder, saving } = await opened(t);
  const path = join(folder, placeOf(Buffer.from('body')));
  await save(saving, Buffer.from('body'));
  await writeFile(path, 'same');
  t.is(await save(saving, Buffer.from('body')), placeOf(Buffer.from('body')));
  t.is(await readFile(path, 'utf8'), 'same');
});

test('a file of another size is replaced', async (t) => {
  const { folder, saving } = await opened(t);
  const path = join(folder, placeOf(Buffer.from('body')));
  await save(saving, Buffer.from('body'));
  await writeFile(path, 'bo');
  await save(saving, Buffer.from('body'));
  t.is(await readFile(path, 'utf8'), 'body');
});

test('a link in the place of a file is replaced, and what it leads to stays as it is', async (t) => {
  const { folder, saving } = await opened(t);
  const elsewhere = await temporaryFolder(t, { target: 'mine' });
  const path = join(folder, placeOf(Buffer.from('body')));
  await mkdir(join(path, '..'), { recursive: true });
  // The link's target has the same size as the body.
  await symlink(join(elsewhere, 'target'), path);
  await save(saving, Buffer.from('body'));
  t.true((await lstat(path)).isFile());
  t.is(await readFile(path, 'utf8'), 'body');
  t.is(await readFile(join(elsewhere, 'target'), 'utf8'), 'mine');
});

const noFolder = test.macro({
  exec: async (t, level: 1 | 2, make: (path: string, elsewhere: string) => Promise<void>) => {
    const { folder, saving } = await opened(t);
    const elsewhere = await temporaryFolder(t);
    const body = Buffer.from('body');
    const path = join(folder, ...placeOf(body).split('/').slice(0, level));
    await mkdir(join(path, '..'), { recursive: true });
    await make(path, elsewhere);
    await t.throwsAsync(save(saving, body), {
      instanceOf: OutputError,
      message: `${path}: is no folder; remove it`,
    });
    t.deepEqual(await readdir(elsewhere), []);
    // The next body for that folder is refused too.
    await t.throwsAsync(save(saving, body), { instanceOf: OutputError });
  },
  title: (name, level: 1 | 2) => `${name} in the place of a folder of level ${level} is refused`,
});

const link = async (path: string, elsewhere: string): Promise<void> => symlink(elsewhere, path);
const file = async (path: string): Promise<void> => writeFile(path, '');
test('a link', noFolder, 1, link);
test('a link', noFolder, 2, link);
test('a file', noFolder, 1, file);
test('a file', noFolder, 2, file);

test('a body that cannot be put in its place leaves nothing behind', async (t) => {
  const { folder, saving } = await opened(t);
  const body = Buffer.from('body');
  await mkdir(join(folder, placeOf(body), 'full'), { recursive: true });
  await t.throwsAsync(save(saving, body), {
    instanceOf: OutputError,
    message:
      /^\S+: cannot be written: (?:illegal operation on a directory|directory not empty|file already exists)$/,
  });
  t.deepEqual(await filesIn(folder), []);
  // A body for another folder is still written.
  t.is(await save(saving, Buffer.from('other')), placeOf(Buffer.from('other')));
});

test('a folder that has gone is an error', async (t) => {
  const { folder, saving } = await opened(t);
  await save(saving, Buffer.from('body'));
  await rm(folder, { recursive: true });
  await t.throwsAsync(save(saving, Buffer.from('body')), {
    instanceOf: OutputError,
    message: /: cannot be written: no such file or directory$/,
  });
});

test('open makes the folder, for its owner alone, and takes one that is there', async (t) => {
  const folder = join(await temporaryFolder(t), 'bodies');
  await new SaveBodies(folder, 'file').open();
  t.is((await stat(folder)).mode & 0o777, 0o700);
  await new SaveBodies(folder, 'file').open();
  await symlink(folder, `${folder}-link`);
  const linked = new SaveBodies(`${folder}-link`, 'file');
  await linked.open();
  await save(linked, Buffer.from('body'));
  await linked.sync();
  t.deepEqual(await filesIn(folder), [placeOf(Buffer.from('body'))]);
});

const cannotOpen = test.macro({
  exec: async (t, path: string, reason: string) => {
    const folder = await temporaryFolder(t, { file: '' });
    const whole = join(folder, path);
    await t.throwsAsync(new SaveBodies(whole, 'file').open(), {
      instanceOf: OutputError,
      message: `${whole}: cannot be written: ${reason}`,
    });
    t.deepEqual(await readdir(folder), ['file']);
  },
  title: (name) => `open refuses ${name}`,
});

test('a file', cannotOpen, 'file', 'not a directory');
test('what is below a file', cannotOpen, 'file/bodies', 'not a directory');
test('what is in no folder', cannotOpen, 'none/bodies', 'no such file or directory');

test('sync waits for what is being written', async (t) => {
  const { folder, saving } = await opened(t);
  const bodies = Array.from({ length: 40 }, (_, i) => numbered(i));
  const saved = Promise.all(bodies.map(async (body) => save(saving, body)));
  await saving.sync();
  t.deepEqual(await filesIn(folder), bodies.map(placeOf).toSorted());
  await saved;
});

test('sync is about new names only', async (t) => {
  const { folder, saving } = await opened(t);
  await save(saving, Buffer.from('body'));
  await saving.sync();
  await rm(folder, { recursive: true });
  await t.notThrowsAsync(saving.sync());
});

test('sync says when it cannot promise anything', async (t) => {
  const { folder, saving } = await opened(t);
  await save(saving, Buffer.from('body'));
  await rm(folder, { recursive: true });
  await t.throwsAsync(saving.sync(), {
    instanceOf: OutputError,
    message: /: cannot be written: no such file or directory$/,
  });
});

test('however many bodies come at once, few files are open', async (t) => {
  const { folder, saving } = await opened(t);
  const bodies = Array.from({ length: 1000 }, (_, i) => numbered(i));
  let done = false;
  const saved = Promise.all(bodies.map(async (body) => save(saving, body))).then((files) => {
    done = true;
    return files;
  });
  const isDone = (): boolean => done;
  let most = 0;
  while (!isDone()) most = Math.max(most, (await descriptorsIn(folder, process.pid)).length);
  t.deepEqual(await saved, bodies.map(placeOf));
  t.true(most <= 16, `${most} files`);
  t.is((await filesIn(folder)).length, 1000);
  t.deepEqual(await descriptorsIn(folder, process.pid), []);
});
