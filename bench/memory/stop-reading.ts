import { execFile } from 'node:child_process';
import type { ReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setInterval } from 'node:timers/promises';
import { promisify } from 'node:util';
import { exitOf, startChild } from '../children.ts';
import type { Nginx } from '../nginx.ts';
import { memoryOf } from '../process-status.ts';

const execute = promisify(execFile);
const chunkSize = 65536;
const sampleMs = 500;

export interface StopOptions {
  readonly nginx: Nginx;
  /** Path at which the named pipe is made. */
  readonly fifo: string;
  /** Number of bytes after which the reader stops, for `seconds`. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface Sample {
  /** Requests made since the reader stopped. */
  readonly requests: number;
  readonly rss: number;
}

export interface Stop {
  /** The first sample is from the moment when the reader stops. */
  readonly samples: readonly Sample[];
  readonly peakRss: number;
  readonly rowBytes: number;
  /** Lines of the whole output, read to its end. */
  readonly lines: number;
}

interface Seen {
  bytes: number;
  lines: number;
}

/**
 * Runs a command whose standard output is a pipe, reads some of it, stops, watches, and then reads on to the
 * end.
 */
export async function stopReading(command: readonly string[], options: StopOptions): Promise<Stop> {
  const { nginx, fifo, bytes, seconds } = options;
  // A named pipe, because Node's pipes between processes are in fact sockets, with other buffers.
  await execute('mkfifo', [fifo]);
  const { reader, writer } = await openBothEnds(fifo);
  const child = startChild(command, { stdio: ['ignore', writer.fd, 'pipe'] });
  await writer.close();
  const complaint = child.stderr ? text(child.stderr) : Promise.resolve('');
  const stream = reader.createReadStream({ highWaterMark: chunkSize });
  const seen: Seen = { bytes: 0, lines: 0 };

  await readUpTo(stream, bytes, seen);
  if (seen.bytes < bytes) throw new Error(`only ${seen.bytes} bytes came out: ${await complaint}`);
  const rowBytes = seen.bytes / seen.lines;
  const { requests: before } = await nginx.counters();
  const samples: Sample[] = [{ requests: 0, rss: (await memoryOf(child.pid)).rss }];
  let peakRss = 0;
  for await (const _ of setInterval(sampleMs)) {
    const { requests } = await nginx.counters();
    const { rss, peak } = await memoryOf(child.pid);
    samples.push({ requests: requests - before, rss });
    peakRss = peak;
    if (samples.length > (seconds * 1000) / sampleMs) break;
  }

  await readUpTo(stream, Number.POSITIVE_INFINITY, seen);
  const code = await exitOf(child);
  if (code !== 0) throw new Error(`${command.join(' ')}\nended with ${code}: ${await complaint}`);
  return { samples, peakRss, rowBytes, lines: seen.lines };
}

/** Opening one end blocks until the other is open, but opening for reading and writing does not block. */
async function openBothEnds(fifo: string): Promise<{ reader: FileHandle; writer: FileHandle }> {
  const both = await open(fifo, 'r+');
  const reader = await open(fifo, 'r');
  const writer = await open(fifo, 'w');
  await both.close();
  return { reader, writer };
}

/** Reads up to this many bytes or to the end. The stream reads ahead by one chunk at most. */
async function readUpTo(stream: ReadStream, bytes: number, seen: Seen): Promise<void> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('bytes are needed');
    seen.bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) seen.lines += 1;
    if (seen.bytes >= bytes) return;
  }
}
