import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import { Redis } from 'ioredis';

import { urlmill } from '../helpers/cli.ts';
import { Fleet } from '../helpers/fleet.ts';
import { RedisServer } from '../helpers/redis.ts';

const settings = { rows: 300, hosts: 30, args: ['--lanes', '10', '--piece-rows', '20'] };

test('submit, two workers and collect give the result of a run', async (t) => {
  const columns = ['--columns', 'row,status,error,url,bytes,type,attempts', '--extract', 'title'];
  const fleet = await Fleet.start(t, { ...settings, args: [...settings.args, ...columns] });
  for (const { code, stderr } of await fleet.done(fleet.work(), fleet.work())) t.is(code, 0, stderr);
  const cwd = fleet.folder;
  const collected = await urlmill(['collect', '--job', 'job', '--ordered', '-o', 'job.csv'], { cwd });
  t.is(collected.code, 0, collected.stderr);
  const connect = ['--connect-to', `::127.0.0.1:${fleet.server.port}`];
  await urlmill([...connect, ...columns, '--ordered', '-o', 'run.csv', 'list.csv'], { cwd });
  const run = await readFile(join(cwd, 'run.csv'), 'utf8');
  t.is(run.split('\n').length, 302);
  t.is(await readFile(join(cwd, 'job.csv'), 'utf8'), run);
  const status = await urlmill(['status', '--job', 'job', '--json'], { cwd });
  t.like(JSON.parse(status.stdout), {
    rows: 300,
    rowsDone: 300,
    rowsWithoutFigures: 0,
    byStatus: { 200: 300 },
  });
});

test('the status tells who works on which lanes', async (t) => {
  const fleet = await Fleet.start(t, settings);
  fleet.hold();
  const worker = fleet.worker('--max-lanes', '5');
  // The worker requests two rows at once from each host of its lanes.
  await fleet.server.requested(10);
  const cwd = fleet.folder;
  const environment = { URLMILL_QUEUE: fleet.redis.url };
  const { stdout, stderr, code } = await urlmill(['status', '--job', 'job', '--json'], { cwd, environment });
  t.is(code, 0, stderr);
  const { queue } = JSON.parse(stdout) as {
    queue: { workers: string[]; activeLanes: number[]; waitingLanes: number };
  };
  t.is(queue.workers.length, 1);
  t.true(queue.workers[0]?.includes(`${worker.pid}`), JSON.stringify(queue));
  t.true(queue.activeLanes.length > 0);
  t.is(queue.activeLanes.length + queue.waitingLanes, 10);
  const shown = await urlmill(['status', '--job', 'job', '--queue', fleet.redis.url], { cwd });
  t.regex(shown.stdout, /^1 workers \(.*\), \d+ lanes active, \d+ waiting$/m);
  fleet.release();
  await fleet.done(worker);
});

test('the user of Redis that docs/scale.md makes can do what workers and status need, and not more', async (t) => {
  const fleet = await Fleet.start(t, { ...settings, rows: 30 });
  const page = await readFile(new URL('../../../docs/scale.md', import.meta.url), 'utf8');
  const [, rules = ''] = /^ACL SETUSER (.*)$/m.exec(page) ?? [];
  await fleet.redis.call('ACL', 'SETUSER', ...rules.split(' '));
  const { host } = new URL(fleet.redis.url);
  const url = `redis://urlmill:PASSWORD@${host}`;
  await writeFile(join(fleet.folder, 'queue'), url);
  await fleet.done(fleet.work('--queue', '@queue'));
  const { code, stdout, stderr } = await urlmill(['status', '--job', 'job', '--queue', '@queue'], {
    cwd: fleet.folder,
  });
  t.is(code, 0, stderr);
  t.regex(stdout, /^0 workers, 0 lanes active, 0 waiting$/m);
  const redis = new Redis(url, { lazyConnect: true });
  t.teardown(() => redis.disconnect());
  for (const command of ['FLUSHALL', 'KEYS', 'CONFIG', 'SHUTDOWN', 'CLIENT']) {
    const words = { KEYS: ['*'], CONFIG: ['GET', '*'], CLIENT: ['KILL', 'TYPE', 'normal'] }[command] ?? [];
    await t.throwsAsync(redis.call(command, ...words), { message: /^NOPERM/ }, command);
  }
});

test('a queue that is wrong or wants another password is told without the password', async (t) => {
  const redis = await RedisServer.start(['--requirepass', 'right']);
  t.teardown(() => redis.remove());
  const fleet = await Fleet.start(t, { ...settings, rows: 3 });
  const url = redis.url.replace('//', '//:secret@');
  const cwd = fleet.folder;
  const said = await urlmill(['status', '--job', 'job', '--queue', url], { cwd });
  t.is(said.code, 2);
  t.false(said.stderr.includes('secret'));
  const refused = await urlmill(['status', '--job', 'job'], { cwd, environment: { URLMILL_QUEUE: url } });
  t.true(refused.stderr.includes('refuses the login'), refused.stderr);
  t.is(refused.code, 2);
  t.false((refused.stdout + refused.stderr).includes('secret'));
});
