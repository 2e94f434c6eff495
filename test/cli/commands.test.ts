import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { commands } from '../../src/cli/commands.ts';
import { usualExitCodes } from '../../src/cli/exit-codes.ts';
import { shownFlag } from '../../src/options/table.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

for (const [name, { operands, help, groups, exitCodes }] of Object.entries(commands)) {
  test(`urlmill ${name} --help shows its usage, options and exit codes`, async (t) => {
    const { code, stdout, stderr } = await urlmill([name, '--help'], { cwd: await temporaryFolder(t) });
    t.true(stdout.startsWith(`${`Usage: urlmill ${name} [options] ${operands}`.trimEnd()}\n\n`), stdout);
    const words = stdout.replaceAll(/\s+/g, ' ');
    t.true(words.includes(` ${help} `));
    for (const [option, row] of groups.flatMap(({ options }) => Object.entries(options))) {
      t.true(words.includes(` ${shownFlag(option, row)} ${row.help}`), option);
    }
    for (const [number, meaning] of Object.entries(exitCodes))
      t.true(words.includes(` ${number} ${meaning}`));
    t.like(exitCodes, { 1: usualExitCodes[1], 2: usualExitCodes[2] });
    t.deepEqual(
      stdout.split('\n').filter((line) => line.length > 110 || line !== line.trimEnd()),
      [],
    );
    t.is(stderr, '');
    t.is(code, 0);
  });

  test(`urlmill --help lists ${name}`, async (t) => {
    const { stdout } = await urlmill(['--help'], { cwd: await temporaryFolder(t) });
    const words = [name, operands, help].filter(Boolean).join(' ');
    t.true(stdout.replaceAll(/\s+/g, ' ').includes(` ${words} `));
  });

  test(`urlmill ${name} knows its own options only`, async (t) => {
    const { code, stdout, stderr } = await urlmill([name, '--zzz'], { cwd: await temporaryFolder(t) });
    t.is(stderr, `urlmill: --zzz: there is no such option; urlmill ${name} --help lists them\n`);
    t.is(stdout, '');
    t.is(code, 2);
  });
}

const refused = test.macro({
  exec: async (t, args: readonly string[], message: string) => {
    const { code, stdout, stderr } = await urlmill(args, { cwd: await temporaryFolder(t) });
    t.is(stderr, `urlmill: ${message}\n`);
    t.is(stdout, '');
    t.is(code, 2);
  },
  title: (_, args: readonly string[]) => `urlmill ${args.join(' ')} is refused`,
});

const usage = 'Usage: urlmill completion [options] SHELL (urlmill completion --help tells more)';
test(refused, ['completion'], usage);
test(refused, ['completion', 'bash', 'zsh'], usage);
test(refused, ['completion', 'tcsh'], 'SHELL: one of bash, zsh, fish is needed, got "tcsh"');
test(refused, ['completion', '--hepl'], '--hepl: there is no such option; did you mean --help?');
test(
  refused,
  ['completion', '--resume', 'bash'],
  '--resume: there is no such option; urlmill completion --help lists them',
);

test('a name is a command only as the first word, and ./NAME is a file', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'completion'), `${url}/\n`);
  for (const args of [['./completion'], ['-q', 'completion'], ['--', 'completion']]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as each takes a core
    const { code, stdout, stderr } = await urlmill(args, { cwd });
    t.is(code, 0, stderr);
    t.is(csvObjects(stdout)[0]?.['fetch_status'], '200', args.join(' '));
  }
});

test('the environment is not for commands: not even what would be wrong in it', async (t) => {
  const environment = { URLMILL_TIMEOUT: 'never', URLMILL_CONFIG: 'missing.json' };
  const { code, stderr } = await urlmill(['completion', 'fish'], {
    cwd: await temporaryFolder(t),
    environment,
  });
  t.is(stderr, '');
  t.is(code, 0);
});

test('what every object has is no command', async (t) => {
  const { code, stderr } = await urlmill(['constructor'], { cwd: await temporaryFolder(t) });
  t.is(stderr, 'urlmill: constructor: there is no such file\n');
  t.is(code, 3);
});

test('a mistyped command is told from a file', async (t) => {
  const cwd = await temporaryFolder(t, { a: 'url\n', difff: 'nope://a\n' });
  const { code, stderr } = await urlmill(['reprot', 'a'], { cwd });
  t.is(code, 3);
  t.is(stderr, 'urlmill: reprot: there is no such file; did you mean urlmill report?\n');
  t.is((await urlmill(['-q', 'difff'], { cwd })).code, 0);
});
