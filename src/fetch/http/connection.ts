import { isIP } from 'node:net';
import type { Socket } from 'node:net';

import type { Dial } from '../connect/dial.ts';
import type { Proxy } from '../connect/proxy.ts';
import { takeReads } from '../connect/reads.ts';
import { ConnectError } from '../connect/shape.ts';
import type { Connect, ConnectTarget, Connected } from '../connect/shape.ts';
import type { EngineRequest } from '../messages.ts';
import type { IdleList } from './idle-list.ts';
import { hearLastWords } from './last-words.ts';
import { ReplyReader } from './reply-reader.ts';
import type { ReplyTaker } from './reply-reader.ts';
import { givenHost, requestHead } from './request-head.ts';

/** Bytes that may still be unsent when a connection is used again: the system has room for that many. */
const mostUnsent = 64 * 1024;

/** A request and who gets its reply. */
export interface Sender extends ReplyTaker {
  readonly request: EngineRequest;
  /** Called when the connection is open, right before the request is written. False: it must not be written. */
  readonly onConnect: () => boolean;
}

/** What connections to one server share. */
export interface ConnectionTarget {
  /** What makes connections to it interchangeable: the origin, and the host that its certificate must be for. */
  readonly key: string;
  readonly target: ConnectTarget;
  /** Value of the Host header, unless a request has its own. */
  readonly host: string;
}

/**
 * Where a request is sent. If its Host header names another host than its URL, the certificate must be for
 * that.
 */
export function targetOf(origin: string, headers: readonly string[]): ConnectionTarget {
  const { protocol, hostname, port, host } = new URL(origin);
  const servername = protocol === 'https:' ? serverName(givenHost(headers)) : null;
  const key = keyOf(origin, headers);
  return { key, target: { protocol, hostname, port, servername }, host };
}

export function keyOf(origin: string, headers: readonly string[]): string {
  const given = origin.startsWith('https:') ? givenHost(headers) : null;
  return given === null ? origin : `${origin} ${given}`;
}

/** @param host value of a Host header */
function serverName(host: string | null): string | null {
  const name = host?.replace(/:\d*$/, '') ?? '';
  return name === '' || name.startsWith('[') || isIP(name) !== 0 ? null : name;
}

/** One connection to a server, opened by its first request. It carries one request at a time. */
export class Connection {
  readonly key: string;
  /** How many exchanges ended well on it. */
  uses = 0;
  /** Where it waits for its next exchange, since when and until when (`performance.now`). */
  idleIn: IdleList<Connection> | null = null;
  idleSince = 0;
  idleUntil = 0;
  /** Its neighbours in the list of idle connections. */
  older: Connection | null = null;
  newer: Connection | null = null;
  /** Its socket and how it was made; null until it is open. */
  connected: Connected | null = null;
  isClosed = false;
  /** The proxy that forwards its requests, which are plain http; null: none. */
  readonly proxy: Proxy | null;
  /** Called when it ends while no request is on it. */
  onGone: () => void = ignore;
  readonly #to: ConnectionTarget;
  readonly #connect: Connect;
  readonly #reader: ReplyReader;
  #denyPrivate = false;
  #dial: Dial | null = null;
  /** Whether a body was sent, so that `hearLastWords` watches the socket (never over TLS). */
  #hears = false;
  /** Whether sending a body has failed. */
  #isBroken = false;
  /** The sender whose request is written next; null: none waits. */
  #next: Sender | null = null;

  constructor(to: ConnectionTarget, connect: Connect, proxy: Proxy | null, isStrict: boolean) {
    this.key = to.key;
    this.proxy = proxy;
    this.#to = to;
    this.#connect = connect;
    this.#reader = new ReplyReader(isStrict);
  }

  /**
   * Sets whether the next request needs a public address.
   *
   * @returns false when it does, and the open connection leads to an address that is not public
   */
  allow(denyPrivate: boolean): boolean {
    this.#denyPrivate = denyPrivate;
    return !denyPrivate || this.connected === null || this.isPublic;
  }

  /** Whether it leads to a public address, or to one that the user has named. */
  get isPublic(): boolean {
    return this.connected?.isPublic ?? false;
  }

  /** Whether bytes of the last reply have come. */
  get hasAnswered(): boolean {
    return this.#reader.hasBegun;
  }

  /** Whether it can carry another request, once a reply is whole. */
  get isReusable(): boolean {
    return this.#reader.isReusable && !this.isClosed && !this.#isBroken && !this.#isSending;
  }

  /** Milliseconds for which the server keeps it without a request. */
  get keptFor(): number {
    return this.#reader.keptFor;
  }

  /** Whether much of a request is unsent though its reply has come. Over TLS Node says late what has been sent. */
  get #isSending(): boolean {
    return (this.connected?.socket.writableLength ?? 0) > mostUnsent;
  }

  send(sender: Sender): void {
    if (this.connected !== null) {
      this.#next = sender;
      return afterReads(this);
    }
    this.#dial = this.#connect(this.#to.target, this.#denyPrivate, (error, connected) => {
      this.#dial = null;
      this.connected = connected;
      if (connected === null) return sender.onFault(error ?? new Error('not connected'));
      this.#listen(connected.socket);
      return this.#write(sender, connected.socket);
    });
    return undefined;
  }

  /** Writes the request that it was given. */
  writeNext(): void {
    const sender = this.#next;
    this.#next = null;
    if (sender !== null && this.connected !== null) this.#write(sender, this.connected.socket);
  }

  /** Ends it at once, whatever it is doing. */
  destroy(): void {
    this.isClosed = true;
    this.#next = null;
    this.#reader.stop();
    this.#dial?.destroy();
    this.connected?.socket.destroy();
  }

  #listen(socket: Socket): void {
    let failure: Error | null = null;
    const read = (piece: Buffer): void => {
      if (!this.#reader.read(piece)) this.#gone();
    };
    const end = (): void => {
      if (!this.#reader.end()) this.#gone();
    };
    // While a request runs its deadline keeps the process alive. A connection that waits for another one must not.
    socket.unref();
    socket.on('data', read);
    // From here on only TLS sockets emit 'data', apart from what is in the stream already.
    takeReads(socket, read);
    socket.on('end', end);
    socket.on('error', (error) => {
      failure = error;
      // Node leaves the socket open after a TLS error. Data that came before the error is read first.
      setImmediate(() => socket.destroy());
    });
    socket.on('close', () => {
      if (failure === null) end();
      else if (!this.#reader.fail(failure)) this.#gone();
    });
  }

  #write(sender: Sender, socket: Socket): void {
    if (!sender.onConnect()) return;
    const { request } = sender;
    this.#reader.begin(sender, request.method);
    const head = requestHead(request, this.#to.host, this.proxy);
    if (request.body === null || request.body.length === 0) {
      socket.write(head, 'latin1');
      return;
    }
    if (!this.#hears && !('encrypted' in socket)) hearLastWords(socket, () => (this.#isBroken = true));
    this.#hears = true;
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(request.body);
    socket.uncork();
  }

  /** It has ended without a request on it. */
  #gone(): void {
    const sender = this.#next;
    this.#next = null;
    if (sender !== null) sender.onFault(new ConnectError('http-closed', 'the server closed the connection'));
    else if (!this.isClosed) this.onGone();
  }
}

const ignore = (): void => {};

/** Connections whose request is written in the second turn of the event loop from now, and in the next one. */
let coming: Connection[] = [];
let due: Connection[] = [];
let isTurning = false;

/**
 * Delays the request on a connection that has served others until the event loop has read once more what has
 * come: many servers close a connection after a reply without announcing it, or send more than they announced.
 */
function afterReads(connection: Connection): void {
  coming.push(connection);
  if (!isTurning) setImmediate(turn);
  isTurning = true;
}

function turn(): void {
  const now = due;
  due = coming;
  coming = [];
  isTurning = due.length > 0;
  if (isTurning) setImmediate(turn);
  for (const connection of now) connection.writeNext();
}
