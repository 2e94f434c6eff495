import { open, readFile, readlink } from 'node:fs/promises';
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
  const saving = new NamedFiles({
    directory: folder,
    template: '{id}',
    clash: 'number',
    column: 'file',
    shownCell: (cell) => cell,
    isHead: false,
  });
  await saving.open();
  const url = 'http://a.test/';
  const input = { ...row({ id: 'x', url }), owner: 'x' };
  const save = async (text: string): Promise<void> => {
    await saving.save(new ResponsePage(input, url, 200, [], 'text/plain', Buffer.from(text), null));
  };
  await save('one');
  await saving.sync();
  const synced = await syncsDuring(folder, async () => save('two'));
  t.is(await readFile(join(folder, 'x'), 'utf8'), 'two');
  // The old line is void; the new content; its name; the line for it.
  t.deepEqual(
    synced.map((name) => (name.startsWith('.tmp-') ? 'content' : name)),
    [manifestName, 'content', '', manifestName],
  );
  await saving.close();
});

/** What is brought to disk meanwhile, in order: names in the folder; empty for the folder itself. */
async function syncsDuring(folder: string, action: () => Promise<void>): Promise<string[]> {
  const probe = await open(join(folder, manifestName));
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
