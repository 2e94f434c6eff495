import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import test from 'ava';

import { logEvents } from '../../src/watch/log.ts';
import type { LogEvent } from '../../src/watch/log.ts';
import { urlmill } from '../helpers/cli.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { list, onlyTo } from './stopped-runs.ts';

interface Entry extends Readonly<Record<string, unknown>> {
  readonly time: string;
  readonly level: string;
  readonly event: LogEvent;
  readonly message: string;
}

/**
 * Parses standard error: only JSON objects may be there, and no control character that a terminal would act
 * on.
 */
function entriesOf(stderr: string): Entry[] {
  // oxlint-disable-next-line no-control-regex -- that is what must not come
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(stderr)) throw new Error(JSON.stringify(stderr));
  if (stderr !== '' && !stderr.endsWith('\n')) throw new Error(`no whole line: ${stderr}`);
  return stderr
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const entry = JSON.parse(line) as Entry;
      const { time, level, event, message } = entry;
      if (
        new Date(time).toISOString() !== time ||
        logEvents[event].level !== level ||
        typeof message !== 'string'
      ) {
        throw new Error(line);
      }
      return entry;
    });
}

/** The event of each entry, for comparison. */
function eventsOf(entries: readonly Entry[]): string[] {
  return entries.map(({ event }) => event);
}

const json = ['--log-format', 'json'];

test('the end of a run is an object with its figures', async (t) => {
  const server = await httpServer(t, ({ url }, response) =>
    response.writeHead(url === '/2' ? 404 : 200).end('ok'),
  );
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 2) });
  const { code, stderr } = await urlmill([...json, 'in.csv'], { cwd });
  const [entry, ...others] = entriesOf(stderr);
  t.regex(entry?.message ?? '', /^2 rows in \d+\.\d s: 1 ok, 1 failed \(404: 1\)$/);
  t.like(entry, {
    level: 'info',
    event: 'closing',
    outcome: 'done',
    stoppedBy: null,
    rows: 2,
    failed: 1,
    errors: 0,
    byStatus: { 200: 1, 404: 1 },
    leftIn: null,
  });
  t.false('options' in (entry ?? {}));
  t.deepEqual(others, []);
  t.is(code, 0);
});

test('warnings are objects, and -q leaves errors alone', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(500).end());
  const cwd = await temporaryFolder(t, { 'in.csv': `${list(server.url, 1)}"2,${server.url}\n` });
  const args = [...json, '--insecure', '--retries', '0', '--fail-on', '10', 'in.csv'];
  const loud = await urlmill(args, { cwd });
  const entries = entriesOf(loud.stderr);
  t.deepEqual(eventsOf(entries), ['insecure', 'notice', 'closing', 'failures']);
  t.like(entries.at(-1), { level: 'error', rows: 2, failed: 2, percent: 100, exitCode: 5 });
  t.is(loud.code, 5);
  const quiet = await urlmill([...args, '-q'], { cwd });
  t.deepEqual(eventsOf(entriesOf(quiet.stderr)), ['failures']);
});

test('how far a run is, an early end, and where the rows are', async (t) => {
  const server = await httpServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  // --progress always must not put a live line between the objects.
  const args = [...json, '--progress', 'always', '--grace', '1ms', '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd });
  await server.requested(3);
  const lines = createInterface(child.stderr);
  let progress: Entry | undefined;
  do {
    child.kill('SIGUSR1');
    // oxlint-disable-next-line no-await-in-loop -- until the row is counted
    const [line] = (await once(lines, 'line')) as [string];
    [progress] = entriesOf(`${line}\n`);
  } while (progress?.['rows'] !== 1);
  t.like(progress, { level: 'info', event: 'progress', total: 3, exact: true, failed: 0, errors: 0 });
  t.is(typeof progress['rate'], 'number');
  t.true('etaSeconds' in progress);
  t.regex(progress.message, /^1\/3 rows, \d+\/s, 0 failed/);
  const rest: string[] = [];
  lines.on('line', (line) => rest.push(line));
  child.kill('SIGTERM');
  const [code] = (await once(child, 'close')) as [number];
  const [closing, ...others] = entriesOf(`${rest.join('\n')}\n`);
  t.like(closing, { event: 'closing', outcome: 'stopped', stoppedBy: 'signal', rows: 1, canResume: true });
  t.regex(String(closing?.['leftIn']), /out\.csv\.part$/);
  t.deepEqual(others, []);
  t.is(code, 143);
});

test('a second signal, which ends the run at once, is told', async (t) => {
  const server = await httpServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const args = [...json, '-q', '--grace', '10m', '--timeout', '10m', '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await server.requested(3);
  child.kill('SIGTERM');
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  t.true(code === 130 || code === 143, String(code));
  const message = 'ended at once by a second signal; go on with --resume';
  const [entry, ...others] = entriesOf(stderr);
  t.like(entry, { event: 'error', level: 'error', message, exitCode: code });
  t.deepEqual(others, []);
});

test('what a module prints is an object a line, with nothing in it that a terminal obeys', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const module = `export default { columns: ['x'], process() {
    console.log('one\\ntwo \\u001b[31mred\\u202e');
    console.error('three\\r');
    process.stdout.write('four, unended');
    return {};
  } };`;
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1), 'm.mjs': module });
  const { stdout, stderr } = await urlmill([...json, '-q', '--module', 'm.mjs', 'in.csv'], { cwd });
  const entries = entriesOf(stderr);
  t.deepEqual(new Set(eventsOf(entries)), new Set(['module-print']));
  t.deepEqual(
    new Set(entries.map(({ message }) => message)),
    new Set(['one', String.raw`two \u001b[31mred\u202e`, 'three', 'four, unended']),
  );
  t.is(stdout.trim().split('\n').length, 2);
});

test('--summary - is an object of the log', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1) });
  const args = ['in.csv', '--summary'];
  const { stderr } = await urlmill([...json, ...args, '-'], { cwd });
  const [summary, ...others] = entriesOf(stderr);
  t.is(summary?.event, 'summary');
  t.deepEqual(eventsOf(others), ['closing']);
  await urlmill([...args, 'summary.json'], { cwd });
  const file = JSON.parse(await readFile(join(cwd, 'summary.json'), 'utf8')) as object;
  t.deepEqual(Object.keys(summary?.['summary'] ?? {}), Object.keys(file));
});

const hostile = 'no\u001b]0;x\u0007\u202ename\u0085';

const refused = test.macro({
  exec: async (
    t,
    args: readonly string[],
    message: string,
    how: { code?: number; environment?: Readonly<Record<string, string>>; input?: string } = {},
  ) => {
    const { code: expected = 2, environment = {}, input } = how;
    const cwd = await temporaryFolder(t, {
      'urls.csv': 'url\nhttp://127.0.0.1:1/\n',
      'json.json': '{"logFormat": "json"}',
      'kebab.json': '{"log-format": "json", "retry": 1}',
      'text.json': '{"logFormat": "text"}',
      'no.json': '{"logFormat": "json"',
    });
    const settings = { cwd, environment, ...(input === undefined ? {} : { input }) };
    const { code, stdout, stderr } = await urlmill(args, settings);
    const [entry, ...others] = entriesOf(stderr);
    t.like(entry, { level: 'error', event: 'error', message, exitCode: expected });
    t.deepEqual(others, []);
    t.is(stdout, '');
    t.is(code, expected);
  },
  title: (what) => `an error is an object: ${what}`,
});

const noOption = '--zzz: there is no such option; urlmill --help lists them';
const wrong = ['--zzz', 'urls.csv'];
const inEnvironment = { environment: { URLMILL_LOG_FORMAT: 'json' } };
test('said on the command line', refused, [...json, ...wrong], noOption);
test(
  'said there with an equals sign, and last',
  refused,
  ['--log-format', 'text', ...wrong, '--log-format=json'],
  noOption,
);
test('said in the environment', refused, wrong, noOption, inEnvironment);
test('said in the config file', refused, ['--config', 'json.json', ...wrong], noOption);
test('said in a config file of the environment', refused, wrong, noOption, {
  environment: { URLMILL_CONFIG: 'json.json' },
});
test(
  'said in the config file that is wrong itself',
  refused,
  ['--config=kebab.json', 'urls.csv'],
  'kebab.json: retry: there is no such option; did you mean retryStatus or retryFailed?',
);
test('a config file on standard input', refused, ['--config', '-', ...wrong], noOption, {
  input: '{"logFormat": "json"}',
});
test(
  'a config file that cannot be read',
  refused,
  [...json, '--config', 'no.json', 'urls.csv'],
  '--config: no.json is not JSON',
);
test(
  'another option of the environment',
  refused,
  ['urls.csv'],
  'URLMILL_TIMEOUT: a duration like 500ms, 30s, 5m or 6h is needed, got "x"',
  { environment: { ...inEnvironment.environment, URLMILL_TIMEOUT: 'x' } },
);
test('the input', refused, [...json, 'missing.csv'], 'missing.csv: there is no such file', { code: 3 });
test('-q', refused, [...json, '-q', 'missing.csv'], 'missing.csv: there is no such file', { code: 3 });
test(
  'characters that a terminal obeys, and credentials',
  refused,
  [...json, `ftp://u:secret@host/${hostile}`],
  String.raw`ftp://host/no\u001b]0;x\u0007\u202ename\u0085: there is no such file`,
  { code: 3 },
);

const asText = test.macro({
  exec: async (
    t,
    args: readonly string[],
    message: string,
    environment: Readonly<Record<string, string>> = {},
  ) => {
    const cwd = await temporaryFolder(t, {
      'json.json': '{"logFormat": "json"}',
      'no.json': '{"logFormat": "json"',
    });
    const { code, stderr } = await urlmill(args, { cwd, environment });
    t.is(stderr, `urlmill: ${message}\n`);
    t.is(code, 2);
  },
  title: (what) => `an error is text: ${what}`,
});

test(
  'the command line wins',
  asText,
  ['--log-format', 'text', '--config', 'json.json', '--zzz'],
  noOption,
  inEnvironment.environment,
);
test('the environment comes before the file', asText, ['--config', 'json.json', '--zzz'], noOption, {
  URLMILL_LOG_FORMAT: 'text',
});
test(
  'what the config file says cannot be read',
  asText,
  ['--config', 'no.json'],
  '--config: no.json is not JSON',
);
test(
  'a format that there is not',
  asText,
  ['--log-format', 'xml', 'x'],
  '--log-format: one of text, json is needed, got "xml"',
);
test('behind -- all is files', asText, ['--zzz', '--', '--log-format', 'json'], noOption);
test(
  'a sub-command has no such option',
  asText,
  ['completion', 'tcsh'],
  'SHELL: one of bash, zsh, fish is needed, got "tcsh"',
  inEnvironment.environment,
);

test('a config file that is a pipe is read once', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, {
    'in.csv': list(server.url, 1),
    'c.json': '{"logFormat": "json", "prefix": "p_"}',
  });
  const line = 'mkfifo pipe; cat c.json > pipe & "$@"';
  const { stdout, stderr } = await shell(line, ['--config', 'pipe', 'in.csv'], { cwd });
  t.deepEqual(eventsOf(entriesOf(stderr)), ['closing']);
  t.true(stdout.startsWith('id,url,p_status'), stdout);
});

test('--help reads no config file', async (t) => {
  const { code, stderr } = await urlmill(['--config', 'missing.json', '--help'], {
    cwd: await temporaryFolder(t),
  });
  t.is(stderr, '');
  t.is(code, 0);
});

/** Runs with preloaded code that does something at SIGUSR2, sent when a request is in flight. */
const others = test.macro({
  exec: async (t, act: string, expected: readonly object[], ends: number | null) => {
    const server = await httpServer(t, () => {});
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1) });
    const preload = `process.on('SIGUSR2', () => { ${act} })`;
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
    const child = runningUrlmill(t, [...json, '--grace', '1ms', 'in.csv'], { cwd, environment });
    const ended = endOf(child);
    await server.requested(1);
    child.kill('SIGUSR2');
    if (ends === null) {
      await once(child.stderr, 'data');
      child.kill('SIGTERM');
    }
    const { code, stderr } = await ended;
    const entries = entriesOf(stderr);
    for (const [index, entry] of expected.entries()) t.like(entries[index], entry, stderr);
    t.is(code, ends ?? 143);
  },
  title: (what) => `what others say is an object too: ${what}`,
});

test(
  'Node warns',
  others,
  `process.emitWarning('odd \\u001b[1m')`,
  [{ event: 'node-warning', message: String.raw`Warning: odd \u001b[1m` }],
  null,
);
test(
  'a library prints',
  others,
  `console.error('odd\\nmore')`,
  [
    { event: 'print', message: 'odd' },
    { event: 'print', message: 'more' },
  ],
  null,
);
test(
  'an error that nobody catches',
  others,
  `throw new TypeError('ours')`,
  [{ level: 'error', event: 'bug', message: 'a bug in urlmill; please report it:', exitCode: 1 }],
  1,
);
