import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { PeerCertificate, SecureContext, TLSSocket } from 'node:tls';

export interface TlsClientOptions {
  readonly insecure: boolean;
  /** Certificates to trust (PEM) instead of Node's own. */
  readonly ca: string | null;
  /** The client's own certificate with its chain, and its key (PEM). */
  readonly cert: string | null;
  readonly key: string | null;
}

/** Sessions that are kept for hosts that come again; the oldest go first. */
const mostSessions = 1000;

/** What all TLS connections have in common: one context, and the sessions of hosts that were seen before. */
export class TlsClient {
  readonly #insecure: boolean;
  readonly #context: () => SecureContext;
  /** By host. A session saves the handshake its dear part. */
  readonly #sessions = new Map<string, Buffer>();

  /** @throws what OpenSSL says when certificate and key do not fit */
  constructor({ insecure, ca, cert, key }: TlsClientOptions) {
    this.#insecure = insecure;
    const make = (): SecureContext =>
      tls.createSecureContext({
        ...(ca !== null && { ca }),
        ...(cert !== null && { cert }),
        ...(key !== null && { key }),
      });
    let context = cert === null && ca === null ? null : make();
    // Made at the first use: it takes as long as many handshakes, and a list may hold no https at all.
    this.#context = () => (context ??= make());
  }

  /**
   * Begins a handshake on a connected socket.
   *
   * @param name asked for by SNI, unless it is an address; the dot that may end it is left out (RFC 6066, section 3)
   * @param host that the certificate must be for when `name` is an address
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
      // The certificate must be for the host of the URL, whatever it was connected to.
      checkServerIdentity: (_, certificate) => identityFault(wanted, certificate),
    });
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

/** Without the brackets of an IPv6 address, and without the dot that ends a full name. */
function plainHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** Node throws where it cannot read the names of a certificate, and nobody would catch that. */
function identityFault(host: string, certificate: PeerCertificate): Error | undefined {
  try {
    return tls.checkServerIdentity(host, certificate);
  } catch (error) {
    return error as Error;
  }
}
