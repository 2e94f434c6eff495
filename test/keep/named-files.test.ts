import { mkdir, open, readFile, readlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { NamedFiles } from '../../src/keep/named-files.ts';
import { manifestName } from '../../src/keep/manifest.ts';
import { ResponsePage } from '../../src/page/page.ts';
import { row } from '../helpers/fetch.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test.serial('a changed body has its name on disk before the manifest vouches for it', async (t) => {
  const folder = await temporaryFolder(t);
  const saving = namedBy('{id}', folder);
  await saving.open();
  await save(saving, 'one');
  await saving.sync();
  const synced = await syncsDuring(folder, async () => save(saving, 'two'));
  t.is(await readFile(join(folder, 'x'), 'utf8'), 'two');
  // The old line is void; the new content; its name; the line for it.
  t.deepEqual(
    synced.map((name) => (name.startsWith('.tmp-') ? 'content' : name)),
    [manifestName, 'content', '', manifestName],
  );
  await saving.close();
});

test.serial('the manifest has its name on disk before a file gets one', async (t) => {
  const folder = await temporaryFolder(t);
  const saving = namedBy('{id}', folder);
  t.deepEqual(await syncsDuring(folder, async () => saving.open()), [manifestName, '']);
  await saving.close();
});

test.serial('files and folders that a killed run has left are brought to disk too', async (t) => {
  const folder = await temporaryFolder(t);
  const killed = namedBy('a/b/{id}', folder);
  await killed.open();
  await save(killed, 'one');
  await killed.close();
  const saving = namedBy('a/b/{id}', folder);
  await saving.open();
  await save(saving, 'one');
  t.deepEqual((await syncsDuring(folder, async () => saving.sync())).toSorted(), ['', 'a', 'a/b']);
  t.deepEqual(await syncsDuring(folder, async () => saving.sync()), []);
  await save(saving, 'one');
  t.deepEqual(await syncsDuring(folder, async () => saving.sync()), []);
  await saving.close();
});

test.serial('so are folders in which the killed run had no file yet', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  const saving = namedBy('a/b/{id}', folder);
  await saving.open();
  await save(saving, 'one');
  t.deepEqual((await syncsDuring(folder, async () => saving.sync())).toSorted(), ['', 'a', 'a/b']);
  await saving.close();
});

const shownCell = (cell: string): string => cell;

function namedBy(template: string, directory: string): NamedFiles {
  return new NamedFiles({ directory, template, clash: 'number', column: 'file', shownCell, isHead: false });
}

async function save(saving: NamedFiles, text: string): Promise<void> {
  const url = 'http://a.test/';
  const input = { ...row({ id: 'x', url }), owner: 'x' };
  await saving.save(new ResponsePage(input, url, 200, [], 'text/plain', Buffer.from(text), null));
}

/** What is brought to disk meanwhile, in order: names in the folder; empty for the folder itself. */
async function syncsDuring(folder: string, action: () => Promise<void>): Promise<string[]> {
  const probe = await open(folder);
  const methods = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const synced: string[] = [];
  const names = ['sync', 'datasync'] as const;
  const originals = names.map((name) => [name, Reflect.get<FileHandle, typeof name>(methods, name)] as const);
  for (const [name, original] of originals) {
    methods[name] = async function watched(this: FileHandle): Promise<void> {
      const path = await readlink(`/proc/self/fd/${this.fd}`);
      await original.call(this);
      synced.push(path.slice(folder.length + 1));
    };
  }
  try {
    await action();
  } finally {
    for (const [name, original] of originals) methods[name] = original;
  }
  return synced;
}
