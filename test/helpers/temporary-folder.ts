import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ExecutionContext } from 'ava';

/** A new folder with these files in it, removed when the test ends. */
export async function temporaryFolder(
  t: ExecutionContext,
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'urlmill-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    if (name.includes('/')) await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return folder;
}
