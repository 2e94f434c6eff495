import net from 'node:net';
import type { Socket } from 'node:net';
import tls, { TLSSocket } from 'node:tls';
import type { PeerCertificate, SecureContext } from 'node:tls';

export interface TlsClientOptions {
  readonly insecure: boolean;
  /** Certificates to trust (PEM) instead of Node's own. */
  readonly ca: string | null;
  /** The client's own certificate with its chain, and its key (PEM). */
  readonly cert: string | null;
  readonly key: string | null;
}

/** TLS sessions that are kept at most; the oldest are dropped first. */
const mostSessions = 1000;

/** Makes all TLS connections of a run. They share one context and the sessions of earlier connections. */
export class TlsClient {
  readonly #insecure: boolean;
  readonly #context: () => SecureContext;
  /** By host. Resuming a session saves most of the CPU time of a handshake. */
  readonly #sessions = new Map<string, Buffer>();

  constructor({ insecure, ca, cert, key }: TlsClientOptions) {
    this.#insecure = insecure;
    let context: SecureContext | null = null;
    // Made on first use: it takes as long as many handshakes, and a list may have no https URLs.
    this.#context = () =>
      (context ??= tls.createSecureContext({
        ...(ca !== null && { ca }),
        ...(cert !== null && { cert }),
        ...(key !== null && { key }),
      }));
  }

  /**
   * Begins a handshake on a connected socket.
   *
   * @param name sent as SNI without a dot at its end (RFC 6066, section 3), unless it is an address
   * @param host that the certificate must be for if `name` is an address
   */
  connect(socket: Socket, name: string, host: string): TLSSocket {
    const servername = net.isIP(plainHost(name)) === 0 ? plainHost(name) : '';
    const wanted = servername === '' ? plainHost(host) : servername;
    const session = this.#sessions.get(wanted);
    const secure = tls.connect({
      socket,
      servername,
      secureContext: this.#context(),
      rejectUnauthorized: !this.#insecure,
      ALPNProtocols: ['http/1.1'],
      ...(session !== undefined && { session }),
      // The certificate must be for this host, even if the connection leads elsewhere.
      checkServerIdentity: (_, certificate) => identityFault(wanted, certificate),
    });
    // Node asks for all of the chain when the handshake ends, and looks at the names of the first certificate only. Objects
    // of the others would take a quarter of the CPU time of a list of many hosts.
    const { prototype } = TLSSocket;
    Object.assign(secure, { getPeerCertificate: () => prototype.getPeerCertificate.call(secure, false) });
    secure.on('session', (ticket) => this.#remember(wanted, ticket));
    return secure;
  }

  #remember(host: string, session: Buffer): void {
    this.#sessions.delete(host);
    this.#sessions.set(host, session);
    if (this.#sessions.size <= mostSessions) return;
    const [oldest = ''] = this.#sessions.keys();
    this.#sessions.delete(oldest);
  }
}

/** The host without the brackets of an IPv6 address, and without a dot at its end. */
function plainHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** Returns all errors, as Node throws one, which nobody could catch, if it cannot read the names of a certificate. */
function identityFault(host: string, certificate: PeerCertificate): Error | undefined {
  try {
    return tls.checkServerIdentity(host, certificate);
  } catch (error) {
    return error as Error;
  }
}
