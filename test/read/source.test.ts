import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import test from 'ava';

import { readAll, urlsOf } from '../helpers/reading.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { InputError } from '../../src/shared/errors.ts';
import { fileSource, streamSource, unreadable } from '../../src/read/source.ts';

test('a file is a source with its path, size and bytes', async (t) => {
  const folder = await temporaryFolder(t, { 'in.csv': 'url\nä.org\n' });
  const path = join(folder, 'in.csv');
  const source = await fileSource(path);
  t.like(source, { name: path, size: 11, reopens: true });
  t.is((await buffer(source.open())).toString(), 'url\nä.org\n');
});

test('a file can be opened more than once', async (t) => {
  const folder = await temporaryFolder(t, { 'in.csv': 'url\n' });
  const source = await fileSource(join(folder, 'in.csv'));
  t.deepEqual(await buffer(source.open()), await buffer(source.open()));
});

test('an empty file is a source of nothing', async (t) => {
  const folder = await temporaryFolder(t, { 'in.csv': '' });
  const source = await fileSource(join(folder, 'in.csv'));
  t.is(source.size, 0);
  t.like((await readAll(source)).error, { name: 'InputError' });
});

test('a missing file is told before anything is read', async (t) => {
  const path = join(await temporaryFolder(t), 'none.csv');
  await t.throwsAsync(fileSource(path), {
    instanceOf: InputError,
    message: `${path}: there is no such file`,
  });
});

test('a directory is told', async (t) => {
  const folder = await temporaryFolder(t);
  await t.throwsAsync(fileSource(folder), {
    instanceOf: InputError,
    message: `${folder}: is a directory; name a file`,
  });
});

test('a path through a file is told with the reason of the system', async (t) => {
  const path = join(await temporaryFolder(t, { 'in.csv': 'url\n' }), 'in.csv', 'x');
  await t.throwsAsync(fileSource(path), {
    instanceOf: InputError,
    message: `${path}: cannot be read: not a directory`,
  });
});

test('a file that went away in between is told', async (t) => {
  const path = join(await temporaryFolder(t, { 'in.csv': 'url\n' }), 'in.csv');
  const source = await fileSource(path);
  await unlink(path);
  const { error } = await readAll(source);
  t.like(error, { name: 'InputError', message: `${path}: there is no such file` });
});

test('a device is a source of unknown size', async (t) => {
  const source = await fileSource('/dev/null');
  // The device stays open until it is read, so close it.
  source.open().destroy();
  t.like(source, { size: null, reopens: false });
});

test('a named pipe is read from its beginning to its end', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'pipe');
  await ended(spawn('mkfifo', [path]));
  const written = ended(spawn('sh', ['-c', String.raw`printf 'url\na.org\nb.org\n' > "$0"`, path]));
  const reading = fileSource(path).then((source) => readAll(source));
  await written;
  // A second opening of the pipe would wait for a writer forever, so a writer that writes nothing comes after
  // 10 s.
  const rescue = setTimeout(() => closeSync(openSync(path, 'r+')), 10_000);
  const { rows, error } = await reading;
  clearTimeout(rescue);
  t.is(error, null);
  t.deepEqual(
    rows.map(({ url }) => url),
    ['https://a.org', 'https://b.org'],
  );
});

async function ended(child: ChildProcess): Promise<void> {
  await once(child, 'close');
}

test('a stream is a source that is opened once', async (t) => {
  const folder = await temporaryFolder(t, { 'in.csv': 'url\na.org\n' });
  const stream = (await fileSource(join(folder, 'in.csv'))).open();
  const source = streamSource(stream, 'standard input');
  t.like(source, { name: 'standard input', size: null, reopens: false });
  t.is(source.open(), stream);
  t.deepEqual(urlsOf(await readAll(source)), ['https://a.org']);
});

test('an error of a stream that is no fault of the input stays what it is', async (t) => {
  const folder = await temporaryFolder(t, { 'in.csv': 'url\na.org\n' });
  const stream = (await fileSource(join(folder, 'in.csv'))).open();
  const reading = readAll(streamSource(stream, 'in'));
  const bug = new TypeError('a bug');
  stream.destroy(bug);
  t.is((await reading).error, bug);
});

const becomes = test.macro((t, code: string, said: string, message: string) => {
  const error = Object.assign(new Error(said), { code });
  t.like(unreadable('in', error), { name: 'InputError', message });
});

test(
  'a failing disk is told',
  becomes,
  'EIO',
  "EIO: i/o error, read '/x/in'",
  'in: cannot be read: i/o error',
);
test(
  'missing rights are told',
  becomes,
  'EACCES',
  "EACCES: permission denied, open '/x/in'",
  'in: cannot be read: permission denied',
);
test(
  'a connection that breaks is told',
  becomes,
  'ECONNRESET',
  'read ECONNRESET',
  'in: cannot be read: read ECONNRESET',
);

const stays = test.macro((t, error: unknown) => t.is(unreadable('in', error), error));

test('what is an InputError already stays', stays, new InputError('x'));
test('what has no code stays', stays, new Error('x'));
test('what is no error stays', stays, 'x');
test('a code of Node itself stays', stays, Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }));
