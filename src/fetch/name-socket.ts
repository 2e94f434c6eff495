import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import type { NameServerAddress } from '../options/checks.ts';

export interface NameSocketEvents {
  readonly onMessage: (message: Buffer) => void;
  /** The server is not there, or no socket can be had. All that was sent may be lost. */
  readonly onError: () => void;
}

/** The UDP socket for all questions to one name server. It is opened at the first one and keeps no process alive. */
export class NameSocket {
  readonly #server: NameServerAddress;
  readonly #events: NameSocketEvents;
  #socket: Socket | null = null;
  #connected = false;
  #onSent: (error: NodeJS.ErrnoException | null) => void = () => {};
  #waiting: Buffer[] = [];

  constructor(server: NameServerAddress, events: NameSocketEvents) {
    this.#server = server;
    this.#events = events;
  }

  send(message: Buffer): void {
    if (this.#socket === null) this.#socket = this.#open();
    if (this.#connected) this.#socket.send(message, this.#onSent);
    else this.#waiting.push(message);
  }

  /** A question after that opens another. */
  close(): void {
    this.#socket?.close();
    this.#socket = null;
    this.#connected = false;
    this.#waiting = [];
  }

  #open(): Socket {
    const { address, port } = this.#server;
    // Hundreds of replies may come while something else is done.
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
    const fail = (): void => {
      if (this.#socket !== socket) return;
      this.close();
      this.#events.onError();
    };
    // That nothing listens there is said once: to who reads next, or to who sends next.
    this.#onSent = (error) => {
      if (error?.code === 'ECONNREFUSED') fail();
    };
    socket.on('message', this.#events.onMessage);
    socket.on('error', fail);
    // Connected, it takes messages from the server only, and learns that nothing listens there.
    socket.connect(port, address, (error?: Error | null) => {
      if (this.#socket !== socket) return;
      if (error !== undefined && error !== null) {
        fail();
        return;
      }
      this.#connected = true;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const message of waiting) socket.send(message, this.#onSent);
    });
    socket.unref();
    return socket;
  }
}
