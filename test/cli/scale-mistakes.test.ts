import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { Fleet } from '../helpers/fleet.ts';
import { RedisServer } from '../helpers/redis.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const settings = { rows: 40, hosts: 20, args: ['--lanes', '10'] };

test('an empty name is no folder of a job', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': 'url\nhttps://a.example/\n', 'job.json': '{}' });
  for (const args of [['submit', 'list.csv'], ['work'], ['status'], ['collect']]) {
    const { code, stderr } = await urlmill([...args, '--job', ''], { cwd });
    t.is(stderr, 'urlmill: --job: name the folder of the job, --job DIR\n');
    t.is(code, 2);
  }
});

test('the list of a job is not written over', async (t) => {
  const list = 'url\nhttps://a.example/\n';
  const cwd = await temporaryFolder(t, { 'list.csv': list, 'list.prom': list });
  await urlmill(['submit', '--job', 'job', 'list.csv', 'list.prom'], { cwd });
  for (const [args, words] of [
    [['collect', '--partial', '-o', 'list.csv'], '--output: '],
    [['collect', '--partial', '--summary', 'list.csv'], '--summary: list.csv is another file of this job'],
    [
      ['work', '--queue', 'redis://127.0.0.1:1', '--summary', 'list.csv'],
      '--summary: list.csv is another file',
    ],
    [['status', '--metrics', 'list.prom'], '--metrics: list.prom is another file of this job'],
  ] as const) {
    const { code, stderr } = await urlmill([...args, '--job', 'job'], { cwd });
    t.true(stderr.includes(words), stderr);
    t.is(code, 2);
  }
  t.is(await readFile(join(cwd, 'list.csv'), 'utf8'), list);
  t.is(await readFile(join(cwd, 'list.prom'), 'utf8'), list);
});

test('a queue that never was there ends a worker when its time is over', async (t) => {
  const fleet = await Fleet.start(t, settings);
  // When the time is over, the connection is waiting for its next attempt.
  const { code, stderr } = await fleet.work('--queue-wait', '300ms', '--queue', 'redis://127.0.0.1:1');
  t.regex(stderr, /could not be reached for 0 s \(connect ECONNREFUSED/);
  t.is(code, 6);
});

test('a worker that waits for a queue that never was there ends by SIGTERM', async (t) => {
  const fleet = await Fleet.start(t, settings);
  const worker = fleet.worker('--queue', 'redis://127.0.0.1:1');
  const ended = endOf(worker);
  await once(createInterface(worker.stderr), 'line');
  worker.kill('SIGTERM');
  const { code, stderr } = await ended;
  t.regex(stderr, /waiting for it\n(?:.*\n)*.*stopped, its lanes are given back/);
  t.is(code, 6);
});

test('what answers as no Redis does, and a database that it lacks, are mistakes', async (t) => {
  const fleet = await Fleet.start(t, settings);
  for (const [queue, words] of [
    [`redis://127.0.0.1:${fleet.server.port}`, 'does not answer as a Redis does'],
    [`${fleet.redis.url}/99`, '/99 has no such database'],
  ] as const) {
    for (const { code, stderr } of [
      await fleet.work('--queue', queue),
      await urlmill(['status', '--job', 'job', '--queue', queue], { cwd: fleet.folder }),
    ]) {
      t.true(stderr.includes(words), stderr);
      t.is(code, 2);
    }
  }
});

test('a Redis that is full ends a worker, and not as a bug', async (t) => {
  const fleet = await Fleet.start(t, settings);
  await fleet.redis.call('CONFIG', 'SET', 'maxmemory', '1');
  const { code, stderr } = await fleet.work();
  t.regex(stderr, /^urlmill: the queue redis:\/\/127\.0\.0\.1:\d+ refuses its work: OOM /m);
  t.is(code, 6);
});

test('a Redis that became a replica ends its workers, and others go on when it takes orders again', async (t) => {
  const other = await RedisServer.start([]);
  t.teardown(() => other.remove());
  const fleet = await Fleet.start(t, { ...settings, lockTime: 3000 });
  fleet.hold();
  const worker = fleet.work('--max-lanes', '1');
  await fleet.server.requested(1);
  await fleet.redis.call('REPLICAOF', '127.0.0.1', `${other.port}`);
  fleet.release();
  const { code, stderr } = await worker;
  t.regex(stderr, /refuses its work: READONLY /);
  t.is(code, 6);
  await fleet.redis.call('REPLICAOF', 'NO', 'ONE');
  await fleet.done(fleet.work());
});

test('the password of a queue stays hidden, though what answers there repeats the login', async (t) => {
  const fleet = await Fleet.start(t, settings);
  const server = net.createServer((client) => {
    // As a Redis of version 5 and later answers to a command that it does not know: once to each.
    client.on('data', (chunk) => {
      for (const command of chunk.toString().split(/^(?=\*\d+\r$)/m)) {
        const [, ...words] = command.split('\r\n').filter((word) => /^[^*$]/.test(word));
        const said = words.map((word) => `'${word}' `).join('');
        client.write(`-ERR unknown command 'x', with args beginning with: ${said}\r\n`);
      }
    });
    client.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  await writeFile(join(fleet.folder, 'queue.txt'), `redis://me:p%40ssw0rd@127.0.0.1:${port}`);
  const { code, stderr } = await fleet.work('--queue', '@queue.txt', '--queue-wait', '10s');
  t.regex(stderr, /unknown command/);
  t.notRegex(stderr, /ssw0rd|'me'/);
  t.is(code, 6);
});

test('"-" as two files of a list is a mistake', async (t) => {
  const cwd = await temporaryFolder(t);
  for (const args of [
    ['submit', '--job', 'job', '-', '-'],
    ['-', '-'],
  ]) {
    // oxlint-disable-next-line no-await-in-loop
    const { code, stdout, stderr } = await urlmill(args, { cwd, input: 'url\nmailto:a\n' });
    t.regex(stderr, /^urlmill: "-" stands twice, and standard input can be read only once/);
    t.is(stdout, '');
    t.is(code, 2);
  }
});

test('status ends when its reader has closed the pipe, though the job is not done', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': 'url\nhttps://a.example/\n' });
  await urlmill(['submit', '--job', 'job', 'list.csv'], { cwd });
  const child = runningUrlmill(t, ['status', '--watch', '--job', 'job'], { cwd });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number];
  t.is(code, 141);
});

test('an empty name of the folder for bodies does not become that of submit', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': 'url\nhttps://a.example/\n' });
  const args = ['submit', '--job', 'job', '--save-bodies', '', 'list.csv'];
  const { code, stderr } = await urlmill(args, { cwd });
  t.is(stderr, 'urlmill: --save-bodies: its name is empty\n');
  t.is(code, 2);
});
