import { appendFile, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../../helpers/cli.ts';
import { Fleet } from '../../helpers/fleet.ts';
import { endOf } from '../../helpers/running.ts';

/** Six rows for each host. */
const list = { rows: 180, hosts: 30, args: ['--lanes', '10', '--piece-rows', '18'] };
/** Long enough for a process to renew its locks in time on a busy machine. */
const short = { lockTime: 3000 };
/** Locks never expire within the test, so a worker that waits for that would never end. */
const endless = { lockTime: 24 * 3_600_000 };

/** Lets the worker have two results from each host, after which it requests two more rows of each. */
async function sixty(fleet: Fleet): Promise<void> {
  await fleet.server.requested(60);
  fleet.sendHeld();
  await fleet.server.requested(120);
}

/** A job whose worker was stopped when it had 60 results, two from each host. */
async function stopped(fleet: Fleet): Promise<void> {
  fleet.hold();
  const first = fleet.worker('--grace', '1ms');
  await sixty(fleet);
  first.kill('SIGTERM');
  const { code, stderr } = await endOf(first);
  if (code !== 6) throw new Error(stderr);
  fleet.release();
}

test('what a worker has when it is asked to stop is not fetched again', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  await stopped(fleet);
  const [next] = await fleet.done(fleet.work());
  t.is(fleet.server.requests.length, 240);
  t.regex(next?.stderr ?? '', /120 rows fetched/);
  const status = await urlmill(['status', '--job', 'job', '--json'], { cwd: fleet.folder });
  t.like(JSON.parse(status.stdout), { rowsDone: 180, rowsWithoutFigures: 0, byStatus: { 200: 180 } });
});

test('what a worker has written when it is killed is not fetched again', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...short });
  fleet.hold();
  const first = fleet.worker();
  await sixty(fleet);
  await fleet.begun(60);
  first.kill('SIGKILL');
  await endOf(first);
  fleet.release();
  // With shorter locks, a busy machine may be too slow to renew them, and rows would be fetched again.
  fleet.lockTime = 20_000;
  await fleet.done(fleet.work());
  t.is(fleet.server.requests.length, 240);
});

test('rows of which all have results when a worker ends make a piece at once', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless, rows: 60 });
  fleet.hold();
  const first = fleet.work();
  await fleet.server.requested(60);
  // Without this folder, its pieces cannot be committed.
  await rm(join(fleet.job, 'out'), { recursive: true });
  fleet.release();
  t.is((await first).code, 4);
  await fleet.done(fleet.work());
  t.is(fleet.server.requests.length, 60);
});

test('of what a power cut has torn only whole results are taken over', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  await stopped(fleet);
  const folder = join(fleet.job, 'tmp');
  const texts = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      return { path, lines: (await readFile(path, 'utf8')).split('\n').slice(0, -1) };
    }),
  );
  // In the longest file, the second line is replaced by zeros; half a line and zeros are appended to all of
  // them.
  const [longest, ...others] = texts.toSorted((a, b) => b.lines.length - a.lines.length);
  t.true((longest?.lines.length ?? 0) > 2);
  const [first = '', second = '', ...rest] = longest?.lines ?? [];
  const torn = `${first.slice(0, 40)}${'\0'.repeat(5000)}`;
  await writeFile(longest?.path ?? '', [first, '\0'.repeat(second.length), ...rest, torn].join('\n'));
  for (const { path } of others) await appendFile(path, torn);
  await fleet.done(fleet.work());
  t.is(fleet.server.requests.length, 240 + 1 + rest.length);
  const collected = await urlmill(['collect', '--job', 'job', '-o', 'out.csv'], { cwd: fleet.folder });
  t.is(collected.code, 0, collected.stderr);
});

test('results of another job that was in the folder are not taken over', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  await stopped(fleet);
  const folder = join(fleet.job, 'tmp');
  const names = await readdir(folder);
  t.true(names.length > 0);
  for (const name of names) {
    const [, piece, uuid] = /^(\d+-\d+)-.*-([\da-f-]{36})\.jsonl$/.exec(name) ?? [];
    const text = await readFile(join(folder, name));
    await rm(join(folder, name));
    await writeFile(join(folder, `${piece}-0a1b2c3d-0000-4000-8000-000000000000-${uuid}.jsonl`), text);
  }
  await fleet.done(fleet.work());
  t.is(fleet.server.requests.length, 300);
});

test('what workers have left behind is removed when the job is done', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  await fleet.done(fleet.work());
  const { id } = JSON.parse(await readFile(join(fleet.job, 'job.json'), 'utf8')) as { id: string };
  const uuid = '0a1b2c3d-0000-4000-8000-000000000000';
  await writeFile(join(fleet.job, 'tmp', `00003-000000-${id}-${uuid}.jsonl`), '');
  await fleet.done(fleet.work());
});

test('a worker whose lane was taken over without its knowledge begins anew', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  fleet.hold();
  const worker = fleet.work();
  await sixty(fleet);
  await fleet.begun(60);
  // The next holder of the lane does the same.
  const [name = ''] = await readdir(join(fleet.job, 'tmp'));
  await rm(join(fleet.job, 'tmp', name));
  fleet.release();
  const [end] = await fleet.done(worker);
  t.regex(end?.stderr ?? '', /another worker has taken over a lane/);
});

test('the next holder of a lane obeys the pause that a host has asked for', async (t) => {
  let asked = 0;
  const fleet = await Fleet.start(t, {
    ...list,
    ...endless,
    args: [...list.args, '--max-wait', '10h'],
    answer: (host, response) => {
      if (!host.startsWith('h7.')) return false;
      asked++;
      response.writeHead(429, { 'retry-after': '30000' }).end();
      return true;
    },
  });
  fleet.hold();
  const first = fleet.worker('--grace', '1ms');
  await fleet.server.requested(60);
  first.kill('SIGTERM');
  await endOf(first);
  const before = asked;
  t.true(before > 0);
  fleet.release();
  const second = fleet.worker('--grace', '1ms');
  // All rows of the other 29 hosts, two of which were already in flight per host when the first worker was
  // stopped.
  await fleet.server.requested(before + 29 * 6 + 29 * 2);
  second.kill('SIGTERM');
  await endOf(second);
  t.is(asked, before);
});
