import { randomInt } from 'node:crypto';

import type { NameServerAddress } from '../../options/checks.ts';
import { NameSocket } from './socket.ts';

export interface NameSocketsEvents {
  readonly onMessage: (message: Buffer, socket: NameSocket) => void;
  /** The socket could not be opened, and another one replaces it. Its questions must be sent again. */
  readonly onLost: (socket: NameSocket) => void;
  /** Nothing listens at the server, or the system has no socket at all. All questions may be lost. */
  readonly onError: () => void;
}

/** Sockets per server. Each question is sent over one of them, chosen at random. */
const width = 8;

/** Questions, and milliseconds, after which a socket is replaced. */
const mostSent = 100;
const mostAge = 10_000;

/** Replaced sockets that still wait for answers, at most. With as many, a socket that waits is not replaced. */
const mostSpent = 24;

/**
 * The UDP sockets for questions to one name server, opened on demand. Their ports change often, as a forger must guess the
 * port too (RFC 5452, section 9.2). A new port for each question would cost a socket for each.
 */
export class NameSockets {
  readonly #server: NameServerAddress;
  readonly #events: NameSocketsEvents;
  readonly #sockets: (NameSocket | undefined)[] = [];
  /** Replaced sockets that still wait for answers. */
  readonly #spent = new Set<NameSocket>();

  constructor(server: NameServerAddress, events: NameSocketsEvents) {
    this.#server = server;
    this.#events = events;
  }

  /** @returns the socket to which the answer must come. To be passed to `release` when it is not needed any more */
  send(message: Buffer): NameSocket {
    const socket = this.#choose();
    socket.send(message);
    return socket;
  }

  release(socket: NameSocket): void {
    socket.pending--;
    if (socket.pending === 0 && this.#spent.delete(socket)) socket.close();
  }

  /** Closes all sockets. A later question opens new ones. */
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
    // The system has no descriptor left, so an open socket takes over.
    this.#spent.delete(socket);
    this.#spent.delete(other);
    this.#replace(socket, other);
    this.#events.onLost(socket);
  }

  #replace(socket: NameSocket, by: NameSocket | undefined): void {
    for (const [place, one] of this.#sockets.entries()) if (one === socket) this.#sockets[place] = by;
  }
}
