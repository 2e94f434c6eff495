import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { resolveTable } from '../../../src/options/resolve.ts';
import { workOptions } from '../../../src/options/work.ts';
import { JobFolder } from '../../../src/scale/job-folder.ts';
import { loadPeers } from '../../../src/scale/queue/peers.ts';
import { LaneWorker } from '../../../src/scale/work/work.ts';
import { urlmill } from '../../helpers/cli.ts';
import { Fleet } from '../../helpers/fleet.ts';
import { endOf } from '../../helpers/running.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const list = { rows: 180, hosts: 30, args: ['--lanes', '10', '--piece-rows', '6'] };
/** Long enough for a process to renew its locks in time on a busy machine. */
const short = { lockTime: 3000 };
/** Locks never expire within the test, so a worker that waits for that would never end. */
const endless = { lockTime: 24 * 3_600_000 };

test('two workers do a job together', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  fleet.hold();
  const first = fleet.work('--max-lanes', '5');
  const second = fleet.work('--max-lanes', '5');
  // Each worker has half of the lanes; the 30 hosts have two requests each in flight.
  await fleet.server.requested(60);
  fleet.release();
  const [one, other] = await fleet.done(first, second);
  t.is(fleet.server.requests.length, 180);
  const counted = [one, other].map((end) => Number(/(\d+) rows fetched/.exec(end?.stderr ?? '')?.[1]));
  t.is(
    counted.reduce((a, b) => a + b, 0),
    180,
  );
  t.true(
    counted.every((count) => count > 0),
    counted.join(),
  );
});

test('a worker leaves lanes to others that it has no slots for', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless, rows: 600 });
  fleet.hold();
  const worker = fleet.work('--concurrency', '10');
  // So many rows of each host that the scheduler takes this for a list of few hosts, and reads ahead.
  for (let round = 1; round <= 8; round++) {
    await fleet.server.requested(10 * round);
    fleet.sendHeld();
  }
  await fleet.server.requested(90);
  const how = { cwd: fleet.folder, environment: { URLMILL_QUEUE: fleet.redis.url } };
  const { stdout } = await urlmill(['status', '--job', 'job', '--json'], how);
  const { queue } = JSON.parse(stdout) as { queue: { activeLanes: number[] } };
  t.true(queue.activeLanes.length <= 6, queue.activeLanes.join());
  fleet.release();
  await fleet.done(worker);
});

test('the result of two workers is that of a run', async (t) => {
  const args = ['--columns', 'status,error,url,type,bytes,attempts', '--body', 'page'];
  const fleet = await Fleet.start(t, { ...list, ...endless, args: [...list.args, ...args] });
  await fleet.done(fleet.work(), fleet.work());
  const { folder: cwd, server } = fleet;
  const connect = ['--connect-to', `::127.0.0.1:${server.port}`];
  const collected = await urlmill(['collect', '--job', 'job', '--ordered', '-o', 'joined.csv'], { cwd });
  t.is(collected.code, 0, collected.stderr);
  const plain = await urlmill([...args, ...connect, '--ordered', '-o', 'plain.csv', 'list.csv'], { cwd });
  t.is(plain.code, 0, plain.stderr);
  t.deepEqual(await readFile(join(cwd, 'joined.csv')), await readFile(join(cwd, 'plain.csv')));
});

test('a worker that begins when all is done says so', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  await fleet.done(fleet.work());
  const [again] = await fleet.done(fleet.work());
  t.regex(again?.stderr ?? '', /0 rows fetched; the job is done/);
  t.is(fleet.server.requests.length, 180);
});

test('a worker is killed: others take its lanes when its locks have run out', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...short });
  fleet.hold();
  const first = fleet.worker();
  await fleet.server.requested(60);
  first.kill('SIGKILL');
  await endOf(first);
  const second = fleet.work();
  await fleet.server.requested(120);
  fleet.release();
  await second;
  t.is((await fleet.rows()).length, 180);
  t.true(fleet.mostAtHost <= 2, `${fleet.mostAtHost} requests at one host`);
});

test('a worker that was stopped for longer than its locks hold sends nothing when it goes on', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...short });
  fleet.hold();
  const first = fleet.worker();
  await fleet.server.requested(60);
  first.kill('SIGSTOP');
  const second = fleet.work();
  await fleet.server.requested(120);
  // The first worker gets its replies too, and would go on with the next rows.
  fleet.release();
  await second;
  t.is((await fleet.rows()).length, 180);
  const { length } = fleet.server.requests;
  first.kill('SIGCONT');
  const { code, stderr } = await endOf(first);
  t.is(code, 0, stderr);
  t.regex(stderr, /could not be renewed in time|has no locks/);
  t.is(fleet.server.requests.length, length);
  t.is((await fleet.rows()).length, 180);
});

test('a worker that is asked to stop gives its lanes back', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  fleet.hold();
  const first = fleet.worker('--grace', '1ms');
  await fleet.server.requested(60);
  first.kill('SIGTERM');
  const end = await endOf(first);
  t.is(end.code, 6);
  t.regex(end.stderr, /stopped, its lanes are given back/);
  fleet.release();
  await fleet.done(fleet.work());
});

test('Redis is killed and comes back with all that it knew', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  fleet.hold();
  const workers = [fleet.work('--max-lanes', '5'), fleet.work('--max-lanes', '5')];
  await fleet.server.requested(60);
  await fleet.redis.kill();
  await fleet.redis.restart();
  fleet.release();
  const ends = await fleet.done(...workers);
  // All lanes were held, and still are.
  t.is(fleet.server.requests.length, 180);
  t.true(ends.some(({ stderr }) => stderr.includes('cannot be reached')));
});

const forgotten = test.macro({
  exec: async (t, _: string, forget: (fleet: Fleet) => Promise<unknown>, redis?: readonly string[]) => {
    const fleet = await Fleet.start(t, { ...list, ...short, ...(redis && { redis }) });
    fleet.hold();
    const workers = [fleet.work('--max-lanes', '3'), fleet.work('--max-lanes', '3')];
    // Three lanes with about three hosts each.
    await fleet.server.requested(20);
    await forget(fleet);
    fleet.release();
    await fleet.done(...workers);
  },
  title: (_, how: string) => `Redis forgets everything: it is ${how}`,
});

test(forgotten, 'emptied', async ({ redis }: Fleet) => redis.call('FLUSHALL'));
test(
  forgotten,
  'restarted without a file',
  async ({ redis }: Fleet) => {
    await redis.kill();
    await redis.restart();
  },
  ['--appendonly', 'no'],
);

test('Redis is away for too long', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  fleet.hold();
  const worker = fleet.work('--queue-wait', '1s');
  await fleet.server.requested(60);
  await fleet.redis.kill();
  const { code, stderr } = await worker;
  t.is(code, 6, stderr);
  t.regex(stderr, /the queue redis:\/\/127\.0\.0\.1:\d+\/? could not be reached for 1 s \(.*ECONNREFUSED/);
});

test('a password is taken from a file, and never told', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless, redis: ['--requirepass', 's3cret'] });
  const file = join(fleet.folder, 'queue');
  const { host } = new URL(fleet.redis.url);
  await writeFile(file, `redis://:wr0ng@${host}\n`);
  const refused = await fleet.work('--queue', '@queue');
  t.is(refused.code, 2, refused.stderr);
  t.regex(refused.stderr, /refuses the login/);
  t.notRegex(refused.stderr, /wr0ng/);
  await writeFile(file, `redis://:s3cret@${host}\n`);
  const [end] = await fleet.done(fleet.work('--queue', '@queue'));
  t.notRegex(end?.stderr ?? '', /s3cret/);
});

test('a folder that cannot be written ends a worker', async (t) => {
  const fleet = await Fleet.start(t, { ...list, ...endless });
  await rm(join(fleet.job, 'out'), { recursive: true, force: true });
  await writeFile(join(fleet.job, 'out'), 'no folder');
  const { code, stderr } = await fleet.work();
  t.is(code, 4, stderr);
});

test('a worker that is stopped before it knows its queue does not wait for it', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': 'url\nhttp://127.0.0.1:1/\n' });
  const { code, stderr } = await urlmill(['submit', '--job', 'job', 'list.csv'], { cwd });
  t.is(code, 0, stderr);
  const options = resolveTable(workOptions, [{ said: new Map([['queueWait', '5s']]), label: String }]);
  const worker = new LaneWorker(await JobFolder.open(join(cwd, 'job')), options, {
    lockTime: 1000,
    environment: {},
    onNotice: () => {},
    onPrint: () => {},
  });
  const address = { url: 'redis://127.0.0.1:1', shown: 'redis://127.0.0.1:1' };
  const end = worker.work(await loadPeers(), address);
  worker.stop();
  t.is(await end, 'stopped');
});
