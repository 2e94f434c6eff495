import test from 'ava';

import { exitCodeOf, exitCodes } from '../../src/cli/exit-codes.ts';
import { BusyError, InputError, OutputError, PipeClosedError, UsageError } from '../../src/shared/errors.ts';
import { flagName, groups, optionNames, table } from '../../src/options/table.ts';
import { startUrlmill, urlmill } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('--help shows every option with its letter, placeholder, text and default', async (t) => {
  const { stdout } = await urlmill(['--help'], { cwd: await temporaryFolder(t) });
  const words = stdout.replaceAll(/\s+/g, ' ');
  for (const name of optionNames) {
    const { kind, short, hint, help, fallback } = table[name];
    const isOn = kind === 'switch' && fallback === 'true';
    const flag = `--${isOn ? 'no-' : ''}${flagName(name)}${hint === '' ? '' : ` ${hint}`}`;
    const usage = `${short === null ? ' ' : `-${short}, `}${flag}`;
    t.true(words.includes(`${usage} ${help}${isOn || fallback === '' ? '' : ` [${fallback}]`}`), usage);
  }
  t.regex(words, / --config FILE \S/);
  t.regex(words, / -h, --help \S/);
  t.regex(words, / -V, --version \S/);
});

test('--help shows the options under their groups, in order', async (t) => {
  const { stdout } = await urlmill(['-h'], { cwd: await temporaryFolder(t) });
  const titles = stdout.match(/^[A-Z][a-z ]+(?=:$)/gm);
  t.deepEqual(titles, [...groups.map(({ title }) => title), 'Other', 'Commands', 'Exit codes']);
});

test('--help shows every exit code', async (t) => {
  const { stdout } = await urlmill(['--help'], { cwd: await temporaryFolder(t) });
  const [, codes = ''] = stdout.split('Exit codes:\n');
  const rows = codes
    .trimEnd()
    .split('\n')
    .map((line) => /^ {2}(\d+) +(.+)$/.exec(line)?.slice(1));
  t.deepEqual(
    rows,
    Object.values(exitCodes).map(({ code, help }) => [String(code), help]),
  );
});

test('--help fits a terminal of 80 columns and ends well', async (t) => {
  const { code, stdout, stderr } = await urlmill(['--help'], { cwd: await temporaryFolder(t) });
  t.deepEqual(
    stdout.split('\n').filter((line) => line.length > 80 || line !== line.trimEnd()),
    [],
  );
  t.is(stderr, '');
  t.is(code, 0);
});

test('--help needs no input, however little else is right', async (t) => {
  const { code, stdout } = await urlmill(['missing.csv', '-c', 'x', '--help'], {
    cwd: await temporaryFolder(t),
  });
  t.regex(stdout, /^Usage: urlmill \[options\] \[FILE\.\.\.\]\n/);
  t.is(code, 0);
});

const untraced = test.macro({
  exec: async (t, option: string) => {
    const child = startUrlmill([option], { cwd: await temporaryFolder(t) });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    t.is(stderr, '');
    t.is(code, 0);
  },
  title: (_, option: string) => `${option} into a pipe that nobody reads leaves no trace`,
});

test(untraced, '--help');
test(untraced, '--version');

const versionSaid = test.macro({
  exec: async (t, args: readonly string[]) => {
    const { code, stdout, stderr } = await urlmill(args, { cwd: await temporaryFolder(t) });
    t.regex(stdout, /^\d+\.\d+\.\d+\S*\n$/);
    t.is(stderr, '');
    t.is(code, 0);
  },
  title: (_, args: readonly string[]) => `${args.join(' ')} prints the version alone`,
});

test(versionSaid, ['--version']);
test(versionSaid, ['-V']);
test(versionSaid, ['-q', '--version', 'missing.csv']);

test('the exit codes are those that scripts rely on', (t) => {
  const codes = Object.fromEntries(Object.entries(exitCodes).map(([name, { code }]) => [name, code]));
  t.deepEqual(codes, {
    done: 0,
    bug: 1,
    usage: 2,
    input: 3,
    output: 4,
    failures: 5,
    limited: 6,
    busy: 7,
    hungUp: 129,
    interrupted: 130,
    pipeClosed: 141,
    terminated: 143,
  });
});

const codeOf = test.macro({
  exec: (t, error: unknown, code: number) => t.is(exitCodeOf(error), code),
  title: (what) => `${what} has its exit code`,
});

test('wrong usage', codeOf, new UsageError('a'), 2);
test('an input that cannot be read', codeOf, new InputError('a'), 3);
test('an output that cannot be written', codeOf, new OutputError('a'), 4);
test('a pipe whose reader has gone', codeOf, new PipeClosedError('a'), 141);
test('an output that another run holds', codeOf, new BusyError('a'), 7);
test('any other error', codeOf, new TypeError('a'), 1);
test('what is thrown and is no error', codeOf, 'a', 1);
