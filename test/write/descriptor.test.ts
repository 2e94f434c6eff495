import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import test from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import { standardOutput } from '../../src/write/output.ts';
import type { Sink } from '../../src/write/sink.ts';
import { sameBytes } from '../helpers/same.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Reads this many bytes, a few at a time. */
async function readSlowly(handle: FileHandle, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let left = size;
  while (left > 0) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(20_000), 0, 20_000);
    if (bytesRead === 0) break;
    parts.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(parts);
}

test('what takes only a part of a write, or nothing for now, gets all of it in the end', async (t) => {
  const pipe = join(await temporaryFolder(t), 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  // The pipe does not block: it takes what it has room for, and then returns EAGAIN.
  const into = await open(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const from = await open(pipe, 'r');
  try {
    const data = randomBytes(1_000_000);
    const output = standardOutput(new PassThrough(), into.fd);
    const chunks = [data.subarray(0, 300_000), data.subarray(300_000, 300_001), data.subarray(300_001)];
    const [read] = await Promise.all([
      readSlowly(from, data.length),
      pipeline(Readable.from(chunks, { objectMode: false }), output.stream),
    ]);
    sameBytes(t, read, data);
    t.is((output.stream as Sink).taken, data.length);
  } finally {
    await into.close();
    await from.close();
  }
});

test('a stream counts what it has taken', async (t) => {
  const stream = new PassThrough();
  const output = standardOutput(stream, null);
  stream.resume();
  await pipeline(Readable.from([Buffer.alloc(1000), Buffer.alloc(234)]), output.stream);
  t.is((output.stream as Sink).taken, 1234);
});

test('a stream that nobody reads has not taken what waits', async (t) => {
  const stream = new PassThrough({ highWaterMark: 1 });
  const output = standardOutput(stream, null);
  output.stream.write(Buffer.alloc(100_000));
  output.stream.write(Buffer.alloc(100_000));
  await new Promise((resolve) => setImmediate(resolve));
  t.true((output.stream as Sink).taken < 200_000);
});

test('a descriptor that fails ends the stream with its reason', async (t) => {
  const handle = await open('/dev/full', 'w');
  try {
    const output = standardOutput(new PassThrough(), handle.fd);
    await t.throwsAsync(pipeline(Readable.from([Buffer.from('a')]), output.stream), {
      instanceOf: OutputError,
      message: 'standard output: cannot be written: no space left on device',
    });
    t.is((output.stream as Sink).taken, 0);
  } finally {
    await handle.close();
  }
});
