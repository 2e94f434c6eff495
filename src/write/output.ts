import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';

import type { Batch } from './batch.ts';
import { BatchQueue } from './batch.ts';
import { attempt } from '../shared/files.ts';
import { Sink, toDescriptor } from './sink.ts';
import type { WriteSome } from './sink.ts';

/** Where the bytes of a run go. */
export interface Output {
  readonly stream: Writable;
  /** Whether a later run can go on with what this one leaves. */
  readonly resumable: boolean;
  /** Must be told of each batch before its bytes come. */
  readonly add: (batch: Batch) => void;
  /** Rows that are in the output for certain. */
  readonly safeRows: () => number;
  /** Makes a whole output final. @throws OutputError */
  readonly finish: () => Promise<void>;
  /** Leaves an output that is not whole, cut behind the last safe row; says where it is, if it is anywhere. */
  readonly abandon: () => Promise<string | null>;
}

/** @param descriptor standard output's, when it is a file or a device: Node writes to those without waiting */
export function standardOutput(stream: Writable, descriptor: number | null): Output {
  const toStream: WriteSome = (data, _position, callback) => {
    stream.write(data, (error) => callback(error ?? null, error ? 0 : data.length));
  };
  // The callback of the write gets the same error.
  stream.on('error', ignore);
  const release = async (): Promise<void> => void stream.off('error', ignore);
  return plainOutput('standard output', descriptor === null ? toStream : toDescriptor(descriptor, false), {
    finish: release,
    abandon: async () => {
      // The error of a write that failed comes after its callback.
      setImmediate(() => void release());
    },
  });
}

function ignore(): void {}

/** A pipe with a name or a device: it cannot be replaced, and what it was given is gone. */
export async function deviceOutput(path: string): Promise<Output> {
  const handle = await attempt(path, () => open(path, 'w'));
  return plainOutput(path, toDescriptor(handle.fd, false), {
    finish: () => attempt(path, () => handle.close()),
    abandon: () => handle.close().catch(ignore),
  });
}

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
