import net from 'node:net';
import type { Socket } from 'node:net';

import { destination, mayBePublic } from './destination.ts';
import { dial } from './dial.ts';
import type { Dial } from './dial.ts';
import type { Address } from '../names/outcome.ts';
import type { Proxy } from './proxy.ts';
import { isPublic } from './public-address.ts';
import { ConnectError, HandshakeError, ProxyLoginError } from './shape.ts';
import type { Connect, ConnectCallback, ConnectOptions, ConnectTarget } from './shape.ts';
import { openSocks } from './socks.ts';
import type { Handshake } from './tls-client.ts';
import { ProxyError, openTunnel } from './tunnel.ts';

export function connector(options: ConnectOptions): Connect {
  return (target, denyPrivate, callback) => {
    const attempt = new Attempt(options, target, denyPrivate, callback);
    attempt.begin();
    return attempt;
  };
}

/** How often at most a connection is made anew with roots or issuers that its handshake had lacked. */
const mostCompletions = 2;

/** Makes one connection: DNS, TCP, the proxy's tunnel and TLS, all within `connectTimeout`. */
class Attempt implements Dial {
  readonly #options: ConnectOptions;
  readonly #target: ConnectTarget;
  readonly #denyPrivate: boolean;
  readonly #callback: ConnectCallback;
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #step: 'name' | 'tcp' | 'tunnel' | 'tls' = 'name';
  #onError = this.#errorListener();
  /** Connects again to the addresses that were found. */
  #redial: () => void = () => {};
  #completions = 0;
  /** The error of the last handshake while the certificates that it lacked are looked for; else null. */
  #lacking: Error | null = null;
  /** Whether the target is public; null when that depends on the address that is connected to. */
  #isPublic: boolean | null = null;
  /** Whether a `--connect-to` rule changes host or port. Through a proxy this takes a tunnel. */
  #isRerouted = false;
  #settled = false;
  #dial: Dial | null = null;
  #socket: Socket | null = null;
  #isProxied = false;
  /** The last handshake with the target; those with a proxy do not count. */
  #handshaken: Handshake | null = null;
  #address = '';
  #dnsMs: number | null = null;
  #connectMs = 0;

  constructor(
    options: ConnectOptions,
    target: ConnectTarget,
    denyPrivate: boolean,
    callback: ConnectCallback,
  ) {
    this.#options = options;
    this.#target = target;
    this.#denyPrivate = denyPrivate;
    this.#callback = callback;
    this.#timer = setTimeout(() => this.#onTimeout(), options.connectTimeout);
  }

  begin(): void {
    const { rules, proxyFor } = this.#options;
    const target = this.#target;
    const { host, port, isChosen, isRerouted } = destination(target, rules);
    const proxy = proxyFor(target);
    this.#isRerouted = isRerouted;
    if (isChosen) this.#isPublic = true;
    if (proxy?.socks?.resolves === false && net.isIP(host) === 0) {
      return this.#resolve(this.#lookup(host), ([first]) => {
        this.#dnsMs = this.#elapsed();
        this.#begin(first?.address ?? host, port, proxy);
      });
    }
    return this.#begin(host, port, proxy);
  }

  #begin(host: string, port: number, proxy: Proxy | null): void {
    this.#isProxied = proxy !== null;
    if (proxy !== null) this.#isPublic ??= mayBePublic(host);
    if (this.#isPublic === false && this.#denyPrivate) return this.#deny(host);
    const next = proxy === null ? { host, port } : proxy;
    const family = net.isIP(next.host);
    const literal = { address: next.host, family: family === 6 ? 6 : 4 } as const;
    return this.#resolve(family === 0 ? this.#lookup(next.host) : [literal], (addresses) => {
      if (family === 0) this.#dnsMs ??= this.#elapsed();
      this.#redial = () => {
        this.#onError = this.#errorListener();
        this.#handshaken = null;
        this.#open(addresses, next.port, (socket) => {
          if (proxy === null) this.#secure(socket);
          else this.#throughProxy(socket, proxy, host, port);
        });
      };
      this.#redial();
    });
  }

  destroy(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#dial?.destroy();
    this.#socket?.destroy();
  }

  #lookup(name: string): readonly Address[] | Promise<readonly Address[]> {
    try {
      return this.#options.names.lookup(name);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #resolve(
    found: readonly Address[] | Promise<readonly Address[]>,
    then: (addresses: readonly Address[]) => void,
  ): void {
    if (!(found instanceof Promise)) return then(found);
    const proceed = (addresses: readonly Address[]): void => {
      if (!this.#settled) then(addresses);
    };
    found.then(proceed, (error: Error) => this.#fail(error));
    return undefined;
  }

  #open(addresses: readonly Address[], port: number, then: (socket: Socket) => void): void {
    const denies = this.#denyPrivate && this.#isPublic === null;
    const allowed = denies ? addresses.filter(({ address }) => isPublic(address)) : addresses;
    const [first] = addresses;
    if (allowed.length === 0) return this.#deny(first?.address ?? '');
    this.#step = 'tcp';
    const from = performance.now();
    this.#dial = dial(allowed, port, (error, socket, address) => {
      this.#dial = null;
      if (socket === null) return this.#fail(error ?? new Error('not connected'));
      this.#address = address;
      this.#connectMs = performance.now() - from;
      this.#socket = socket;
      socket.on('error', this.#onError);
      return then(socket);
    });
    return undefined;
  }

  /**
   * Requests for http go to an HTTP proxy itself; https, rerouted ones and all over SOCKS go through a
   * tunnel.
   */
  #throughProxy(socket: Socket, proxy: Proxy, host: string, port: number): void {
    const tunnel = (to: Socket): void => {
      const isTunnelled = this.#target.protocol === 'https:' || this.#isRerouted || proxy.socks !== null;
      if (!isTunnelled) return this.#done(to, null);
      this.#step = 'tunnel';
      const open = (error: Error | null): void => {
        if (error === null) this.#secure(to);
        else this.#fail(error instanceof ProxyError ? proxyFailure(error, proxy) : error);
      };
      if (proxy.socks === null) openTunnel(to, { host, port }, proxy.authorization, open);
      else openSocks(to, { host, port }, proxy.socks, this.#options.connectTimeout, open);
      return undefined;
    };
    if (proxy.secure) this.#handshake(socket, proxy.host, proxy.host, tunnel);
    else tunnel(socket);
  }

  #secure(socket: Socket): void {
    const { hostname, protocol, servername } = this.#target;
    if (protocol !== 'https:') return this.#done(socket, null);
    const from = performance.now();
    this.#handshaken = this.#handshake(socket, servername ?? hostname, hostname, (secure) =>
      this.#done(secure, performance.now() - from),
    );
    return undefined;
  }

  #handshake(socket: Socket, name: string, host: string, then: (secure: Socket) => void): Handshake | null {
    this.#step = 'tls';
    let handshake: Handshake;
    try {
      handshake = this.#options.tls.connect(socket, name, host);
    } catch (error) {
      // Node throws for some names, which may come from a redirect. That is the row's failure and not a bug.
      this.#fail(error as Error);
      return null;
    }
    const secure = handshake.socket;
    const failed = (error: Error): void => this.#complete(handshake, error);
    this.#socket = secure;
    secure.on('error', failed);
    secure.once('secureConnect', () => {
      secure.off('error', failed).on('error', this.#onError);
      if (!this.#settled) then(secure);
    });
    return handshake;
  }

  /** A handshake has failed: another one follows if certificates are found that it lacked. */
  #complete(handshake: Handshake, error: Error): void {
    if (this.#settled) return;
    if (handshake.chain.length === 0 || this.#completions++ === mostCompletions) return this.#fail(error);
    this.#lacking = error;
    this.#onError = this.#errorListener();
    this.#findIssuers(handshake, error).catch(this.#options.onBug);
  }

  async #findIssuers(handshake: Handshake, error: Error): Promise<void> {
    const isFromPublic = this.#isPublic ?? isPublic(this.#address);
    const isFound = await this.#options.tls.complete(handshake, isFromPublic);
    if (this.#settled) return;
    this.#lacking = null;
    if (isFound) this.#redial();
    else this.#fail(error);
  }

  #done(socket: Socket, tlsMs: number | null): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    socket.off('error', this.#onError);
    this.#callback(null, {
      socket,
      address: this.#address,
      isProxied: this.#isProxied,
      isPublic: this.#isPublic ?? isPublic(this.#address),
      dnsMs: this.#dnsMs,
      connectMs: this.#connectMs,
      tlsMs,
      peer: this.#handshaken?.peer ?? null,
    });
  }

  /** Makes a listener for errors of sockets. Once another one takes its place, it ignores them. */
  #errorListener(): (error: Error) => void {
    const onError = (error: Error): void => {
      if (this.#onError === onError) this.#fail(error);
    };
    return onError;
  }

  #fail(error: Error): void {
    if (this.#settled) return;
    this.destroy();
    const isPlain = this.#step !== 'tls' || error instanceof ConnectError;
    this.#callback(isPlain ? error : new HandshakeError(error, this.#handshaken?.peer), null);
  }

  #deny(address: string): void {
    const error = new ConnectError('address-denied', `${address} is not a public address`);
    // Asynchronously, as all other failures: the callback must not run before `begin` has returned.
    queueMicrotask(() => this.#fail(error));
  }

  #onTimeout(): void {
    if (this.#lacking !== null) return this.#fail(this.#lacking);
    const { connectTimeout } = this.#options;
    const words = {
      name: 'no answer from DNS',
      tcp: 'no connection',
      tunnel: 'no answer from the proxy',
      tls: 'no end of the TLS handshake',
    };
    const code = this.#step === 'name' ? 'dns-timeout' : 'connect-timeout';
    this.#fail(new ConnectError(code, `${words[this.#step]} within ${connectTimeout} ms`));
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt;
  }
}

/** The failure for a proxy's status: below 500 it refuses, from 500 on it could not connect. */
function proxyFailure({ status, message }: ProxyError, { name }: Proxy): ConnectError {
  if (status === 407)
    return new ProxyLoginError(`${message} (${name}): it wants a user and a password that are right`);
  const code = status === null ? 'connect-reset' : status < 500 ? 'connect-refused' : 'connect-unreachable';
  return new ConnectError(code, `${message} (${name})`);
}
