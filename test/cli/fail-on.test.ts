import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list, rowsOf } from './stopped-runs.ts';

/** A run of ten rows of which some fail. */
const failsOn = test.macro({
  exec: async (t, args: readonly string[], failing: readonly string[], code: number) => {
    const server = await httpServer(t, ({ url }, response) => {
      response.writeHead(failing.includes(url) ? 404 : 200).end('x');
    });
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 10), 'out.csv': 'old\n' });
    const ended = await urlmill(['-q', ...args, '-o', 'out.csv', 'in.csv'], { cwd });
    t.is(ended.code, code);
    if (code === 0) t.is(ended.stderr, '');
    else {
      t.regex(
        ended.stderr,
        /^urlmill: \d of 10 rows have failed: \d0\.0 %, more than --fail-on [\d.]+ allows\n$/,
      );
    }
    // The rows are written in any case.
    t.is((await rowsOf(cwd, 'out.csv')).length, 10);
    t.deepEqual(await leftovers(cwd), []);
  },
  title: (_, args: readonly string[], failing: readonly string[], code: number) =>
    `${args.join(' ') || 'no --fail-on'} with ${failing.length} of 10 failed: code ${code}`,
});

test(failsOn, [], ['/1', '/2', '/3'], 0);
test(failsOn, ['--fail-on', '0'], [], 0);
test(failsOn, ['--fail-on', '0'], ['/7'], 5);
test(failsOn, ['--fail-on', '10'], ['/7'], 0);
test(failsOn, ['--fail-on', '10%'], ['/7'], 0);
test(failsOn, ['--fail-on', '10'], ['/7', '/8'], 5);
test(failsOn, ['--fail-on', '9.5%'], ['/7'], 5);

test('--fail-on 100 never fails', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'url\nmailto:a@example.org\n' });
  t.is((await urlmill(['--fail-on', '100', 'in.csv'], { cwd })).code, 0);
});

test('an empty list has no rows that could fail', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'url\n' });
  t.is((await urlmill(['--fail-on', '0', 'in.csv'], { cwd })).code, 0);
});

test('failure codes count too, and a row with a code and a status counts once', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(404).end('x'.repeat(2000)));
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}/\nmailto:a@example.org\n` });
  const { code, stderr } = await urlmill(['-q', '--max-body', '1kB', '--fail-on', '99', 'in.csv'], { cwd });
  t.is(stderr, 'urlmill: 2 of 2 rows have failed: 100 %, more than --fail-on 99 allows\n');
  t.is(code, 5);
});

test('after a resume the share is that of all rows, not of this run', async (t) => {
  let broken = true;
  const server = await httpServer(t, (_, response) => response.writeHead(broken ? 404 : 200).end('x'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 4) });
  const args = ['-q', '--fail-on', '20', '--grace', '1ms', '-c', '1', '-o', 'out.csv', 'in.csv'];
  const first = await urlmill(['--max-failures', '1', '--rate', '1/m', ...args], { cwd });
  t.is(first.code, 6);
  t.deepEqual(await rowsOf(cwd, 'out.csv.part', 'fetch_status'), ['1 404']);
  broken = false;
  const resumed = await urlmill(['--resume', ...args], { cwd });
  t.is(resumed.stderr, 'urlmill: 1 of 4 rows have failed: 25.0 %, more than --fail-on 20 allows\n');
  t.is(resumed.code, 5);
  t.is((await rowsOf(cwd, 'out.csv')).length, 4);
});

const wrong = test.macro({
  exec: async (t, value: string) => {
    const cwd = await temporaryFolder(t, { 'in.csv': 'url\n', 'out.csv': 'old\n' });
    const { code, stderr } = await urlmill([`--fail-on=${value}`, '-o', 'out.csv', 'in.csv'], { cwd });
    t.regex(stderr, /^urlmill: --fail-on: a percentage from 0 to 100 is needed, got [^\n]+\n$/);
    t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
    t.is(code, 2);
  },
  title: (_, value: string) => `--fail-on '${value}' ends with code 2`,
});

test(wrong, '101');
test(wrong, '-1');
test(wrong, 'any');
test(wrong, '');
