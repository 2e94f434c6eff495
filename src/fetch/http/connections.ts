import { Socket } from 'node:net';

// The client alone loads in a third of the time that the whole of undici takes (fetch, WebSocket, caches, …).
import Client from 'undici/lib/dispatcher/client.js';

import type { Connect, ConnectOptions, Connected } from '../connect/shape.ts';
import type { Dial } from '../connect/dial.ts';
import { IdleList } from './idle-list.ts';
import { prepareParser, versionRead } from './parser.ts';
import type { Proxy } from '../connect/proxy.ts';

/** undici's client of one connection, and how it came about. */
export class Connection {
  readonly client: Client;
  readonly origin: string;
  /** How many exchanges ended well on it since it was opened. */
  uses = 0;
  /** Where it waits for its next exchange. */
  idleIn: IdleList<Connection> | null = null;
  /** What its socket failed with. */
  failure: Error | null = null;
  /** Its neighbours in the list of idle connections. */
  older: Connection | null = null;
  newer: Connection | null = null;
  /** How it stands; null before. */
  connected: Connected | null = null;
  /** The proxy that plain requests are handed to. */
  readonly proxy: Proxy | null;
  readonly #isStrict: boolean;
  #denyPrivate = false;
  #dial: Dial | null = null;

  constructor(origin: string, connect: Connect, proxy: Proxy | null, isStrict: boolean) {
    this.#isStrict = isStrict;
    this.origin = origin;
    this.proxy = proxy;
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
        const done = callback as (error: Error | null, socket: Socket | null) => void;
        // A client connects again by itself when its server had closed.
        this.failure = null;
        this.connected = null;
        this.uses = 0;
        this.#dial = connect(target, this.#denyPrivate, (error, connected) => {
          this.#dial = null;
          this.connected = connected;
          if (connected !== null) connected.socket.destroy = destroyUntraced;
          // Added before undici's own listener, which may take the error for a regular end.
          connected?.socket.on('error', (failure) => {
            this.failure = failure;
            // Node leaves the socket open after a TLS error, and undici would wait for its end. Data that came before the
            // error is read first.
            setImmediate(() => connected.socket.destroy());
          });
          done(error, connected?.socket ?? null);
        });
      },
    });
  }

  /** Says what the next request needs, before it is dispatched; false when the connection leads where it must not. */
  allow(denyPrivate: boolean): boolean {
    this.#denyPrivate = denyPrivate;
    return !denyPrivate || this.connected === null || this.isPublic;
  }

  /** Whether it leads to a public address, or to one that the user has named. */
  get isPublic(): boolean {
    return this.connected?.isPublic ?? false;
  }

  /** undici has made its parser, and writes a request. */
  prepare(): void {
    prepareParser(this.connected?.socket, this.#isStrict);
  }

  /** HTTP version of the response whose headers were read last; empty before. */
  get httpVersion(): string {
    return versionRead(this.connected?.socket);
  }

  /** Ends it at once, whatever it is doing. */
  destroy(): void {
    // Without a callback it would make a promise, and nobody waits for the end of the socket.
    this.client.destroy(closed, ignore);
    this.#dial?.destroy();
    this.connected?.socket.destroy();
  }
}

/** One error for all: a list of many hosts ends a connection per row, and making a stack trace would cost the most. */
const closed = new Error('the connection is not needed any more');
const ignore = (): void => {};

/**
 * `socket.destroy`, for which Node makes the stack trace of its error, a tenth of what a connection costs. undici ends one
 * with an error of its own whenever a server keeps none.
 */
function destroyUntraced(this: Socket, error?: Error): Socket {
  if (error !== undefined && 'code' in error) error.stack = '';
  return Socket.prototype.destroy.call(this, error);
}

const idleTimeout = 4000;
/** The same as in Chromium. */
const largestHeaders = 256 * 1024;

/**
 * The connections of all origins. At most `mostIdle` of them stay open without a request. Of those that served one
 * request, with no other request of their host in sight, only a 32nd as many stay open. The one that has waited longest
 * is closed first, so a list of a million hosts leaves nothing behind.
 */
export class Connections {
  readonly #connect: Connect;
  /** The proxy that requests are handed to. */
  readonly #proxyFor: ConnectOptions['proxyFor'];
  readonly #isStrict: boolean;
  /** The idle connections of each origin; the one used last is taken first. */
  readonly #origins = new Map<string, Connection[]>();
  readonly #idle: IdleList<Connection>;
  readonly #idleOnce: IdleList<Connection>;

  constructor(connect: Connect, proxyFor: ConnectOptions['proxyFor'], mostIdle: number, isStrict = false) {
    this.#connect = connect;
    this.#isStrict = isStrict;
    this.#proxyFor = proxyFor;
    this.#idle = new IdleList(mostIdle);
    this.#idleOnce = new IdleList(Math.ceil(mostIdle / 32));
  }

  /** An idle connection to the origin, the one used last, or a new one. */
  take(origin: string): Connection {
    const connection = this.#origins.get(origin)?.pop();
    if (connection === undefined) return this.open(origin);
    this.#leave(connection);
    return connection;
  }

  open(origin: string): Connection {
    const { protocol, hostname, port } = new URL(origin);
    const proxy = this.#proxyFor({ protocol, hostname, port });
    const connection = new Connection(origin, this.#connect, proxy, this.#isStrict);
    // While idle: the server or undici's idle timer closed it.
    connection.client.on('disconnect', () => {
      if (connection.idleIn !== null) this.#close(connection);
    });
    return connection;
  }

  /**
   * Takes a connection back whose exchange has ended well.
   *
   * @param isWanted whether another request to its host was waiting
   */
  giveBack(connection: Connection, isWanted: boolean): void {
    connection.uses++;
    const idle = this.#origins.get(connection.origin);
    if (idle === undefined) this.#origins.set(connection.origin, [connection]);
    else idle.push(connection);
    const list = connection.uses > 1 || isWanted ? this.#idle : this.#idleOnce;
    connection.idleIn = list;
    list.push(connection);
    if (list.isOver && list.oldest !== null) this.#close(list.oldest);
  }

  /** Ends a connection in use: its exchange has failed, or left data unread. */
  drop(connection: Connection): void {
    this.#forget(connection.origin);
    connection.destroy();
  }

  /** Closes all idle connections: the system has no more sockets, or the run has ended. */
  close(): void {
    for (const list of [this.#idle, this.#idleOnce]) while (list.oldest !== null) this.#close(list.oldest);
  }

  /** Ends an idle connection. */
  #close(connection: Connection): void {
    this.#leave(connection);
    const idle = this.#origins.get(connection.origin);
    idle?.splice(idle.indexOf(connection), 1);
    this.#forget(connection.origin);
    connection.destroy();
  }

  /** Forgets an origin without idle connections. */
  #forget(origin: string): void {
    if (this.#origins.get(origin)?.length === 0) this.#origins.delete(origin);
  }

  #leave(connection: Connection): void {
    connection.idleIn?.remove(connection);
    connection.idleIn = null;
  }
}
