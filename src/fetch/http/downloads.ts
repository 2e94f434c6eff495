import type { Connect, ConnectOptions } from '../connect/shape.ts';
import { noRow } from '../messages.ts';
import type { EngineRequest } from '../messages.ts';
import { bytesOf } from '../request/request.ts';
import { Turns } from '../../shared/turns.ts';
import { Connection, targetOf } from './connection.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeOwner } from './exchange.ts';

export interface DownloadOptions {
  readonly connect: Connect;
  /** The proxy that forwards requests to a target; null: none. */
  readonly proxyFor: ConnectOptions['proxyFor'];
  readonly userAgent: string;
  /** Downloads from one host at once; the others wait. */
  readonly perHost: number;
  /** Milliseconds for one download, including its wait for a turn. */
  readonly timeout: number;
  /** Bytes that a file may have. */
  readonly largest: number;
  readonly onBug: (error: Error) => void;
}

/** Hosts whose turns are remembered. With more, all are forgotten, and `perHost` may be exceeded once. */
const mostHosts = 1000;

/** Gets small files that no row has asked for, each over a connection of its own. Redirects are not followed. */
export class Downloads implements ExchangeOwner {
  readonly keepBody = true;
  readonly largeBodies = null;
  readonly traces = false;
  readonly onBug: (error: Error) => void;
  readonly #options: DownloadOptions;
  readonly #running = new Map<Exchange, (content: Buffer | null) => void>();
  readonly #turns = new Map<string, Turns>();
  #closed = false;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.onBug = options.onBug;
  }

  /**
   * Gets the file of a URL.
   *
   * @param denyPrivate whether it may only come from a public address, or from one that the user has chosen
   * @returns null when it cannot be had: no status 200, a content coding, too large, too slow, or all is closed
   */
  async get(url: URL, denyPrivate: boolean): Promise<Buffer | null> {
    const { perHost, timeout } = this.#options;
    const until = performance.now() + timeout;
    const turns = this.#turns.get(url.host) ?? new Turns(perHost);
    if (this.#turns.size >= mostHosts) this.#turns.clear();
    this.#turns.set(url.host, turns);
    return turns.take(async () => this.#download(url, denyPrivate, until - performance.now()));
  }

  /** Ends all that runs; nothing begins any more. */
  close(): void {
    this.#closed = true;
    for (const exchange of this.#running.keys()) exchange.stop('cancelled', '');
  }

  async #download(url: URL, denyPrivate: boolean, timeout: number): Promise<Buffer | null> {
    if (this.#closed || timeout <= 0) return null;
    const { connect, proxyFor } = this.#options;
    const connection = new Connection(targetOf(url.origin, []), connect, proxyFor(url), false);
    const exchange = new Exchange(this.#request(url, denyPrivate), connection, this);
    return new Promise((resolve) => {
      this.#running.set(exchange, resolve);
      exchange.timer = setTimeout(() => exchange.stop('timeout', ''), timeout);
      connection.allow(denyPrivate);
      exchange.dispatch();
    });
  }

  /** Never the case: no connection is used twice. */
  readonly onStale = (exchange: Exchange): void => this.onEnd(exchange);

  readonly onUnknown = (): void => {};

  readonly onEnd = (exchange: Exchange): void => {
    if (exchange.timer !== null) clearTimeout(exchange.timer);
    exchange.connection.destroy();
    const isWhole = exchange.error === null && exchange.status === 200 && exchange.codings.length === 0;
    this.#running.get(exchange)?.(isWhole ? Buffer.concat(exchange.chunks) : null);
    this.#running.delete(exchange);
  };

  #request(url: URL, denyPrivate: boolean): EngineRequest {
    const { userAgent, timeout, largest } = this.#options;
    return {
      id: -1,
      origin: url.origin,
      path: url.pathname + url.search,
      url: url.href,
      secrets: null,
      method: 'GET',
      headers: ['user-agent', bytesOf(userAgent), 'accept', '*/*'],
      body: null,
      timeout,
      maxBody: largest,
      follow: false,
      followMeta: false,
      hasMore: false,
      denyPrivate,
      wantsHop: false,
      wantsBody: true,
      compared: null,
      conditional: false,
      row: noRow,
    };
  }
}
