import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const maxBuffer = 64 * 2 ** 20;

export interface Pages {
  readonly root: string;
  /** Relative to the root, sorted. */
  readonly paths: readonly string[];
}

/** The HTML pages of Debian's package openjdk-17-doc, or the first `limit` of them. */
export async function debianPages(limit?: number): Promise<Pages> {
  const { stdout: files } = await execute('dpkg', ['-L', 'openjdk-17-doc'], { maxBuffer });
  const index = files.split('\n').find((file) => file.endsWith('/api/allclasses-index.html'));
  if (index === undefined) throw new Error('openjdk-17-doc has no api/allclasses-index.html');
  const root = dirname(index);
  // -L follows symbolic links, of which Debian's documentation is full; some are folders.
  const { stdout: found } = await execute(
    'find',
    ['-L', root, '-type', 'f', '-name', '*.html', '-printf', '%P\\n'],
    { maxBuffer },
  );
  return { root, paths: found.trimEnd().split('\n').toSorted().slice(0, limit) };
}
