import { open, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { FileOutput } from '../../src/write/file-output.ts';
import { Journal } from '../../src/write/journal.ts';
import { someJob } from '../helpers/journals.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

type Method = 'datasync' | 'writev' | 'close';

/** A file whose calls a test can watch and delay. */
export interface WatchedFile {
  readonly before: (method: Method, action: () => Promise<void>) => void;
  readonly after: (method: Method, action: () => Promise<void>) => void;
}

export interface OpenFileOutput {
  readonly output: FileOutput;
  readonly path: string;
  readonly part: WatchedFile;
  readonly log: WatchedFile;
  readonly released: () => boolean;
  /** Writes a batch with this many rows and bytes, and waits until the next one may come. */
  readonly give: (rows: number, bytes: number) => Promise<void>;
}

/** Opens an output in real files. */
export async function fileOutput(
  t: ExecutionContext,
  { end = 0, rows = 0, folder = '' } = {},
): Promise<OpenFileOutput> {
  const path = join(folder === '' ? await temporaryFolder(t) : folder, 'out.csv');
  await writeFile(`${path}.part`, 'x'.repeat(end));
  const part = await open(`${path}.part`, 'r+');
  const log = await open(`${path}.journal`, 'w');
  const journal = new Journal(log, 0);
  await journal.begin(someJob);
  let released = false;
  const lock = { release: () => void (released = true) };
  const output = new FileOutput({ path, part, journal, lock, end, rows });
  let at = end;
  let row = rows;
  const give = async (count: number, bytes: number): Promise<void> => {
    at += bytes;
    const numbers = Array.from({ length: count }, () => ++row);
    output.add({ end: at, rows: numbers, figures: { rows: row } });
    await new Promise<void>((resolve, reject) => {
      output.stream.write(Buffer.alloc(bytes, 'x'), (error) => (error ? reject(error) : resolve()));
    });
  };
  return { output, path, part: watched(part), log: watched(log), released: () => released, give };
}

type Call = (...args: unknown[]) => Promise<unknown>;

function watched(handle: FileHandle): WatchedFile {
  const methodOf = (method: Method): Call => (handle[method] as Call).bind(handle);
  return {
    before: (method, action) => {
      const call = methodOf(method);
      Object.assign(handle, { [method]: async (...args: unknown[]) => (await action(), call(...args)) });
    },
    after: (method, action) => {
      const call = methodOf(method);
      Object.assign(handle, {
        [method]: async (...args: unknown[]) => {
          const result = await call(...args);
          await action();
          return result;
        },
      });
    },
  };
}
