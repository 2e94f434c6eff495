import { randomInt } from 'node:crypto';

import type { NameServerAddress } from '../../options/checks.ts';
import { NameSocket } from './socket.ts';

export interface NameSocketsEvents {
  readonly onMessage: (message: Buffer, socket: NameSocket) => void;
  /** It was never open, and what was sent to it must be sent again: another one is there for that. */
  readonly onLost: (socket: NameSocket) => void;
  /** The server is not there, or no socket can be had. All that was sent may be lost. */
  readonly onError: () => void;
}

/** Questions go to one of so many sockets, at random. */
const width = 8;

/** A socket gets no more questions than this, and none later than this many milliseconds after it was opened. */
const mostSent = 100;
const mostAge = 10_000;

/** Sockets with questions that wait for a late answer. With as many, those in use are kept longer. */
const mostSpent = 24;

/**
 * The UDP sockets for questions to one name server. Who would forge an answer must guess the port too (RFC 5452,
 * section 9.2), so ports change all the time; a port per question would cost a socket per question. They are opened when
 * they are needed.
 */
export class NameSockets {
  readonly #server: NameServerAddress;
  readonly #events: NameSocketsEvents;
  readonly #sockets: (NameSocket | undefined)[] = [];
  /** They get no question any more. */
  readonly #spent = new Set<NameSocket>();

  constructor(server: NameServerAddress, events: NameSocketsEvents) {
    this.#server = server;
    this.#events = events;
  }

  /** @returns the socket that the answer must come to; `release` it when it is not waited for any more */
  send(message: Buffer): NameSocket {
    const socket = this.#choose();
    socket.send(message);
    return socket;
  }

  release(socket: NameSocket): void {
    socket.pending--;
    if (socket.pending === 0 && this.#spent.delete(socket)) socket.close();
  }

  /** A question after that opens others. */
  close(): void {
    for (const socket of [...this.#sockets, ...this.#spent]) socket?.close();
    this.#sockets.length = 0;
    this.#spent.clear();
  }

  #choose(): NameSocket {
    const place = randomInt(width);
    const now = performance.now();
    const socket = this.#sockets[place];
    if (socket !== undefined) {
      const isSpent = socket.sent >= mostSent || now - socket.openedAt >= mostAge;
      if (!isSpent || (socket.pending > 0 && this.#spent.size >= mostSpent)) return socket;
      this.#replace(socket, undefined);
      if (socket.pending === 0) socket.close();
      else this.#spent.add(socket);
    }
    const { onMessage } = this.#events;
    const fresh = new NameSocket(this.#server, { onMessage, onError: (failed) => this.#lose(failed) }, now);
    this.#sockets[place] = fresh;
    return fresh;
  }

  #lose(socket: NameSocket): void {
    const other = [...this.#sockets, ...this.#spent].find((one) => one?.isConnected === true);
    if (socket.isConnected || other === undefined) {
      this.close();
      this.#events.onError();
      return;
    }
    // No descriptor is left, but a socket that is there will do.
    this.#spent.delete(socket);
    this.#spent.delete(other);
    this.#replace(socket, other);
    this.#events.onLost(socket);
  }

  #replace(socket: NameSocket, by: NameSocket | undefined): void {
    for (const [place, one] of this.#sockets.entries()) if (one === socket) this.#sockets[place] = by;
  }
}
