import { Readable } from 'node:stream';

import type { Row } from '../records.ts';

/** The rows of batches as an object stream. A promise a row, as `Readable.from` would make, costs more than the row. */
export function rowStream(batches: AsyncGenerator<Row[]>): Readable {
  let batch: Row[] = [];
  let at = 0;
  const pushBatch = (stream: Readable): boolean => {
    while (at < batch.length) if (!stream.push(batch[at++])) return true;
    return false;
  };
  const readNext = async (stream: Readable): Promise<void> => {
    do {
      const { done, value } = await batches.next();
      if (done === true) {
        stream.push(null);
        return;
      }
      batch = value;
      at = 0;
    } while (!pushBatch(stream) && !stream.destroyed);
  };
  let reading = false;
  return new Readable({
    objectMode: true,
    read() {
      if (reading || pushBatch(this)) return;
      reading = true;
      readNext(this)
        .catch((error: unknown) => this.destroy(error as Error))
        .finally(() => (reading = false));
    },
    destroy(error, callback) {
      // Closes the sources; what that meets is of no interest any more.
      batches.return(undefined).catch(() => {});
      callback(error);
    },
  });
}
