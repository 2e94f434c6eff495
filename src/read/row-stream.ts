import { Readable } from 'node:stream';

import type { Row } from '../shared/records.ts';

/** The rows (or other objects) of batches as an object stream. A promise per row would cost more than the row. */
export function rowStream<T = Row>(batches: AsyncGenerator<T[]>): Readable {
  let batch: T[] = [];
  let at = 0;
  let reading = false;
  const stream = new Readable({
    objectMode: true,
    read: () => {
      if (!reading && !pushBatch()) void readNext();
    },
    destroy: (error, callback) => {
      void close();
      callback(error);
    },
  });
  return stream;

  /** Pushes rows of the batch. @returns whether the stream is full for now */
  function pushBatch(): boolean {
    while (at < batch.length) if (!stream.push(batch[at++])) return true;
    return false;
  }

  async function readNext(): Promise<void> {
    reading = true;
    try {
      do {
        const { done, value } = await batches.next();
        batch = done === true ? [] : value;
        at = 0;
        if (done === true) stream.push(null);
        if (done === true || stream.destroyed) return;
      } while (!pushBatch());
    } catch (error) {
      stream.destroy(error as Error);
    } finally {
      reading = false;
    }
  }

  /** Closes the sources. Errors are of no interest any more. */
  async function close(): Promise<void> {
    try {
      await batches.return(undefined);
    } catch {}
  }
}
