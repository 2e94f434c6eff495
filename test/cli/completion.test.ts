import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { completionScript } from '../../src/cli/completion.ts';
import { mainLine, optionsOf } from '../../src/cli/command-line.ts';
import type { CommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import { text, toggle } from '../../src/options/define.ts';
import { flagName } from '../../src/options/table.ts';
import { urlmill } from '../helpers/cli.ts';
import { completedByBash, completionsIn, isThere } from '../helpers/completions.ts';
import type { Shell } from '../helpers/completions.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const shells: readonly Shell[] = ['bash', 'zsh', 'fish'];
const here = shells.filter(isThere);

function script(shell: Shell): string {
  return completionScript(shell, mainLine, commands);
}

test('the scripts run in the shells of this machine, bash at least; the text is tested for all', (t) => {
  t.log(
    `tried in: ${here.join(', ')}; not here: ${shells.filter((shell) => !here.includes(shell)).join(', ') || '–'}`,
  );
  t.true(here.includes('bash'));
});

for (const shell of shells) {
  test(`${shell}: the command prints the script, and nothing else`, async (t) => {
    const { code, stdout, stderr } = await urlmill(['completion', shell], { cwd: await temporaryFolder(t) });
    t.is(stdout, script(shell));
    t.is(stderr, '');
    t.is(code, 0);
  });

  test(`${shell}: the script names every option, switches both ways, and every command`, (t) => {
    const made = script(shell);
    const has = (flag: string): boolean =>
      new RegExp(String.raw`${shell === 'fish' ? '-l ' : '--'}${flag}(?![a-z-])`).test(made);
    for (const [name, { kind, choices }] of Object.entries(optionsOf(mainLine))) {
      t.true(has(flagName(name)), name);
      const isAlone = name.startsWith('no') || ['help', 'version'].includes(name);
      if (kind === 'switch') t.is(has(`no-${flagName(name)}`), !isAlone, name);
      if (choices !== undefined) t.true(made.includes(choices.join(' ')), name);
    }
    for (const [name, { groups }] of Object.entries(commands)) {
      t.true(made.includes(name));
      for (const { options } of groups)
        for (const option of Object.keys(options)) t.true(has(flagName(option)), option);
    }
  });
}

/** Characters that shells interpret. */
const hostile = `It's a "\`$HOME\`" [of $(touch made-by-help)] \\ a:b 100 % !! | ; & <x> *.`;

const hostileLine: CommandLine = {
  ...mainLine,
  help: hostile,
  groups: [
    {
      title: 'A',
      options: { risky: text({ hint: '[N]:x', help: hostile }), riskless: toggle({ help: hostile }) },
    },
  ],
};

for (const shell of here) {
  test(`${shell} takes help for nothing but text`, async (t) => {
    const cwd = await temporaryFolder(t);
    const made = completionScript(shell, hostileLine, { other: hostileLine });
    const offered = await completionsIn(shell, made, 'urlmill --ris', cwd);
    t.deepEqual(offered.map(word).toSorted(), ['--riskless', '--risky']);
    if (shell === 'fish')
      t.true(
        offered.every((one) => one.endsWith(`\t${hostile}`)),
        offered.join('\n'),
      );
    t.true((await completionsIn(shell, made, 'urlmill oth', cwd)).map(word).includes('other'));
    t.false((await readdir(cwd)).includes('made-by-help'));
  });
}

function word(offered: string): string {
  return offered.replace(/\t.*/, '');
}

/** Checks what a shell offers for the last word of the line, which may be empty. */
const offers = test.macro({
  exec: async (t, shell: Shell, line: string, expected: readonly string[], but: readonly string[] = []) => {
    const cwd = await temporaryFolder(t, { 'data 1.csv': '', 'dot.csv': '' });
    await mkdir(join(cwd, 'day'));
    const offered = (await completionsIn(shell, script(shell), line, cwd)).map(word);
    for (const one of expected) t.true(offered.includes(one), `${one} is not in: ${offered.join(', ')}`);
    for (const one of but) t.false(offered.includes(one), `${one} is in: ${offered.join(', ')}`);
  },
  title: (_, shell: Shell, line: string, expected: readonly string[], _but: readonly string[] = []) =>
    `${shell} offers for "${line}": ${expected.join(', ') || 'nothing of ours'}`,
});

for (const shell of here) {
  test(offers, shell, 'urlmill --prog', ['--progress'], ['--prefix']);
  test(offers, shell, 'urlmill --no-ord', ['--no-ordered']);
  test(offers, shell, 'urlmill --ord', ['--ordered'], ['--no-ordered']);
  test(offers, shell, 'urlmill --progress a', ['always', 'auto'], ['never']);
  test(offers, shell, 'urlmill -q --output-format ', ['csv', 'tsv', 'jsonl'], ['--quiet']);
  test(offers, shell, 'urlmill comp', ['completion']);
  test(offers, shell, 'urlmill completion ', ['bash', 'zsh', 'fish'], ['dot.csv']);
  test(offers, shell, 'urlmill completion --h', ['--help'], ['--header', '--host-rate']);
  test(offers, shell, 'urlmill -q completion ', [], ['bash', 'zsh', 'fish']);
  test(offers, shell, 'urlmill --no-', ['--no-header', '--no-aia'], ['--no-no-header', '--no-help']);
}

for (const shell of here.filter((one) => one !== 'bash')) {
  test(offers, shell, 'urlmill dot', ['dot.csv']);
  test(offers, shell, 'urlmill -o dot', ['dot.csv']);
  test(offers, shell, 'urlmill --user-agent ', [], ['dot.csv', '--quiet']);
}

const [folder, equals] = [
  { fish: 'day/', zsh: 'day', bash: '' },
  { fish: '--progress=', zsh: '', bash: '' },
];
for (const shell of here) {
  if (shell !== 'bash') test(offers, shell, 'urlmill --save-bodies d', [folder[shell]], ['dot.csv']);
  test(offers, shell, 'urlmill --progress=a', [`${equals[shell]}always`, `${equals[shell]}auto`]);
}

/** bash itself completes file names, and quotes them where needed. */
const completes = test.macro({
  exec: async (t, line: string, expected: readonly string[]) => {
    const cwd = await temporaryFolder(t, { 'data 1.csv': '', 'dot.csv': '', 'complete list.csv': '' });
    await mkdir(join(cwd, 'day'));
    t.deepEqual(await completedByBash(script('bash'), line, cwd), expected);
  },
  title: (_, line: string) => `bash on a terminal completes "${line}"`,
});

test(completes, 'urlmill do', ['dot.csv']);
test(completes, 'urlmill "dat', ['data 1.csv']);
test(completes, 'urlmill -o dat', ['-o', 'data 1.csv']);
test(completes, 'urlmill -q --output=do', ['-q', '--output=dot.csv']);
test(completes, 'urlmill --save-bodies d', ['--save-bodies', 'day/']);
test(completes, 'urlmill --user-agent do', ['--user-agent', 'do']);
test(completes, 'urlmill --progress n', ['--progress', 'never']);
test(completes, 'urlmill completi', ['completion']);
test(completes, 'urlmill complete', ['complete list.csv']);
