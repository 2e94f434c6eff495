import { chmod, mkdir, open, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mock } from 'node:test';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import type { MetricsSource } from '../../src/watch/metrics.ts';
import { MetricsFile } from '../../src/watch/metrics-file.ts';
import { Statistics } from '../../src/watch/statistics.ts';
import { samplesOf } from '../helpers/metrics.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** A source whose number of rows read is the number of times it was asked. */
function counting(): MetricsSource {
  let asked = 0;
  return {
    statistics: new Statistics(false),
    input: () => ({ read: ++asked, total: null, exact: false }),
    load: () => ({ inFlight: 0, hostsDown: 0 }),
  };
}

async function samplesIn(path: string): Promise<Record<string, number>> {
  return samplesOf(await readFile(path, 'utf8'));
}

async function noticesOf(t: ExecutionContext, path: string, during: (file: MetricsFile) => Promise<void>) {
  const notices: string[] = [];
  const file = await MetricsFile.open(path, (text) => notices.push(text));
  mock.timers.enable({ apis: ['setInterval'] });
  t.teardown(() => mock.timers.reset());
  const source = counting();
  file.start(() => source);
  await during(file);
  mock.timers.reset();
  return notices;
}

test.serial('it is written at the start, every 15 s, and at the end', async (t) => {
  const path = join(await temporaryFolder(t), 'links.prom');
  const notices = await noticesOf(t, path, async (file) => {
    mock.timers.tick(14_999);
    mock.timers.tick(1);
    mock.timers.tick(15_000);
    await file.end('done');
    // Nothing is written after the end.
    mock.timers.tick(60_000);
  });
  t.deepEqual(notices, []);
  const samples = await samplesIn(path);
  t.like(samples, {
    'urlmill_rows_read{run="links"}': 4,
    'urlmill_outcome{run="links",outcome="running"}': 0,
    'urlmill_outcome{run="links",outcome="done"}': 1,
  });
});

for (const [outcome, keeps] of [
  ['done', false],
  ['stopped', true],
  ['failed', true],
] as const) {
  test.serial(
    `a run that has ended as ${outcome} ${keeps ? 'keeps' : 'sets'} the time of the last success`,
    async (t) => {
      const path = join(await temporaryFolder(t), 'm.prom');
      const before = Date.now() / 1000;
      await noticesOf(t, path, (file) => file.end('done'));
      const first = (await samplesIn(path))['urlmill_last_success_timestamp_seconds{run="m"}'] ?? 0;
      t.true(first >= before && first <= Date.now() / 1000);
      await writeFile(path, (await readFile(path, 'utf8')).replace(/^(urlmill_last_success.*) .*$/m, '$1 5'));
      await noticesOf(t, path, (file) => file.end(outcome));
      t.is((await samplesIn(path))['urlmill_last_success_timestamp_seconds{run="m"}'] === 5, keeps);
    },
  );
}

test.serial('where it cannot be written any more, that is said once, and it is tried again', async (t) => {
  const folder = join(await temporaryFolder(t), 'folder');
  await mkdir(folder);
  const path = join(folder, 'm.prom');
  const notices = await noticesOf(t, path, async (file) => {
    // Root may write into any folder, so the folder is removed.
    await rm(folder, { recursive: true });
    mock.timers.tick(15_000);
    mock.timers.tick(15_000);
    await file.end('stopped');
    await mkdir(folder);
    await file.end('done');
  });
  t.deepEqual(notices, [
    `--metrics: ${path} cannot be written: no such file or directory; the run goes on without it`,
  ]);
  t.is((await samplesIn(path))['urlmill_outcome{run="m",outcome="done"}'], 1);
});

test.serial(
  'a file is replaced: its permissions stay, a link too, and nothing is left beside it',
  async (t) => {
    const folder = await temporaryFolder(t, { 'real/m.prom': 'old' });
    await chmod(join(folder, 'real/m.prom'), 0o640);
    await symlink('real/m.prom', join(folder, 'link.prom'));
    const reader = await open(join(folder, 'real/m.prom'));
    t.teardown(() => reader.close());
    await noticesOf(t, join(folder, 'link.prom'), (file) => file.end('done'));
    const there = await stat(join(folder, 'real/m.prom'));
    // A reader that opened the old file can read it to its end.
    t.is(await reader.readFile('utf8'), 'old');
    t.is(there.mode & 0o777, 0o640);
    t.deepEqual(await readdir(join(folder, 'real')), ['m.prom']);
    t.deepEqual((await readdir(folder)).toSorted(), ['link.prom', 'real']);
  },
);

const refused = test.macro({
  exec: async (t, name: string, message: string) => {
    const folder = await temporaryFolder(t, { file: 'old' });
    await mkdir(join(folder, 'folder'));
    const path = name.startsWith('/') || name === '-' ? name : join(folder, name);
    const error = await t.throwsAsync(
      MetricsFile.open(path, () => {}),
      { instanceOf: OutputError },
    );
    t.is(error.message, `--metrics: ${path} ${message}`);
    t.deepEqual((await readdir(folder)).toSorted(), ['file', 'folder']);
  },
  title: (what) => `${what} is refused before the run`,
});

test.serial('a folder', refused, 'folder', 'is a directory; name a file');
test.serial(
  'a folder that is not there',
  refused,
  'none/m.prom',
  'cannot be written: no such file or directory',
);
test.serial('a path through a file', refused, 'file/m.prom', 'cannot be written: not a directory');
test.serial('standard output', refused, '-', 'is no file that can be replaced; name one');
test.serial('a descriptor', refused, '/dev/stdout', 'is no file that can be replaced; name one');
test.serial('a device', refused, '/dev/null', 'is no file that can be replaced; name one');
