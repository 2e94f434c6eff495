import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { standIn } from '../scale/stand-in.ts';

/** A job of 30 rows in pieces of 4, of which `done` pieces are done. */
export async function jobFolder(
  t: ExecutionContext,
  done = Infinity,
  options: readonly string[] = [],
): Promise<string> {
  const server = await httpServer(t, ({ url }, response) => {
    if (url.endsWith('7')) response.statusCode = 404;
    response.end('x');
  });
  const urls = Array.from({ length: 30 }, (_, n) => `http://h${n % 5}.example/${n}`);
  const cwd = await temporaryFolder(t, { 'list.csv': ['url', ...urls, ''].join('\n') });
  const { code, stderr } = await urlmill(
    [
      'submit',
      '--job',
      'job',
      '--lanes',
      '3',
      '--piece-rows',
      '4',
      '--connect-to',
      `::127.0.0.1:${server.port}`,
      ...options,
      'list.csv',
    ],
    { cwd },
  );
  t.is(code, 0, stderr);
  await standIn(join(cwd, 'job'), done);
  return cwd;
}

/** Names of the files of parts. */
export async function parts(cwd: string): Promise<string[]> {
  return (await readdir(join(cwd, 'job/out'))).toSorted();
}
