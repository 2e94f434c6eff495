import type { Chunks } from './chunks.ts';

/** What a reply may be that is not read again: its head, or what stands between two pieces of data. */
const largestAgain = 320 * 1024;

/**
 * How far the reply of a connection is read. undici's parser (llhttp) reads all of it, strictly. What it refuses is
 * kept until then, and read again as browsers do: the head by `readHead`, which hands it a right one, the rest of a
 * chunked body by `Chunks`. Such a reply is the last one of its connection: where two readers see different ends, the
 * rest of one reply must not be taken for another one.
 */
export class Reading {
  readonly isStrict: boolean;
  /** What has come since the last reply, or since the last data of its body; null: too much. */
  held: Buffer[] | null = [];
  heldBytes = 0;
  /** Whether the head of the final reply has been read. */
  hasHead = false;
  hasData = false;
  /** Where the piece that is read begins in its memory, and where data ended in it; -1: there was none. */
  pieceStart = 0;
  dataEnd = -1;
  /** Whether llhttp has refused it; then it has to be read again. */
  refused = false;
  /** Whether its head was read again. */
  isMended = false;
  chunks: Chunks | null = null;

  constructor(isStrict: boolean) {
    this.isStrict = isStrict;
  }

  /** A request is being written, whose reply is next. */
  begin(): void {
    this.held = this.isStrict ? null : [];
    this.heldBytes = 0;
    this.hasHead = false;
    this.hasData = false;
  }

  hold(piece: Buffer): void {
    if (this.held === null) return;
    this.held.push(piece);
    this.heldBytes += piece.length;
    if (this.heldBytes > largestAgain) this.held = null;
  }

  /** Only what comes behind data is held. */
  holdRest(piece: Buffer): void {
    this.held = this.isStrict ? null : [];
    this.heldBytes = 0;
    if (this.dataEnd < piece.length) this.hold(piece.subarray(this.dataEnd));
    this.dataEnd = -1;
  }
}
