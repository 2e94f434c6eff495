import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';

import type { Batch } from './batch.ts';
import { BatchQueue } from './batch.ts';
import { attempt } from '../shared/files.ts';
import { Sink, toDescriptor } from './sink.ts';
import type { WriteSome } from './sink.ts';

/** The destination of a run's output. */
export interface Output {
  readonly stream: Writable;
  /** Whether a later run can resume this one. */
  readonly resumable: boolean;
  /** Announces a batch. To be called before its bytes are written to the stream. */
  readonly add: (batch: Batch) => void;
  /** The number of rows that are certain to be in the output. */
  readonly safeRows: () => number;
  /** Completes the output. @throws OutputError when that fails */
  readonly finish: () => Promise<void>;
  /** Closes an incomplete output, cut behind the last safe row. @returns its path; null when nothing is left */
  readonly abandon: () => Promise<string | null>;
}

/**
 * @param descriptor of standard output when it is a file or a device, to which Node would write synchronously; else null
 * @param around called with each write to the stream, which it must carry out. Default: nothing happens besides
 */
export function standardOutput(
  stream: Writable,
  descriptor: number | null,
  around: (write: () => void) => void = (write) => write(),
): Output {
  const toStream: WriteSome = (data, _position, callback) => {
    let isAnswered = false;
    const answer = (error: Error | null | undefined): void => {
      if (isAnswered) return;
      isAnswered = true;
      stream.off('close', onClose);
      callback(error ?? null, error ? 0 : data.length);
    };
    // A stream that is destroyed may never answer a write in progress. If it does, that answer tells more.
    const onClose = (): void => void setImmediate(answer, new Error('it was closed'));
    stream.once('close', onClose);
    around(() => stream.write(data, answer));
  };
  // The callback of the write gets the same error.
  stream.on('error', ignore);
  const release = async (): Promise<void> => void stream.off('error', ignore);
  return plainOutput('standard output', descriptor === null ? toStream : toDescriptor(descriptor, false), {
    finish: release,
    abandon: async () => {
      // The stream emits the error of a failed write after the write's callback.
      setImmediate(() => void release());
    },
  });
}

function ignore(): void {}

/** A named pipe or a device. It cannot be resumed. */
export async function deviceOutput(path: string): Promise<Output> {
  const handle = await attempt(path, () => open(path, 'w'));
  return plainOutput(path, toDescriptor(handle.fd, false), {
    finish: () => attempt(path, () => handle.close()),
    abandon: () => handle.close().catch(ignore),
  });
}

/** A descriptor that this process was started with. It stays open. */
export function descriptorOutput(descriptor: number): Output {
  const write = toDescriptor(descriptor, false);
  return plainOutput(`/dev/fd/${descriptor}`, write, { finish: leaveOpen, abandon: leaveOpen });
}

async function leaveOpen(): Promise<void> {}

interface Ends {
  readonly finish: () => Promise<void>;
  readonly abandon: () => Promise<void>;
}

function plainOutput(name: string, writeSome: WriteSome, { finish, abandon }: Ends): Output {
  const batches = new BatchQueue();
  let rows = 0;
  const settle = (): number => (rows += batches.take(sink.taken)?.rows.length ?? 0);
  const sink = new Sink({
    name,
    writeSome,
    onTaken: (callback) => {
      settle();
      callback();
    },
  });
  return {
    stream: sink,
    resumable: false,
    add: (batch) => {
      batches.push(batch);
      settle();
    },
    safeRows: settle,
    finish,
    abandon: async () => {
      await sink.idle();
      await abandon();
      return null;
    },
  };
}
