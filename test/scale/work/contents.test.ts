import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../../helpers/cli.ts';
import type { Ended } from '../../helpers/cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const module =
  "import { word } from './word.mjs';\nexport default { columns: ['w'], process: () => ({ w: word }) };\n";

const refused = test.macro({
  exec: async (
    t,
    _: string,
    { args, change, message }: { args: string[]; change: (cwd: string) => Promise<unknown>; message: RegExp },
  ) => {
    const cwd = await temporaryFolder(t, {
      'list.csv': 'url\nhttp://127.0.0.1:1/\n',
      'm.mjs': module,
      'word.mjs': "export const word = 'a';\n",
      body: 'a',
    });
    const submitted = await urlmill(['submit', '--job', 'job', ...args, 'list.csv'], { cwd });
    t.is(submitted.code, 0, submitted.stderr);
    // Nothing listens there, so a worker that goes on waits for the queue.
    const work = async (): Promise<Ended> =>
      urlmill(['work', '--job', 'job', '--queue', 'redis://127.0.0.1:1', '--queue-wait', '1ms'], { cwd });
    const same = await work();
    t.is(same.code, 6, same.stderr);
    await change(cwd);
    const { code, stderr } = await work();
    t.regex(stderr, message);
    t.true(stderr.endsWith('or submit the list to another folder\n'), stderr);
    t.is(code, 2);
  },
  title: (_, what: string) => `a worker refuses what is not as it was submitted: ${what}`,
});

test(refused, 'a body', {
  args: ['--data-file', 'body'],
  change: (cwd: string) => writeFile(join(cwd, 'body'), 'b'),
  message:
    /^urlmill: --data-file: \/\S+\/body is not what was submitted: its SHA-256 is 3e23e8160039… on this machine, and was ca978112ca1b…; put/,
});
test(refused, 'what a module imports', {
  args: ['--module', 'm.mjs'],
  change: (cwd: string) => writeFile(join(cwd, 'word.mjs'), "export const word = 'b';\n"),
  message:
    /^urlmill: --module: \/\S+\/m\.mjs is not what was submitted: its SHA-256 is [\da-f]{12}… on this machine, and was [\da-f]{12}…; put/,
});
test(refused, 'a file that is missing', {
  args: ['--module', 'm.mjs'],
  change: (cwd: string) => rm(join(cwd, 'm.mjs')),
  message: /^urlmill: --module: \/\S+\/m\.mjs is no file that can be read on this machine; put/,
});
