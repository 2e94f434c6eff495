import type { Connect, ConnectOptions } from '../connect/shape.ts';
import { Connection, keyOf, targetOf } from './connection.ts';
import { IdleList } from './idle-list.ts';

/** Milliseconds for which a connection is kept without a request. */
const longestIdle = 4000;

/**
 * Milliseconds by which we close an idle connection before its server would. If the server keeps it for less
 * than 4 s, we close it after half of that time.
 */
const margin = 2000;

/**
 * Milliseconds after which an idle connection is not used for a request that may not be sent twice: many servers
 * close one after a second or more without announcing it, and a request on its way then is lost.
 */
const longestIdleOfOnce = 500;

/** Milliseconds between two searches for connections that have been idle for too long. */
const sweepEvery = 1000;

/**
 * The connections of all origins. At most `mostIdle` of them stay open without a request; besides, a 32nd as
 * many of those that served one request, with no other request of their host in sight. The one that has waited
 * longest is closed first, so a list of a million hosts leaves nothing behind.
 */
export class Connections {
  readonly #connect: Connect;
  /** The proxy that forwards requests to a target; null: none. */
  readonly #proxyFor: ConnectOptions['proxyFor'];
  readonly #isStrict: boolean;
  /** The idle connections of each key; the one used last is taken first. */
  readonly #byKey = new Map<string, Connection[]>();
  readonly #idle: IdleList<Connection>;
  readonly #idleOnce: IdleList<Connection>;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(connect: Connect, proxyFor: ConnectOptions['proxyFor'], mostIdle: number, isStrict = false) {
    this.#connect = connect;
    this.#isStrict = isStrict;
    this.#proxyFor = proxyFor;
    this.#idle = new IdleList(mostIdle);
    this.#idleOnce = new IdleList(Math.ceil(mostIdle / 32));
  }

  /**
   * An idle connection for such a request, the one used last, or a new one.
   *
   * @param isRepeatable whether the request may be sent again when the connection turns out to be dead
   */
  take(origin: string, headers: readonly string[], isRepeatable = true): Connection {
    const idle = this.#byKey.get(keyOf(origin, headers)) ?? [];
    const idleSince = idle.at(-1)?.idleSince ?? 0;
    if (!isRepeatable && performance.now() - idleSince > longestIdleOfOnce) return this.open(origin, headers);
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      this.#leave(last);
      if (last.idleUntil > performance.now()) return last;
      last.destroy();
    }
    return this.open(origin, headers);
  }

  open(origin: string, headers: readonly string[]): Connection {
    const to = targetOf(origin, headers);
    const connection = new Connection(to, this.#connect, this.#proxyFor(to.target), this.#isStrict);
    connection.onGone = () => {
      if (connection.idleIn !== null) this.#close(connection);
    };
    return connection;
  }

  /**
   * Takes a connection back whose exchange has ended well.
   *
   * @param isWanted whether another request to its host was waiting
   */
  giveBack(connection: Connection, isWanted: boolean): void {
    const { keptFor } = connection;
    const idleFor = Math.min(longestIdle, Math.max(keptFor - margin, keptFor / 2));
    if (idleFor <= 0) return this.drop(connection);
    connection.uses++;
    connection.idleSince = performance.now();
    connection.idleUntil = connection.idleSince + idleFor;
    const idle = this.#byKey.get(connection.key);
    if (idle === undefined) this.#byKey.set(connection.key, [connection]);
    else idle.push(connection);
    const list = connection.uses > 1 || isWanted ? this.#idle : this.#idleOnce;
    connection.idleIn = list;
    list.push(connection);
    if (list.isOver && list.oldest !== null) this.#close(list.oldest);
    this.#sweeping ??= setTimeout(this.#sweep, sweepEvery).unref();
    return undefined;
  }

  /** Ends a connection in use: its exchange has failed, or left data unread. */
  drop(connection: Connection): void {
    this.#forget(connection.key);
    connection.destroy();
  }

  /** Closes all idle connections: the system has no more sockets, or the run has ended. */
  close(): void {
    for (const list of [this.#idle, this.#idleOnce]) while (list.oldest !== null) this.#close(list.oldest);
    clearTimeout(this.#sweeping);
    this.#sweeping = undefined;
  }

  readonly #sweep = (): void => {
    const now = performance.now();
    for (const list of [this.#idle, this.#idleOnce]) {
      for (let idle = list.oldest; idle !== null;) {
        const { newer } = idle;
        if (idle.idleUntil <= now) this.#close(idle);
        idle = newer;
      }
    }
    const isEmpty = this.#idle.oldest === null && this.#idleOnce.oldest === null;
    this.#sweeping = isEmpty ? undefined : setTimeout(this.#sweep, sweepEvery).unref();
  };

  /** Ends an idle connection. */
  #close(connection: Connection): void {
    this.#leave(connection);
    const idle = this.#byKey.get(connection.key);
    idle?.splice(idle.indexOf(connection), 1);
    this.#forget(connection.key);
    connection.destroy();
  }

  /** Forgets a key without idle connections. */
  #forget(key: string): void {
    if (this.#byKey.get(key)?.length === 0) this.#byKey.delete(key);
  }

  #leave(connection: Connection): void {
    connection.idleIn?.remove(connection);
    connection.idleIn = null;
  }
}
