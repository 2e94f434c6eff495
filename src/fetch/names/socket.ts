import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import type { NameServerAddress } from '../../options/checks.ts';

export interface NameSocketEvents {
  readonly onMessage: (message: Buffer, socket: NameSocket) => void;
  /** It can be used no more: the server is not there, or no socket can be had. What was sent may be lost. */
  readonly onError: (socket: NameSocket) => void;
}

/** A UDP socket for questions to one name server, on a port that the system chose. It keeps no process alive. */
export class NameSocket {
  readonly openedAt: number;
  /** How many questions were sent. */
  sent = 0;
  /** How many of them are under way. */
  pending = 0;
  isConnected = false;
  readonly #socket: Socket;
  readonly #onSent: (error: NodeJS.ErrnoException | null) => void;
  #waiting: Buffer[] = [];
  #closed = false;

  constructor({ address, port }: NameServerAddress, events: NameSocketEvents, now: number) {
    this.openedAt = now;
    // Hundreds of replies may come while something else is done.
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 18 });
    this.#socket = socket;
    const fail = (): void => {
      if (this.#closed) return;
      this.close();
      events.onError(this);
    };
    // That nothing listens there is said once: to who reads next, or to who sends next.
    this.#onSent = (error) => {
      if (error !== null && !isFull(error)) fail();
    };
    socket.on('message', (message) => events.onMessage(message, this));
    socket.on('error', fail);
    // Connected, it takes messages from the server only, and learns that nothing listens there.
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

/** The message is lost, as others are on their way; the question is sent again. */
function isFull({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN' || code === 'ENOBUFS' || code === 'ENOMEM';
}
