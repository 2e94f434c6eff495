import { once } from 'node:events';

import test from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const list = 'id,url\n1,mailto:a@example.org\n';

test('without a FILE standard input is read', async (t) => {
  const { code, stdout } = await urlmill([], { cwd: await temporaryFolder(t), input: list });
  t.is(csvObjects(stdout)[0]?.['id'], '1');
  t.is(code, 0);
});

test('- is standard input, also between files', async (t) => {
  const cwd = await temporaryFolder(t, { 'a.csv': list, 'c.csv': list.replace('1,', '3,') });
  const { stdout } = await urlmill(['a.csv', '-', 'c.csv'], { cwd, input: list.replace('1,', '2,') });
  t.deepEqual(
    csvObjects(stdout).map(({ id }) => id),
    ['1', '2', '3'],
  );
});

test('a FILE given, the command ends though standard input is open and silent', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const child = runningUrlmill(t, ['in.csv'], { cwd, inputStaysOpen: true });
  const { code, stdout } = await endOf(child);
  t.is(csvObjects(stdout).length, 1);
  t.is(code, 0);
});

test('a FILE given, what stands on standard input is left to others', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const { stdout } = await shell('"$@" > out.csv; cat', ['-q', 'in.csv'], { cwd, input: 'for others\n' });
  t.is(stdout, 'for others\n');
});

test('a FILE given, standard input may be closed', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const { code, stdout, stderr } = await shell('exec "$@" <&-', ['-q', 'in.csv'], { cwd });
  t.is(csvObjects(stdout).length, 1);
  t.is(stderr, '');
  t.is(code, 0);
});

test('a terminal on standard input and no FILE: code 2 and where help is', async (t) => {
  const cwd = await temporaryFolder(t);
  // `script` gives its command a terminal for all three streams.
  const line = `script -qec "'$1' '$2'" /dev/null`;
  const { code, stdout } = await shell(line, [], { cwd });
  t.regex(stdout, /^urlmill: [^\n]*standard input is a terminal[^\n]*--help[^\n]*\n$/);
  t.is(code, 2);
});

test('a row is fetched and written while standard input is still open', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const child = runningUrlmill(t, ['-q'], { cwd: await temporaryFolder(t), inputStaysOpen: true });
  child.stdin.write(`id,url\n1,${server.url}/a\n`);
  child.stdout.setEncoding('utf8');
  let stdout = '';
  child.stdout.on('data', (chunk: string) => (stdout += chunk));
  while (!/^1,.*,200,/m.test(stdout)) await once(child.stdout, 'data');
  child.stdin.end(`2,${server.url}/b\n`);
  const [code] = (await once(child, 'close')) as [number];
  t.deepEqual(
    csvObjects(stdout).map(({ id }) => id),
    ['1', '2'],
  );
  t.is(code, 0);
});

const fromOption = test.macro({
  exec: async (t, args: readonly string[], input: string, seen: string) => {
    const server = await httpServer(t, ({ headers, body }, response) => {
      response.end(
        `${String(headers['x-one'] ?? '')}${headers.authorization ?? ''}${headers.cookie ?? ''}${body}`,
      );
    });
    const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}\n` });
    const asked = ['-q', '--columns', 'status', '--body', 'seen', ...args, 'in.csv'];
    const { code, stdout, stderr } = await urlmill(asked, { cwd, input });
    t.is(stderr, '');
    t.is(csvObjects(stdout)[0]?.['seen'], seen);
    t.is(code, 0);
  },
  title: (_, args: readonly string[]) => `${args.join(' ')} reads standard input`,
});

test(fromOption, ['--data-file', '-'], 'sent', 'sent');
test(fromOption, ['-H', '@-'], 'X-One: sent\n', 'sent');
test(fromOption, ['--netrc', '-'], 'machine 127.0.0.1 login a password b\n', 'Basic YTpi');
test(fromOption, ['--cookies', '-'], '127.0.0.1\tFALSE\t/\tFALSE\t0\tsent\t1\n', 'sent=1');
test(fromOption, ['--config', '-'], '{"data": "sent"}', 'sent');

test('a certificate and its key may both be on standard input', async (t) => {
  const { good } = await certificates();
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const args = ['-q', '--cert', '-', '--key', '-', 'in.csv'];
  t.like(await urlmill(args, { cwd, input: good.key + good.cert }), { code: 0, stderr: '' });
});

const twoReaders = test.macro({
  exec: async (t, args: readonly string[], flag: string) => {
    const cwd = await temporaryFolder(t, { 'in.csv': list });
    const { code, stderr } = await urlmill(args, { cwd, input: '{}' });
    const message = 'and the list are both read from standard input; name a file for one of them';
    t.is(stderr, `urlmill: ${flag} ${message}\n`);
    t.is(code, 2);
  },
  title: (_, args: readonly string[]) => `standard input cannot be two things: ${args.join(' ')}`,
});

test(twoReaders, ['--cookies', '-'], '--cookies');
test(twoReaders, ['--data-file', '-', 'in.csv', '-'], '--data-file');
test(twoReaders, ['-H', '@-', '--retry-failed', '-'], '--header');
test(twoReaders, ['--config', '-'], '--config');
