import { once } from 'node:events';
import type { Transform } from 'node:stream';

import type { Pieces } from './pieces.ts';

/** A stream of zlib that unpacks. */
export type Engine = Transform & { readonly bytesWritten: number };

/**
 * Unpacks the input up to the end of the packed data; bytes behind that stay in the input. The engine is fed piece by piece,
 * and all output of a piece is given before the next, so that everything before damaged data comes before the error.
 */
export async function* unpacked(input: Pieces, engine: Engine): AsyncGenerator<Buffer> {
  let made: Buffer[] = [];
  const failures: Error[] = [];
  engine.on('data', (data: Buffer) => made.push(data));
  engine.on('error', (error) => failures.push(error));
  const taken = (): Buffer[] => {
    const all = made;
    made = [];
    return all;
  };
  // A write that fails, or that reaches the end of the packed data, may never call back.
  let onClose: (() => void) | null = null;
  engine.on('close', () => onClose?.());
  let fed = 0;
  try {
    for (let piece = await input.next(); piece !== null; piece = await input.next()) {
      fed += piece.length;
      const all = piece;
      await new Promise<void>((resolve) => {
        onClose = resolve;
        engine.write(all, () => resolve());
      });
      yield* taken();
      if (failures[0] !== undefined) throw failures[0];
      if (engine.bytesWritten < fed) {
        input.putBack(fed - engine.bytesWritten);
        return;
      }
    }
    engine.end();
    if (!engine.readableEnded && failures.length === 0) await once(engine, 'end').catch(() => {});
    yield* taken();
    if (failures[0] !== undefined) throw failures[0];
  } finally {
    engine.destroy();
  }
}
