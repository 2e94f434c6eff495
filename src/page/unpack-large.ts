import { setTimeout as delay } from 'node:timers/promises';

import { RunError } from '../shared/errors.ts';
import type { FailureCode } from '../shared/failures.ts';
import { codingsFault, decodeFailure, piecesUnpackers } from './content-coding.ts';
import { LargeBodyFile } from './large-body.ts';
import type { LargeBodies, LargeBody } from './large-body.ts';
import { Turns } from '../shared/turns.ts';
import { Spool } from './spool.ts';
import type { Bytes } from './spool.ts';
import type { Taker } from './unpacked.ts';

interface UnpackOptions extends Pick<LargeBodies, 'folder'> {
  readonly spools: readonly string[];
  /** Most bytes that may come out. */
  readonly limit: number;
  /** Whether hash and file are wanted, or the size alone. */
  readonly keeps: boolean;
  /** Whether anybody still waits for the outcome. */
  readonly isWanted: () => boolean;
}

/** A body without its codings, or why they cannot be taken off. */
export type Unpacked = LargeBody | { readonly error: FailureCode; readonly detail: string };

/** Bodies that are unpacked at once: Node's thread pool has four threads, and each decoder may need megabytes. */
const mostAtOnce = 4;

/** Milliseconds between attempts to open a file while the system has none left. */
const patience = 50;

/** Takes the codings off the large bodies of an engine. */
export class Unpacking {
  readonly #where: Pick<UnpackOptions, 'folder' | 'spools' | 'keeps'>;
  readonly #turns = new Turns(mostAtOnce);

  /** @param keeps whether hashes and files are wanted, or sizes alone */
  constructor(where: LargeBodies | null, keeps: boolean) {
    this.#where = { folder: where?.folder ?? null, spools: where?.spools ?? [], keeps };
  }

  /**
   * @param packed is closed at the end, if it is a file
   * @param limit most bytes that may come out
   * @throws OutputError when a file cannot be written
   */
  async unpack(
    packed: Bytes,
    codings: readonly string[],
    limit: number,
    isWanted: () => boolean,
  ): Promise<Unpacked> {
    try {
      const options = { ...this.#where, limit, isWanted };
      return await this.#turns.take(async () => unpackLarge(packed, codings, options));
    } finally {
      if (packed instanceof Spool) packed.close();
    }
  }
}

/**
 * Takes the codings off a body that is too large for memory, piece by piece. The final body goes to a hash and a file; with
 * several codings, each intermediate body goes to a spool.
 *
 * @throws OutputError when a file cannot be written
 */
async function unpackLarge(
  packed: Bytes,
  codings: readonly string[],
  options: UnpackOptions,
): Promise<Unpacked> {
  const fault = codingsFault(codings);
  if (fault !== null) return fault;
  const [coding = '', ...rest] = codings.toReversed();
  if (rest.length === 0) return lastUnpacked(packed, coding, options);
  const between = await opened(() => Spool.open(options.spools));
  try {
    const failure = await unpackInto(between, packed, coding, options);
    return failure ?? (await unpackLarge(between, rest.toReversed(), options));
  } finally {
    between.close();
  }
}

async function lastUnpacked(packed: Bytes, coding: string, options: UnpackOptions): Promise<Unpacked> {
  const { folder, keeps } = options;
  const taker = keeps ? await opened(() => LargeBodyFile.open(folder)) : new Counter();
  try {
    const failure = await unpackInto(taker, packed, coding, options);
    if (failure === null) return taker.end();
    taker.abandon();
    return failure;
  } catch (error) {
    taker.abandon();
    throw error;
  }
}

/** @returns why the body cannot be unpacked; null when it was */
async function unpackInto(
  taker: Taker,
  packed: Bytes,
  coding: string,
  { limit, isWanted }: UnpackOptions,
): Promise<{ readonly error: FailureCode; readonly detail: string } | null> {
  // As in `decode`, an empty body is no error.
  if (packed.length === 0) return null;
  let size = 0;
  const bounded: Taker = {
    write(chunk) {
      size += chunk.length;
      if (!isWanted()) throw new Error('nobody waits for it any more');
      if (size > limit) throw Object.assign(new Error('too large'), { code: 'ERR_BUFFER_TOO_LARGE' });
      taker.write(chunk);
    },
    mark() {
      const [before, goBack] = [size, taker.mark()];
      return () => {
        size = before;
        goBack();
      };
    },
  };
  try {
    await piecesUnpackers.get(coding)?.(packed, bounded);
    return null;
  } catch (error) {
    if (error instanceof RunError) throw error;
    return decodeFailure(error);
  }
}

/** Waits while the system has no more files. */
async function opened<T>(open: () => T | null): Promise<T> {
  for (;;) {
    const file = open();
    if (file !== null) return file;
    await delay(patience);
  }
}

/** Takes the place of a LargeBodyFile where only the size is wanted. */
class Counter {
  #size = 0;

  write(chunk: Buffer): void {
    this.#size += chunk.length;
  }

  mark(): () => void {
    const size = this.#size;
    return () => void (this.#size = size);
  }

  end(): LargeBody {
    return { size: this.#size, sha256: '', path: null };
  }

  abandon(): void {}
}
