import { appendFile, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { BusyError, UsageError } from '../../src/shared/errors.ts';
import { shapingNames } from '../../src/options/table.ts';
import { run } from '../../src/run.ts';
import type { RunOptions } from '../../src/run.ts';
import type { Summary } from '../../src/watch/summary.ts';
import { csvObjects } from '../helpers/csv.ts';
import { committed } from '../helpers/journals.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { holdingServer, list, odd } from './resuming.ts';
import type { HoldingServer } from './resuming.ts';

interface CutShort {
  readonly cwd: string;
  readonly server: HoldingServer;
  readonly input: string;
  readonly output: string;
}

/**
 * A run of eight rows of which the even ones are committed. It is stopped by a signal object, which leaves
 * the same files as a kill.
 */
async function cutShort(t: ExecutionContext, options: Partial<RunOptions> = {}): Promise<CutShort> {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 8) });
  const [input, output] = [join(cwd, 'in.csv'), join(cwd, 'out.csv')];
  const controller = new AbortController();
  const first = run({ input, output, perHost: 20, grace: 1, signal: controller.signal, ...options });
  await committed(output, 4);
  controller.abort();
  t.like(await first, { outcome: 'stopped', rows: 4 });
  server.release();
  return { cwd, server, input, output };
}

async function goOn(
  { input, output, cwd }: CutShort,
  options: Partial<RunOptions> = {},
): Promise<{ summary: Summary; notices: string[] }> {
  const notices: string[] = [];
  const onNotice = (text: string): void => void notices.push(text.replaceAll(`${cwd}/`, ''));
  const summary = await run({ input, output, resume: true, onNotice, ...options });
  return { summary, notices };
}

test('run() goes on and resolves with the figures of all rows', async (t) => {
  const left = await cutShort(t);
  const { summary, notices } = await goOn(left);
  t.like(summary, {
    outcome: 'done',
    rows: 8,
    earlierRows: 4,
    errors: 0,
    byStatus: { 200: 8 },
    bytes: 8 * '<title>/1</title>'.length,
  });
  t.deepEqual(notices, []);
  const rows = csvObjects(await readFile(left.output, 'utf8'));
  t.deepEqual(
    rows.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  t.is(left.server.counts().get('/2'), 1);
  t.deepEqual((await readdir(left.cwd)).toSorted(), ['in.csv', 'out.csv']);
});

/** A value other than the default for each option that shapes the rows. */
const others: Readonly<Record<string, Partial<RunOptions>>> = {
  urlColumn: { urlColumn: '2' },
  urlTemplate: { urlTemplate: '{+url}' },
  defaultScheme: { defaultScheme: 'http' },
  delimiter: { delimiter: ',' },
  noHeader: { noHeader: true },
  headerLine: { headerLine: true },
  inputFormat: { inputFormat: 'csv' },
  encoding: { encoding: 'latin1' },
  head: { head: true },
  followMeta: { followMeta: true },
  strict: { strict: true },
  secretParam: { secretParam: ['key'] },
  quote: { quote: 'none' },
  escape: { escape: '!' },
  comment: { comment: '%' },
  skipLines: { skipLines: 1 },
  limit: { limit: 9 },
  maxText: { maxText: '1MB' },
  maxRedirects: { maxRedirects: 3 },
  maxBody: { maxBody: '1MB' },
  method: { method: 'GET' },
  data: { data: 'x' },
  dataFile: { dataFile: '/dev/null' },
  extract: { extract: 'title' },
  saveBodies: { saveBodies: join(tmpdir(), `urlmill-bodies-${process.pid}`) },
  select: { select: ['h=h1'] },
  xpath: { xpath: ['h=//h1'] },
  json: { json: ['a=b'] },
  regex: { regex: ['a=b'] },
  responseHeader: { responseHeader: ['a=b'] },
  body: { body: 'a' },
  next: { next: 'header:link' },
  maxPages: { maxPages: 5 },
  module: {},
  outputFormat: { outputFormat: 'csv' },
  outputDelimiter: { outputDelimiter: ';' },
  outputBom: { outputBom: true },
  crlf: { crlf: true },
  excelSafe: { excelSafe: true },
  excel: { excel: true },
  columns: { columns: 'status' },
  prefix: { prefix: 'got_' },
  ordered: { ordered: true },
};

test('each option that shapes the rows is tried here', (t) => {
  t.deepEqual(
    [
      ...Object.keys(others),
      'retryFailed',
      'moduleOption',
      'saveFormat',
      'warcRedirects',
      'saveAs',
      'saveClash',
      'saveWhen',
      'explode',
      'since',
      'changeBy',
    ].toSorted(),
    [...shapingNames].toSorted(),
  );
});

test.after.always(() => rm(others['saveBodies']?.saveBodies ?? '', { recursive: true, force: true }));

test('another --retry-failed is another job', async (t) => {
  const { input, output } = await cutShort(t);
  const notices: string[] = [];
  const onNotice = (text: string): void => void notices.push(text);
  // The list is not a result, but that is only found when it is read, after the notice.
  await t.throwsAsync(run({ retryFailed: input, output, resume: true, onNotice }), {
    instanceOf: UsageError,
  });
  t.regex(notices.join('\n'), /it was made with another --retry-failed/);
});

const editedFile = test.macro({
  exec: async (t, name: string, options: Readonly<Record<string, string>>, flag: string) => {
    const folder = await temporaryFolder(t, {
      'data.json': '{"a":1}',
      'm.mjs': "import { a } from './lib.mjs';\nexport default { columns: ['a'], process: () => ({ a }) };\n",
      'lib.mjs': "export { a } from './more.mjs';\n",
      'more.mjs': "export const a = 'x';\n",
    });
    const paths = Object.entries(options).map(([key, file]) => [key, join(folder, file)]);
    const said: Partial<RunOptions> = { ...Object.fromEntries(paths), method: 'PUT' };
    const left = await cutShort(t, said);
    await appendFile(join(folder, name), ' ');
    const { summary, notices } = await goOn(left, said);
    t.like(summary, { rows: 8, earlierRows: 0 });
    t.regex(notices.join('\n'), new RegExp(`the file of --${flag} has changed since`));
  },
  title: (what) => `a run with ${what} edited since is another job`,
});

test('a file of --data-file', editedFile, 'data.json', { dataFile: 'data.json' }, 'data-file');
test('a --module', editedFile, 'm.mjs', { module: 'm.mjs' }, 'module');
test('a file that a --module imports', editedFile, 'lib.mjs', { module: 'm.mjs' }, 'module');
test('a file that such a file imports', editedFile, 'more.mjs', { module: 'm.mjs' }, 'module');

test('with the same files it is the same job', async (t) => {
  const folder = await temporaryFolder(t, { 'data.json': '{"a":1}' });
  const said = { dataFile: join(folder, 'data.json'), method: 'PUT' };
  const { summary, notices } = await goOn(await cutShort(t, said), said);
  t.like(summary, { rows: 8, earlierRows: 4 });
  t.deepEqual(notices, []);
});

test('another --module-option is another job', async (t) => {
  const cwd = await temporaryFolder(t, {
    'm.mjs': 'export default ({ a }) => ({ columns: ["a"], process: () => ({ a }) });\n',
  });
  const module = join(cwd, 'm.mjs');
  const left = await cutShort(t, { module, moduleOption: 'a=1' });
  const { notices } = await goOn(left, { module, moduleOption: 'a=2' });
  t.regex(notices.join('\n'), /\(it was made with another --module-option\)/);
  const values = csvObjects(await readFile(left.output, 'utf8')).map(({ a }) => a);
  t.deepEqual(
    values,
    Array.from({ length: 8 }, () => '2'),
  );
});

test('another --save-as, --save-clash or --save-when is another job; --skip-saved is not', async (t) => {
  const saveBodies = join(await temporaryFolder(t, {}), 'kept');
  const said = { saveBodies, saveAs: '{id}' } as const;
  for (const [flag, other] of [
    ['save-as', { saveAs: 'a-{id}' }],
    ['save-clash', { saveClash: 'skip' }],
    ['save-when', { saveWhen: 'status=200' }],
  ] as const) {
    const left = await cutShort(t, said);
    const { notices } = await goOn(left, { ...said, ...other });
    t.regex(notices.join('\n'), new RegExp(`\\(it was made with another --${flag}\\)`));
  }
  const left = await cutShort(t, said);
  const { notices } = await goOn(left, { ...said, skipSaved: true });
  t.notRegex(notices.join('\n'), /another/);
});

test('another --save-format is another job', async (t) => {
  const saveBodies = join(await temporaryFolder(t, {}), 'kept');
  const left = await cutShort(t, { saveBodies, saveFormat: 'warc' });
  const { notices } = await goOn(left, { saveBodies });
  t.regex(notices.join('\n'), /\(it was made with another --save-format\)/);
});

test('without --warc-redirects it is another job', async (t) => {
  const saveBodies = await temporaryFolder(t);
  const left = await cutShort(t, { saveBodies, saveFormat: 'warc' });
  const { notices } = await goOn(left, { saveBodies, saveFormat: 'warc', warcRedirects: false });
  t.regex(notices.join('\n'), /\(it was made with another --warc-redirects\)/);
});

test('another --explode is another job', async (t) => {
  const left = await cutShort(t, { json: ['a=x', 'b=y'], explode: 'a' });
  const { notices } = await goOn(left, { json: ['a=x', 'b=y'], explode: 'b' });
  t.regex(notices.join('\n'), /\(it was made with another --explode\)/);
});

const anotherJob = test.macro({
  exec: async (t, options: Partial<RunOptions>, flag: string) => {
    const left = await cutShort(t);
    const module = join(left.cwd, 'module.mjs');
    await writeFile(module, 'export default { columns: ["a"], process: () => ({ a: 1 }) };\n');
    const { summary, notices } = await goOn(left, flag === 'module' ? { module } : options);
    t.like(summary, { outcome: 'done', earlierRows: 0, rows: flag === 'no-header' ? 9 : 8 });
    // Without its header line the list begins with a URL, which causes a second notice.
    t.is(notices.length, flag === 'skip-lines' ? 2 : 1);
    t.regex(
      notices[0] ?? '',
      new RegExp(
        `^out\\.csv\\.part was left by another run \\(it was made with another --${flag}\\); it is kept as out\\.[^ ]+\\.csv\\.part$`,
      ),
    );
    // The files that were set aside can be resumed under their new name.
    const aside = (await readdir(left.cwd)).find((name) => name.endsWith('Z.csv.part')) ?? '';
    const output = join(left.cwd, aside.replace(/\.part$/, ''));
    t.like((await goOn({ ...left, output })).summary, { outcome: 'done', earlierRows: 4, rows: 8 });
  },
  title: (_, __, flag: string) => `another --${flag} is another job`,
});

for (const [name, options] of Object.entries(others)) {
  test(
    anotherJob,
    options,
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
}

const anotherInput = test.macro({
  exec: async (t, change: (path: string) => Promise<void>) => {
    const left = await cutShort(t);
    await change(left.input);
    const { summary, notices } = await goOn(left);
    t.is(summary.earlierRows, 0);
    t.regex(notices[0] ?? '', /\(in\.csv has changed since\); it is kept as/);
    t.is(left.server.counts().get('/2'), 2);
  },
  title: (what) => `an input with another ${what} is another job`,
});

test('size', anotherInput, (path) => appendFile(path, '9,mailto:a\n'));
test('time', anotherInput, (path) => utimes(path, 1, 1));

test('another input is another job', async (t) => {
  const left = await cutShort(t);
  const input = join(left.cwd, 'more.csv');
  await writeFile(input, await readFile(left.input));
  const { summary, notices } = await goOn(left, { input });
  t.is(summary.earlierRows, 0);
  t.regex(notices[0] ?? '', /\(its input was in\.csv\)/);
});

test('another list of files is another job', async (t) => {
  const left = await cutShort(t);
  const { summary, notices } = await goOn(left, { input: [left.input, left.input] });
  t.is(summary.rows, 16);
  t.regex(notices[0] ?? '', /\(its input was another list of files\)/);
});

test('without resume what was left is set aside', async (t) => {
  const left = await cutShort(t);
  const { summary, notices } = await goOn(left, { resume: false });
  t.like(summary, { rows: 8, earlierRows: 0 });
  t.regex(notices[0] ?? '', /\(--resume would have gone on with it\); it is kept as out\.[^ ]+\.csv\.part$/);
});

test('two runs into the same file at once: the second one rejects, the first one is undisturbed', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 4) });
  const options = { input: join(cwd, 'in.csv'), output: join(cwd, 'out.csv') };
  const controller = new AbortController();
  const first = run({ ...options, grace: 1, signal: controller.signal });
  await committed(options.output, 2);
  for (const resume of [true, false]) {
    await t.throwsAsync(run({ ...options, resume }), {
      instanceOf: BusyError,
      message: new RegExp(`process ${process.pid}\\)`),
    });
  }
  t.is(server.requests.length, 4);
  controller.abort();
  t.like(await first, { rows: 2 });
  server.release();
  t.like(await run({ ...options, resume: true }), { rows: 4, earlierRows: 2 });
});
