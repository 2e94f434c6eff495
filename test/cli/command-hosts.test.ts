import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { closedPort } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

// Most tests run the command in a process that has run it before. The outcome must be the same as in a new
// process.
const same = test.macro(async (t, code: number, args: readonly string[]) => {
  const url = `http://127.0.0.1:${await closedPort()}/`;
  const list = `url\n${url}a\n${url}b\n`;
  const cwd = await temporaryFolder(t, {
    'in.csv': list,
    'c.json': '{"columns":"error"}',
  });
  const all = ['--retries', '0', '--config', 'c.json', ...args];
  const input = args.length === 0 ? list : null;
  const settings = { cwd, input, environment: { URLMILL_PREFIX: 'own_' } };
  const alone = await urlmill(all, { ...settings, alone: true });
  t.is(alone.code, code, alone.stderr);
  t.deepEqual(timeless(await urlmill(all, settings)), timeless(alone));
  t.deepEqual(timeless(await urlmill(all, settings)), timeless(alone), 'once more');
});

function timeless({ stderr, ...rest }: Ended): Ended {
  return { ...rest, stderr: stderr.replace(/ in [\d.]+ s/, '') };
}

test('all rows are written', same, 0, ['in.csv']);
test('rows of standard input', same, 0, []);
test('rows in a file', same, 0, ['-o', 'out.csv', 'in.csv']);
test('help', same, 0, ['--help']);
test('an option that there is not', same, 2, ['--bad', 'in.csv']);
test('a list that is not there', same, 3, ['none.csv']);
test('an output that cannot be', same, 4, ['-o', 'none/out.csv', 'in.csv']);
test('too many failures', same, 5, ['--fail-on', '0', 'in.csv']);
test('an early end', same, 6, ['--max-failures', '1', '--host-rate', '1/m', 'in.csv']);
