import type { Socket } from 'node:net';

import { Client } from 'undici';

import type { Connect } from './connect.ts';

/** undici's client of one connection, and the socket behind it. */
export class Connection {
  readonly client: Client;
  readonly origin: string;
  /** How many exchanges ended well on it. */
  uses = 0;
  #socket: Socket | null = null;

  constructor(origin: string, connect: Connect) {
    this.origin = origin;
    this.client = new Client(origin, {
      pipelining: 1,
      // undici's own timers tick twice a second; every exchange has one deadline of its own instead.
      headersTimeout: 0,
      bodyTimeout: 0,
      // Both, as a server's Keep-Alive header is obeyed up to the second.
      keepAliveTimeout: idleTimeout,
      keepAliveMaxTimeout: idleTimeout,
      maxHeaderSize: largestHeaders,
      allowH2: false,
      connect: (target, callback) => {
        this.#socket = connect(target, callback as Parameters<Connect>[1]);
      },
    });
  }

  /** Ends it at once, whatever it is doing; what runs on it fails with `error`. */
  destroy(error: Error): void {
    // The promise tells when the socket has closed, which nobody waits for.
    void this.client.destroy(error);
    this.#socket?.destroy();
  }
}

const idleTimeout = 4000;
const largestHeaders = 64 * 1024;

/**
 * The connections of all origins. At most `idle` of them wait for another request; the one that has waited longest
 * is closed first, so a list of a million hosts leaves nothing behind.
 */
export class Connections {
  readonly #connect: Connect;
  readonly #mostIdle: number;
  readonly #idleOf = new Map<string, Connection[]>();
  /** In the order in which they became idle. */
  readonly #idle = new Set<Connection>();

  constructor(connect: Connect, mostIdle: number) {
    this.#connect = connect;
    this.#mostIdle = mostIdle;
  }

  /** An idle connection to the origin, the one used last, or a new one. */
  take(origin: string): Connection {
    const connection = this.#idleOf.get(origin)?.pop();
    if (connection === undefined) return this.open(origin);
    this.#idle.delete(connection);
    return connection;
  }

  open(origin: string): Connection {
    const connection = new Connection(origin, this.#connect);
    // While idle: the server or undici's idle timer closed it.
    connection.client.on('disconnect', () => {
      if (this.#idle.has(connection)) this.#remove(connection);
    });
    return connection;
  }

  /** Takes a connection back whose exchange has ended well. */
  giveBack(connection: Connection): void {
    connection.uses++;
    const idle = this.#idleOf.get(connection.origin);
    if (idle === undefined) this.#idleOf.set(connection.origin, [connection]);
    else idle.push(connection);
    this.#idle.add(connection);
    if (this.#idle.size > this.#mostIdle) {
      const [oldest] = this.#idle;
      if (oldest !== undefined) this.#remove(oldest);
    }
  }

  /** Closes what is idle. */
  close(): void {
    for (const connection of this.#idle) this.#remove(connection);
  }

  #remove(connection: Connection): void {
    this.#idle.delete(connection);
    const idle = this.#idleOf.get(connection.origin) ?? [];
    const at = idle.indexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    if (idle.length === 0) this.#idleOf.delete(connection.origin);
    connection.destroy(new Error('idle'));
  }
}
