import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls, { TLSSocket } from 'node:tls';
import type { PeerCertificate, SecureContext } from 'node:tls';

import { errorCode } from '../../shared/errors.ts';
import { isSelfIssued } from './issuing.ts';
import type { MissingIssuers } from './missing-issuers.ts';
import { peerOf } from './peer-certificate.ts';
import type { Peer } from './peer-certificate.ts';
import type { TrustedRoots } from './trusted-roots.ts';

const { prototype } = TLSSocket;

export interface TlsClientOptions {
  readonly insecure: boolean;
  readonly roots: TrustedRoots;
  /** Fetches certificates that a server fails to send; null: nobody does. */
  readonly issuers: MissingIssuers | null;
  /** Whether the certificates of servers are read, for the results. */
  readonly readsPeers: boolean;
  /** The client's own certificate with its chain, and its key (PEM). */
  readonly cert: string | null;
  readonly key: string | null;
}

/** TLS sessions kept at most, and hosts with a context of their own; the oldest are dropped first. */
const mostKept = 1000;

/** Certificates that are fetched at most to complete one chain. Public ones have one or two intermediates. */
const mostFetched = 4;

/** A session that can be resumed, and the certificate shown when it began: a resumed handshake shows none. */
interface Session {
  readonly ticket: Buffer;
  readonly peer: Peer | null;
}

/** A handshake on its way. */
export interface Handshake {
  readonly socket: TLSSocket;
  /** The host that the certificate must be for. */
  readonly host: string;
  readonly context: SecureContext;
  /**
   * When it has failed because the server's certificate leads to no trusted root: that certificate, followed by
   * each one's issuer, as far as the server has sent them. Else empty.
   */
  chain: readonly X509Certificate[];
  /** The certificate that the server has shown, once the handshake has ended, and if `readsPeers`; else null. */
  peer: Peer | null;
  /** The server's certificate, once `certificateOf` was asked for it. */
  certificate: X509Certificate | null;
}

/** Makes all TLS connections of a run. They share one context and the sessions of earlier connections. */
export class TlsClient {
  readonly #options: TlsClientOptions;
  /** Made on first use: it takes as long as many handshakes, and a list may have no https URLs. */
  #context: SecureContext | null = null;
  /** Whether `#context` trusts all roots, and not only the first ones. */
  #isWhole = false;
  /** For hosts that do not send all of their chain: they trust its root only, and have what is missing. */
  readonly #contexts = new Map<string, SecureContext>();
  /** The same contexts, by the certificates that they are made of. */
  readonly #completed = new Map<string, SecureContext>();
  /** By host. Resuming a session saves most of the CPU time of a handshake. */
  readonly #sessions = new Map<string, Session>();

  /** @throws an error of OpenSSL when the key does not belong to the certificate */
  constructor(options: TlsClientOptions) {
    this.#options = options;
    if (options.cert !== null) this.#contextOf([]);
  }

  /** The same client, which gets missing certificates too. */
  withIssuers(issuers: MissingIssuers): TlsClient {
    return new TlsClient({ ...this.#options, issuers });
  }

  /**
   * Begins a handshake on a connected socket.
   *
   * @param name sent as SNI without a dot at its end (RFC 6066, section 3), unless it is an address
   * @param host that the certificate must be for if `name` is an address
   */
  connect(socket: Socket, name: string, host: string): Handshake {
    const servername = net.isIP(plainHost(name)) === 0 ? plainHost(name) : '';
    const wanted = servername === '' ? plainHost(host) : servername;
    const session = this.#sessions.get(wanted);
    this.#context ??= this.#contextOf(this.#firstRoots);
    const context = this.#contexts.get(wanted) ?? this.#context;
    const secure = tls.connect({
      socket,
      servername,
      secureContext: context,
      rejectUnauthorized: !this.#options.insecure,
      ALPNProtocols: ['http/1.1'],
      ...(session !== undefined && { session: session.ticket }),
      // The certificate must be for this host, even if the connection leads elsewhere.
      checkServerIdentity: () => identityFault(handshake),
    });
    // Node asks for all of the chain when the handshake ends, for the check above. Objects of all certificates would take a third
    // of the CPU time of a list of many hosts.
    Object.assign(secure, { getPeerCertificate: () => ({}) });
    const handshake: Handshake = {
      socket: secure,
      host: wanted,
      context,
      chain: [],
      peer: null,
      certificate: null,
    };
    const { readsPeers } = this.#options;
    keepShown(handshake, readsPeers);
    if (readsPeers) keepPeer(handshake, session?.peer ?? null);
    secure.on('session', (ticket) => remember(this.#sessions, wanted, { ticket, peer: handshake.peer }));
    return handshake;
  }

  /**
   * With `insecure` no handshake fails for want of a root, so none is made again with more roots. The first
   * context has all of them if verdicts are shown, which would be wrong otherwise.
   */
  get #firstRoots(): readonly string[] | undefined {
    const { insecure, readsPeers, roots } = this.#options;
    return insecure && readsPeers ? roots.all : roots.first;
  }

  /**
   * After a handshake that failed because its certificate leads to no trusted root: looks whether another one
   * is worth trying with all roots of the run and the certificates that the server has not sent. OpenSSL
   * verifies the chain then.
   *
   * @param fromPublic whether the server is at a public address
   */
  async complete({ host, context, chain }: Handshake, fromPublic: boolean): Promise<boolean> {
    if (this.#contexts.get(host) === context) return this.#contexts.delete(host);
    const path = await this.#pathOf(chain, fromPublic);
    if (path === null) return false;
    if (path.length > 1) {
      const made = path.join('');
      const completed = this.#completed.get(made) ?? this.#contextOf(path);
      remember(this.#completed, made, completed);
      remember(this.#contexts, host, completed);
      return true;
    }
    if (!this.#isWhole) this.#context = this.#contextOf(this.#options.roots.all);
    this.#isWhole = true;
    return this.#context !== context;
  }

  /** The root that a chain leads to, and the certificates that were fetched on the way (PEM); null: no root. */
  async #pathOf(chain: readonly X509Certificate[], fromPublic: boolean): Promise<readonly string[] | null> {
    const { roots, issuers } = this.#options;
    const fetched: string[] = [];
    const sent = chain.map((certificate) => roots.issuerOf(certificate)).find((root) => root !== null);
    if (sent !== undefined) return [sent.toString()];
    let last = chain.at(-1);
    while (last !== undefined && !isSelfIssued(last) && fetched.length < mostFetched) {
      // Each certificate names the URL of the next.
      // oxlint-disable-next-line no-await-in-loop
      const issuer: X509Certificate | null = (await issuers?.of(last, fromPublic)) ?? null;
      if (issuer === null) return null;
      fetched.push(issuer.toString());
      const root = roots.issuerOf(issuer);
      if (root !== null) return [root.toString(), ...fetched];
      last = issuer;
    }
    return null;
  }

  /** @param ca trusted roots, and fetched issuers (PEM); undefined: Node's own roots, which all contexts share */
  #contextOf(ca: readonly string[] | undefined): SecureContext {
    const { cert, key } = this.#options;
    return tls.createSecureContext({
      ...(ca !== undefined && { ca: [...ca] }),
      ...(cert !== null && { cert }),
      ...(key !== null && { key }),
      // A chain must end in a self-signed certificate, and those that were fetched over http are not.
      allowPartialTrustChain: false,
    });
  }
}

/** Notes a value as the newest, and drops the oldest when there are too many. */
function remember<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key);
  all.set(key, value);
  if (all.size <= mostKept) return;
  const [oldest = ''] = all.keys();
  all.delete(oldest);
}

/** OpenSSL's codes for a chain that leads to no trusted root. */
const leadsNowhere = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** Reads the certificates of a failed handshake when Node destroys its socket: afterwards they are gone. */
function keepShown(handshake: Handshake, readsPeers: boolean): void {
  const { socket } = handshake;
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    const code = errorCode(error);
    // Before `certificateOf` is called, which takes the server's own certificate out of the chain.
    if (leadsNowhere.has(code)) handshake.chain = chainOf(socket);
    // If the peer is known already, the handshake had ended well, and this error has come later.
    if (readsPeers) handshake.peer ??= peerShown(handshake, notOfCertificate.test(code) ? '' : code);
    return destroy(error);
  };
}

/**
 * Reads the certificate at the end of a handshake that Node has accepted.
 *
 * @param before the certificate that was shown when the session began; a resumed handshake shows none
 */
function keepPeer(handshake: Handshake, before: Peer | null): void {
  const { socket } = handshake;
  socket.once('secureConnect', () => {
    handshake.peer = socket.isSessionReused() ? before : peerShown(handshake, acceptedFault(socket));
  });
}

function peerShown(handshake: Handshake, verdict: string): Peer | null {
  const certificate = handshake.chain[0] ?? certificateOf(handshake);
  return certificate && peerOf(certificate, handshake.socket.getProtocol() ?? '', verdict);
}

/** The server's own certificate; null when it has shown none yet. Node gives it once, as it takes it off the chain. */
function certificateOf(handshake: Handshake): X509Certificate | null {
  handshake.certificate ??= handshake.socket.getPeerX509Certificate() ?? null;
  return handshake.certificate;
}

/** What `tls.checkServerIdentity` reads of a certificate: its names, and its subject when they have no host among them. */
function namesToJudge(certificate: X509Certificate, host: string): PeerCertificate {
  const names = (certificate.subjectAltName as string | null | undefined) ?? '';
  // Names with a comma in them are quoted: such lists are left to Node.
  const isPlain = names !== '' && !names.includes('"');
  const isEnough = isPlain && (net.isIP(host) !== 0 || /(?:^|, )DNS:/.test(names));
  return (isEnough ? { subjectaltname: names } : certificate.toLegacyObject()) as PeerCertificate;
}

/** Codes of faults in the handshake itself, which are not faults of the certificate. */
const notOfCertificate = /^(?:E[A-Z]+|ERR_(?:SSL|OSSL)_.*|)$/;

/** The code of what is wrong with a certificate that was accepted; empty: nothing. */
function acceptedFault({ authorized, authorizationError }: TLSSocket): string {
  // It is a string, though its type says Error.
  return authorized ? '' : String(authorizationError);
}

/** The certificates of the peer from its own on, each before its issuer; none when Node cannot read them. */
function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  try {
    let next: PeerCertificate | undefined = prototype.getPeerCertificate.call(socket, true);
    for (let last: PeerCertificate | null = null; next !== undefined && next !== last;) {
      if (next.raw === undefined || chain.length === mostInChain) break;
      chain.push(new X509Certificate(next.raw));
      last = next;
      next = (next as { issuerCertificate?: PeerCertificate }).issuerCertificate;
    }
  } catch {
    return [];
  }
  return chain;
}

/** Certificates of a chain that are read at most: a server may send 100 kB of them. */
const mostInChain = 10;

/** The host without the brackets of an IPv6 address, and without a dot at its end. */
function plainHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** Returns also what Node throws when it cannot read the names of a certificate, as nobody could catch that. */
function identityFault(handshake: Handshake): Error | undefined {
  const { host } = handshake;
  try {
    const certificate = certificateOf(handshake);
    return tls.checkServerIdentity(
      host,
      certificate === null ? ({} as PeerCertificate) : namesToJudge(certificate, host),
    );
  } catch (error) {
    return error as Error;
  }
}
