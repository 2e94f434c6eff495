import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import type { NameServerAddress } from '../../options/checks.ts';

export interface NameSocketEvents {
  readonly onMessage: (message: Buffer, socket: NameSocket) => void;
  /** The socket is closed: nothing listens at the server, or the system has no socket. Questions may be lost. */
  readonly onError: (socket: NameSocket) => void;
}

/** A UDP socket for questions to one name server, on a port that the system chooses. It keeps no process alive. */
export class NameSocket {
  readonly openedAt: number;
  /** How many questions were sent. */
  sent = 0;
  /** How many of them are not released yet. */
  pending = 0;
  isConnected = false;
  readonly #socket: Socket;
  readonly #onSent: (error: NodeJS.ErrnoException | null) => void;
  #waiting: Buffer[] = [];
  #closed = false;

  constructor({ address, port }: NameServerAddress, events: NameSocketEvents, now: number) {
    this.openedAt = now;
    // A large buffer, as hundreds of replies may come while the event loop is busy.
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 18 });
    this.#socket = socket;
    const fail = (): void => {
      if (this.#closed) return;
      this.close();
      events.onError(this);
    };
    // The system reports a port that nothing listens on once, to the next read or the next send.
    this.#onSent = (error) => {
      if (error !== null && !isFull(error)) fail();
    };
    socket.on('message', (message) => events.onMessage(message, this));
    socket.on('error', fail);
    // A connected socket gets messages of this server only, and errors when nothing listens there.
    socket.connect(port, address, (error?: Error | null) => {
      if (this.#closed) return;
      if (error !== undefined && error !== null) {
        fail();
        return;
      }
      this.isConnected = true;
      for (const message of this.#waiting) socket.send(message, this.#onSent);
      this.#waiting = [];
    });
    socket.unref();
  }

  send(message: Buffer): void {
    this.sent++;
    this.pending++;
    if (this.#closed) return;
    if (this.isConnected) this.#socket.send(message, this.#onSent);
    else this.#waiting.push(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** Whether a buffer was full. The message is lost as if on the way, and the question will be sent again. */
function isFull({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN' || code === 'ENOBUFS' || code === 'ENOMEM';
}
