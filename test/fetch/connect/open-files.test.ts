import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { openFilesLimit, socketBudget } from '../../../src/fetch/connect/open-files.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const run = promisify(execFile);
const module = new URL('../../../src/fetch/connect/open-files.js', import.meta.url).href;

/** The output of a process under a limit that a shell has set. */
async function under(limit: string, file = ''): Promise<string> {
  const script = `const { openFilesLimit } = await import(${JSON.stringify(module)});
    process.stdout.write(String(openFilesLimit(${file})));`;
  const line = `${limit} && exec "$0" --input-type=module --eval "$1"`;
  const { stdout } = await run('bash', ['-c', line, process.execPath, script]);
  return stdout;
}

test('a limit of the shell is the limit', async (t) => {
  t.is(await under('ulimit -n 120'), '120');
});

test('where the system has no such file, the report of Node says the same', async (t) => {
  t.is(await under('ulimit -n 120', '"/no/such/file"'), '120');
});

test('Node raises a soft limit to the hard one', async (t) => {
  t.is(await under('ulimit -n 200 && ulimit -Sn 120'), '200');
});

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     
Max processes             60000                60000                processes 
Max open files            ${soft.padEnd(21)}4096                 files     
Max locked memory         8388608              8388608              bytes     
`;

test('the soft limit counts', async (t) => {
  const folder = await temporaryFolder(t, { limits: limits('1024') });
  t.is(openFilesLimit(join(folder, 'limits')), 1024);
});

test('unlimited is no limit', async (t) => {
  const folder = await temporaryFolder(t, { limits: limits('unlimited') });
  t.is(openFilesLimit(join(folder, 'limits')), null);
});

const leaves = test.macro({
  exec: (t, limit: number | null, sockets: number) => t.is(socketBudget(limit), sockets),
  title: (_, limit: number | null, sockets: number) => `a limit of ${limit} leaves ${sockets} sockets`,
});

test(leaves, null, Infinity);
test(leaves, 0, 1);
test(leaves, 63, 1);
test(leaves, 64, 16);
test(leaves, 84, 21);
test(leaves, 90, 26);
test(leaves, 120, 56);
test(leaves, 640, 576);
test(leaves, 1024, 921);
test(leaves, 1_048_576, 943_718);
