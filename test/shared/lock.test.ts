import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { BusyError, OutputError } from '../../src/shared/errors.ts';
import { lockName, lockOutput } from '../../src/shared/lock.ts';
import { endOf } from '../helpers/running.ts';
import type { Child } from '../helpers/running.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const childFile = fileURLToPath(new URL('lock-child.js', import.meta.url));

function child(t: ExecutionContext, args: readonly string[], environment = {}): Child {
  const started = spawn(process.execPath, [childFile, ...args], { env: { ...process.env, ...environment } });
  t.teardown(() => started.kill('SIGKILL'));
  return started;
}

/** A child's output about its lock, which comes in one chunk. */
async function said(stream: Readable): Promise<string> {
  const [text] = (await once(stream, 'data')) as [Buffer];
  return String(text);
}

/** Starts another process that holds the file's lock. */
async function holderOf(t: ExecutionContext, path: string): Promise<Child> {
  const holder = child(t, ['stay', path]);
  t.is(await said(holder.stdout), 'locked\n');
  return holder;
}

/** `free`, or the error message for whoever wants the file. */
async function stateOf(path: string): Promise<string> {
  try {
    const lock = await lockOutput(path);
    lock.release();
    return 'free';
  } catch (error) {
    return (error as Error).message;
  }
}

function heldBy(path: string, pid: number | undefined): string {
  return `${path}: another run (process ${pid}) is writing it; wait for its end, or name another file`;
}

test('a second run in the same process is refused until the first lets go', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const lock = await lockOutput(path);
  await t.throwsAsync(lockOutput(path), { instanceOf: BusyError, message: heldBy(path, process.pid) });
  lock.release();
  t.is(await stateOf(path), 'free');
});

test('a lock that was released twice does not take away the next one', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const first = await lockOutput(path);
  first.release();
  const second = await lockOutput(path);
  first.release();
  t.is(await stateOf(path), heldBy(path, process.pid));
  second.release();
});

test('of many that start at once, one gets the file', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockOutput(path)));
  const got = all.filter((one) => one.status === 'fulfilled');
  t.is(got.length, 1);
  t.true(all.every((one) => one.status === 'fulfilled' || one.reason instanceof BusyError));
  for (const { value } of got) value.release();
});

test('another process is named, and its file is free as soon as it is killed', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const holder = await holderOf(t, path);
  t.is(await stateOf(path), heldBy(path, holder.pid));
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  t.is(await stateOf(path), 'free');
});

test('a process that is stopped still holds its file, and is not waited for', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const holder = await holderOf(t, path);
  holder.kill('SIGSTOP');
  const asking = await endOf(child(t, ['leave', path]));
  t.is(
    asking.stdout,
    `BusyError: ${path}: another run is writing it; wait for its end, or name another file\n`,
  );
  t.is(asking.code, 0);
  holder.kill('SIGCONT');
  t.is(await stateOf(path), heldBy(path, holder.pid));
});

test('a lock keeps no process alive', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const { code, stdout, stderr } = await endOf(child(t, ['leave', path]));
  t.is(stderr, '');
  t.is(stdout, 'locked\n');
  t.is(code, 0);
});

test('another thread is refused too, and what it held is free when it ends', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const lock = await lockOutput(path);
  const late = new Worker(childFile, { argv: ['leave', path], stdout: true });
  t.is(await said(late.stdout), `BusyError: ${heldBy(path, process.pid)}\n`);
  lock.release();
  const holder = new Worker(childFile, { argv: ['stay', path], stdout: true });
  t.is(await said(holder.stdout), 'locked\n');
  t.is(await stateOf(path), heldBy(path, process.pid));
  await holder.terminate();
  t.is(await stateOf(path), 'free');
});

test('the workers of a cluster do not share a lock', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  cluster.setupPrimary({ exec: childFile, args: ['stay', path], silent: true });
  const first = cluster.fork().process;
  t.teardown(() => first.kill('SIGKILL'));
  t.is(await said(first.stdout as Readable), 'locked\n');
  const second = cluster.fork().process;
  t.teardown(() => second.kill('SIGKILL'));
  t.is(await said(second.stdout as Readable), `BusyError: ${heldBy(path, first.pid)}\n`);
});

test('two ways to one directory are one, also through "..", and so is a path without one', async (t) => {
  const folder = await temporaryFolder(t, { 'real/deep/other.csv': '' });
  await symlink(join('real', 'deep'), join(folder, 'link'));
  const lock = await lockOutput(join(folder, 'real', 'out.csv'));
  // The system resolves ".." from the target of the link, not from the folder that contains the link.
  const around = `${folder}/link/../out.csv`;
  t.is(await stateOf(around), heldBy(around, process.pid));
  t.is(await stateOf(join(folder, 'out.csv')), 'free');
  lock.release();
  t.is(await stateOf(around), 'free');
  t.is(await lockName('out.csv'), await lockName(join(process.cwd(), 'out.csv')));
});

test('a symbolic link that nobody has followed is a file of its own', async (t) => {
  const folder = await temporaryFolder(t, { 'out.csv': '' });
  await symlink('out.csv', join(folder, 'link.csv'));
  const lock = await lockOutput(join(folder, 'out.csv'));
  t.is(await stateOf(join(folder, 'link.csv')), 'free');
  lock.release();
});

test('files of one name in two directories, and two files in one, are free of one another', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'a'));
  await mkdir(join(folder, 'b'));
  const lock = await lockOutput(join(folder, 'a', 'out.csv'));
  t.is(await stateOf(join(folder, 'b', 'out.csv')), 'free');
  t.is(await stateOf(join(folder, 'a', 'out.tsv')), 'free');
  lock.release();
});

test('names as long as a file system takes are told apart by their last letter', async (t) => {
  const folder = await temporaryFolder(t);
  const long = join(folder, 'é'.repeat(125));
  const lock = await lockOutput(`${long}.a`);
  t.is(await stateOf(`${long}.a`), heldBy(`${long}.a`, process.pid));
  t.is(await stateOf(`${long}.b`), 'free');
  lock.release();
});

test('all versions of Node make the same name, which fills its place', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const lock = await lockOutput(path);
  const name = await lockName(path);
  t.is(Buffer.byteLength(name), 108);
  // The system shows the bytes that it compares, with "@" for NUL.
  const shown = (await readFile('/proc/net/unix', 'utf8')).split('\n').map((line) => line.split(' ').at(-1));
  t.true(shown.includes(name.replaceAll('\0', '@')));
  lock.release();
});

test('a directory that is not there is an output that cannot be written', async (t) => {
  const path = join(await temporaryFolder(t), 'none', 'out.csv');
  await t.throwsAsync(lockOutput(path), {
    instanceOf: OutputError,
    message: `${path}: cannot be written: no such file or directory`,
  });
});

test('strangers that connect, send garbage, stay or break off do no harm', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const holder = await holderOf(t, path);
  const stderr = endOf(holder);
  const name = await lockName(path);
  const garbage = Buffer.alloc(1 << 20, 'GET / HTTP/1.1\r\n');
  for (let i = 0; i < 50; i++) {
    const socket = connect({ path: name, allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    const failed = new Promise((resolve) => socket.on('error', resolve));
    await once(socket, 'connect');
    if (i % 2 === 0) socket.write(garbage);
    if (i % 3 === 0) socket.destroy();
    // The holder closes the connection even if the client does not.
    else if (i % 2 === 0) await failed;
  }
  t.is(await stateOf(path), heldBy(path, holder.pid));
  holder.kill('SIGKILL');
  t.is((await stderr).stderr, '');
  t.is(await stateOf(path), 'free');
});

test('where the lock is a file, the next run removes what a killed one left', async (t) => {
  const folder = await temporaryFolder(t);
  const TMPDIR = await temporaryFolder(t);
  const path = join(folder, 'out.csv');
  const holder = child(t, ['stay', path, 'darwin'], { TMPDIR });
  t.is(await said(holder.stdout), 'locked\n');
  const late = await endOf(child(t, ['leave', path, 'darwin'], { TMPDIR }));
  t.is(late.stdout, `BusyError: ${heldBy(path, holder.pid)}\n`);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  t.is((await readdir(TMPDIR)).length, 1);
  const next = await endOf(child(t, ['leave', path, 'darwin'], { TMPDIR }));
  t.is(next.stdout, 'locked\n');
  t.is(next.code, 0);
});

test('where the lock is a file, the path of the temporary directory can be too long for it', async (t) => {
  const folder = await temporaryFolder(t);
  const TMPDIR = join(folder, 'x'.repeat(200));
  await mkdir(TMPDIR);
  const path = join(folder, 'out.csv');
  const { stdout } = await endOf(child(t, ['leave', path, 'darwin'], { TMPDIR }));
  t.is(stdout, 'locked\n');
  // A truncated name would stay there forever.
  t.deepEqual(await readdir(TMPDIR), []);
  t.is((await readdir(folder)).length, 1);
});

test('where the lock cannot be made, the run is told why', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'out.csv');
  const { stdout } = await endOf(child(t, ['leave', path, 'darwin'], { TMPDIR: join(folder, 'none') }));
  t.regex(stdout, /^OutputError: [^\n]+out\.csv: cannot be locked against other runs: E[A-Z]+\n$/);
});
