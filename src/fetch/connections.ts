import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

import type { Client as UndiciClient } from 'undici';

import type { Connect } from './connect.ts';

// The client alone loads in a third of the time that the whole of undici takes (fetch, WebSocket, caches, …).
const Client = createRequire(import.meta.url)('undici/lib/dispatcher/client.js') as typeof UndiciClient;

/** undici's client of one connection, and the socket behind it. */
export class Connection {
  readonly client: UndiciClient;
  readonly origin: string;
  /** How many exchanges ended well on it. */
  uses = 0;
  idle = false;
  /** What its socket failed with. */
  failure: Error | null = null;
  /** Its neighbours in the list of idle connections. */
  older: Connection | null = null;
  newer: Connection | null = null;
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
        this.failure = null;
        this.#socket = connect(target, callback as Parameters<Connect>[1]);
        // Before undici's own listener, which may make a good end of it.
        this.#socket.on('error', (error) => (this.failure = error));
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
 * The connections of all origins. At most `mostIdle` of them wait for another request; the one that has waited
 * longest is closed first, so a list of a million hosts leaves nothing behind.
 */
export class Connections {
  readonly #connect: Connect;
  readonly #mostIdle: number;
  /** The idle connections of each origin; the one used last is taken first. */
  readonly #origins = new Map<string, Connection[]>();
  #idle = 0;
  /** All idle connections as a list, the one that has waited longest first. */
  #oldest: Connection | null = null;
  #newest: Connection | null = null;

  constructor(connect: Connect, mostIdle: number) {
    this.#connect = connect;
    this.#mostIdle = mostIdle;
  }

  /** An idle connection to the origin, the one used last, or a new one. */
  take(origin: string): Connection {
    const connection = this.#origins.get(origin)?.pop();
    if (connection === undefined) return this.open(origin);
    this.#unlink(connection);
    return connection;
  }

  open(origin: string): Connection {
    const connection = new Connection(origin, this.#connect);
    // While idle: the server or undici's idle timer closed it.
    connection.client.on('disconnect', () => {
      if (connection.idle) this.#close(connection);
    });
    return connection;
  }

  /** Takes a connection back whose exchange has ended well. */
  giveBack(connection: Connection): void {
    connection.uses++;
    const idle = this.#origins.get(connection.origin);
    if (idle === undefined) this.#origins.set(connection.origin, [connection]);
    else idle.push(connection);
    connection.idle = true;
    connection.older = this.#newest;
    if (this.#newest === null) this.#oldest = connection;
    else this.#newest.newer = connection;
    this.#newest = connection;
    this.#idle++;
    if (this.#idle > this.#mostIdle && this.#oldest !== null) this.#close(this.#oldest);
  }

  /** Ends a connection that is not idle: its exchange has failed or left something unread. */
  drop(connection: Connection): void {
    this.#forget(connection.origin);
    connection.destroy(new Error('dropped'));
  }

  /** Closes what is idle. */
  close(): void {
    while (this.#oldest !== null) this.#close(this.#oldest);
  }

  /** Ends an idle connection. */
  #close(connection: Connection): void {
    this.#unlink(connection);
    const idle = this.#origins.get(connection.origin);
    idle?.splice(idle.indexOf(connection), 1);
    this.#forget(connection.origin);
    connection.destroy(new Error('idle'));
  }

  /** Once an origin has no idle connection, nothing is kept of it. */
  #forget(origin: string): void {
    if (this.#origins.get(origin)?.length === 0) this.#origins.delete(origin);
  }

  #unlink(connection: Connection): void {
    const { older, newer } = connection;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    connection.older = null;
    connection.newer = null;
    connection.idle = false;
    this.#idle--;
  }
}
