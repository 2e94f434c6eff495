import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killChildren } from './children.ts';

/**
 * Makes a folder that is removed when the process exits, even by an error or Ctrl-C; its child processes are
 * killed then too.
 */
export function scratchFolder(name: string): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `urlmill-${name}-`)));
  process.once('exit', () => {
    killChildren();
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  });
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGHUP', () => process.exit(129));
  return dir;
}
