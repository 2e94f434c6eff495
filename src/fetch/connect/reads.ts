import type { OnReadOpts, Socket } from 'node:net';

/**
 * What all sockets of a thread read into. Else Node makes new memory for each read, 64 kB of it, clears it and copies what has
 * come to other memory, which is half of what it costs to receive a large body. It is as large as a processor's own memory holds.
 */
const lent = Buffer.allocUnsafeSlow(256 * 1024);

/** Gets what has come. The piece is only lent: it is overwritten when this has returned. */
export type Take = (piece: Buffer) => void;

const taker = Symbol('taker');

type Taken = Socket & { [taker]?: Take };

/** Options of a socket that reads into lent memory. Until `takeReads` its data is in the stream, as that of any socket. */
export function readsOf(socket: () => Socket): OnReadOpts {
  return { buffer: lent, callback: (length) => received(socket(), lent.subarray(0, length)) };
}

/** From now on data goes to `take` and no more to the stream, except over TLS, which reads otherwise. */
export function takeReads(socket: Socket, take: Take): void {
  (socket as Taken)[taker] = take;
}

/** A piece as what stays: a copy if it is lent. */
export function owned(piece: Buffer): Buffer {
  return piece.buffer === lent.buffer ? Buffer.from(piece) : piece;
}

function received(socket: Taken, piece: Buffer): boolean {
  const take = socket[taker];
  // What came before is taken first.
  if (take === undefined || socket.readableLength > 0) return socket.push(Buffer.from(piece));
  take(piece);
  return true;
}
