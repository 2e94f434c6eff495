import type { OnReadOpts, Socket } from 'node:net';

/**
 * The memory that all sockets of a thread read into, as large as fits into a core's own cache. Without it,
 * Node allocates 64 kB for each read, clears them and copies the data to other memory: half of what it costs
 * to receive a large body.
 */
const lent = Buffer.allocUnsafeSlow(256 * 1024);

/** Receives data. The piece is only lent: it is overwritten after this has returned. */
export type Take = (piece: Buffer) => void;

const taker = Symbol('taker');

type Taken = Socket & { [taker]?: Take };

/** The `onread` of a socket that reads into lent memory. Until `takeReads` its data goes to the stream. */
export function readsOf(socket: () => Socket): OnReadOpts {
  return { buffer: lent, callback: (length) => received(socket(), lent.subarray(0, length)) };
}

/** From now on data goes to `take`, not to the stream; except over TLS, whose sockets do not use `onread`. */
export function takeReads(socket: Socket, take: Take): void {
  (socket as Taken)[taker] = take;
}

/** A piece that may be kept: a copy if it is lent. */
export function owned(piece: Buffer): Buffer {
  return piece.buffer === lent.buffer ? Buffer.from(piece) : piece;
}

function received(socket: Taken, piece: Buffer): boolean {
  const take = socket[taker];
  // Data that is still in the stream must be read first.
  if (take === undefined || socket.readableLength > 0) return socket.push(Buffer.from(piece));
  take(piece);
  return true;
}
