import test from 'ava';

import { parseArguments } from '../../src/cli/arguments.ts';

/** Parses a command line, and compares the options and files found in it. */
const means = test.macro({
  exec: (
    t,
    args: readonly string[],
    said: Readonly<Record<string, unknown>>,
    files: readonly string[] = [],
  ) => {
    const parsed = parseArguments(args);
    t.deepEqual(Object.fromEntries(parsed.layer.said), said);
    t.deepEqual(parsed.operands, files);
  },
  title: (what) => what ?? '',
});

test('a value follows its option', means, ['--max-body', '1MB'], { maxBody: '1MB' });
test('a value follows an equals sign', means, ['--max-body=1MB'], { maxBody: '1MB' });
test('a value may hold equals signs', means, ['--data=a=b'], { data: 'a=b' });
test('a value may be empty', means, ['--prefix='], { prefix: '' });
test('a value of its own may be empty', means, ['--prefix', ''], { prefix: '' });
test('a value after an equals sign may look like an option', means, ['--data=--x'], { data: '--x' });
test('a value may begin with one dash', means, ['--columns', '-at'], { columns: '-at' });
test('a letter is followed by its value', means, ['-c', '5'], { concurrency: '5' });
test('a letter is joined to its value', means, ['-c5'], { concurrency: '5' });
test('letters stand together', means, ['-qc5'], { quiet: true, concurrency: '5' });
test('a switch needs no value', means, ['--ordered', 'a.csv'], { ordered: true }, ['a.csv']);
test('--no- turns a switch off', means, ['--ordered', '--no-ordered'], { ordered: false });
test('--no-header is a switch itself', means, ['--no-header'], { noHeader: true });
test('--no-no-header turns it off', means, ['--no-header', '--no-no-header'], { noHeader: false });
test('the last of two values counts', means, ['-c', '5', '--concurrency', '6'], { concurrency: '6' });
test('--header alone is a switch', means, ['--header', '-q', '-H', 'A: 1'], {
  headerLine: true,
  quiet: true,
  header: ['A: 1'],
});
test('--header is one at the end too', means, ['--header'], { headerLine: true });
test('--header with a name and a value is none', means, ['--header', 'A: 1', '--header', '@FILE'], {
  header: ['A: 1', '@FILE'],
});
test('--header-line is its other name', means, ['--header-line'], { headerLine: true });
test('a list keeps all its values in order', means, ['-H', 'A: 1', '--header=B: 2', '-HC: 3'], {
  header: ['A: 1', 'B: 2', 'C: 3'],
});
test('files stand anywhere, in order', means, ['b.csv', '-q', 'a.csv', '-'], { quiet: true }, [
  'b.csv',
  'a.csv',
  '-',
]);
test('after -- all is files', means, ['-q', '--', '--ordered', '-c'], { quiet: true }, ['--ordered', '-c']);

test('--help and --version are found among the options', (t) => {
  const { help, version } = parseArguments(['-h', '-V', '--config', 'job.json']);
  t.deepEqual({ help, version }, { help: true, version: true });
});

test('nothing said is nothing asked for', (t) => {
  const { operands, help, version, layer } = parseArguments([]);
  t.deepEqual({ operands, help, version }, { operands: [], help: false, version: false });
  t.is(layer.said.size, 0);
});

test('messages call an option as it is written on the command line', (t) => {
  t.is(parseArguments([]).layer.label('maxBody'), '--max-body');
});
