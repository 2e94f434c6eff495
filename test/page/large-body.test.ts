import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { removeLarge } from '../../src/page/large-body.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('the file of a body that is not wanted is removed; one that cannot be removed ends nothing', async (t) => {
  const folder = await temporaryFolder(t, { body: 'one', other: 'two' });
  const body = { size: 3, sha256: '' };
  removeLarge({ ...body, path: join(folder, 'body') });
  t.deepEqual(await readdir(folder), ['other']);
  // Gone already, and below what is no folder.
  removeLarge({ ...body, path: join(folder, 'body') });
  removeLarge({ ...body, path: join(folder, 'other', 'body') });
  removeLarge({ ...body, path: null });
  t.deepEqual(await readdir(folder), ['other']);
});
