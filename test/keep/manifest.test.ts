import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { Manifest } from '../../src/keep/manifest.ts';
import type { SavedFile } from '../../src/keep/manifest.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function file(name: string, owner: string, size: number | null = 1): SavedFile {
  return {
    file: name,
    size,
    sha256: `of ${owner}`,
    owner,
    url: 'http://a.test/',
    status: 200,
    type: '',
    at: 1,
  };
}

test('files are found by their owners and names, at once and by a later run', async (t) => {
  const path = join(await temporaryFolder(t), 'manifest');
  const manifest = await Manifest.open(path);
  const long = file('x'.repeat(9000), 'long');
  const added = [file('A.jpg', 'a'), file('b.jpg', 'b'), long].map(async (one) => manifest.add(one));
  t.is((await manifest.ofOwner('a'))?.file, 'A.jpg');
  await Promise.all(added);
  await manifest.add(file('b.jpg', 'b', 2));
  const seen = async (from: Manifest): Promise<void> => {
    t.is((await from.ofOwner('a'))?.file, 'A.jpg');
    t.is((await from.named('a.JPG'))?.owner, 'a');
    t.is((await from.ofOwner('b'))?.size, 2);
    t.deepEqual(await from.ofOwner('long'), long);
    t.is(await from.ofOwner('c'), null);
    t.is(from.place('c.jpg'), null);
  };
  await seen(manifest);
  await manifest.close();
  const later = await Manifest.open(path);
  await seen(later);
  await later.close();
});

test('a name that went to another row is no longer the one of the first', async (t) => {
  const manifest = await Manifest.open(join(await temporaryFolder(t), 'manifest'));
  await manifest.add(file('a', 'first'));
  await manifest.add({ ...file('A', 'second'), sha256: 'of first' });
  t.is(await manifest.ofOwner('first'), null);
  t.is((await manifest.ofOwner('second'))?.file, 'A');
  await manifest.close();
});

test('a line is on disk when add() resolves, and many share a sync', async (t) => {
  const path = join(await temporaryFolder(t), 'manifest');
  const manifest = await Manifest.open(path);
  const all = Array.from({ length: 500 }, (_, i) => file(`${i}`, `${i}`));
  await Promise.all(all.map(async (one) => manifest.add(one)));
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  t.deepEqual(
    lines.slice(1).map((line) => JSON.parse(line) as unknown),
    all,
  );
  await manifest.close();
});

test('what was torn is passed over, and the next line stands by itself', async (t) => {
  const path = join(await temporaryFolder(t), 'manifest');
  await writeFile(
    path,
    `{"urlmill":1}\n${JSON.stringify(file('a', 'a'))}\nnull\n\0\0\n{"file":"b","owner":"b","si`,
  );
  const manifest = await Manifest.open(path);
  await manifest.add(file('c', 'c'));
  await manifest.close();
  const later = await Manifest.open(path);
  t.is((await later.ofOwner('a'))?.file, 'a');
  t.is(await later.ofOwner('b'), null);
  t.is((await later.ofOwner('c'))?.file, 'c');
  await later.close();
});
