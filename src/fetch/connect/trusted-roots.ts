import { X509Certificate } from 'node:crypto';

import { UsageError } from '../../shared/errors.ts';
import { namesIn } from './der.ts';
import { isIssuer } from './issuing.ts';
import { derOf, pemCertificates } from './pem.ts';
import { nodeCertificates, systemCertificates } from './system-certificates.ts';

export interface TrustOptions {
  /** Node's roots only, or the system's only; undefined: both. */
  readonly ca: 'default' | 'system' | undefined;
  /** Certificates to trust as well (PEM). */
  readonly added: string | null;
  /** Where SSL_CERT_FILE, SSL_CERT_DIR and NODE_EXTRA_CA_CERTS are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Tells the user what concerns the whole run. */
  readonly notice: (text: string) => void;
}

/**
 * The root certificates that a run trusts. Reading and parsing them all takes as long as dozens of handshakes, so it is
 * done only for a server whose chain does not lead to one of the `first`, which cost nothing.
 */
export class TrustedRoots {
  readonly #options: TrustOptions;
  readonly #system: readonly string[] | null;
  #all: readonly string[] | null = null;
  /** PEM by subject, in the form of `namesIn`. */
  #bySubject: Map<string, string[]> | null = null;

  /** @throws UsageError when only the system's are to be trusted, and there are none */
  constructor(options: TrustOptions) {
    this.#options = options;
    this.#system = options.ca === 'system' ? systemCertificates(options.environment) : null;
    if (this.#system?.length === 0) throw new UsageError(`--ca system: ${noneFound()}`);
  }

  /** The roots that a handshake is tried with first (PEM), a part of `all`; undefined: Node's default ones. */
  get first(): readonly string[] | undefined {
    const { ca, added } = this.#options;
    if (ca === 'system') return this.all;
    return added === null ? undefined : pemCertificates(added);
  }

  /** All of them (PEM, one each). */
  get all(): readonly string[] {
    if (this.#all !== null) return this.#all;
    const { ca, added, environment } = this.#options;
    const own = added === null ? [] : pemCertificates(added);
    const node = ca === 'system' ? [] : nodeCertificates(environment);
    const system = ca === 'default' ? [] : (this.#system ?? this.#systemIfAny());
    const byContent = new Map([...own, ...node, ...system].map((pem) => [pem.replaceAll(/\s/g, ''), pem]));
    this.#all = [...byContent.values()];
    return this.#all;
  }

  /** The root that has signed a certificate, which may be that one itself; null when there is none. */
  issuerOf(certificate: X509Certificate): X509Certificate | null {
    this.#bySubject ??= indexed(this.all);
    const candidates = this.#bySubject.get(namesIn(certificate.raw)?.issuer ?? '') ?? [];
    for (const pem of candidates) {
      const root = parsed(pem);
      if (root !== null && isIssuer(root, certificate)) return root;
    }
    return null;
  }

  /** The system's certificates; none, with a notice, if a variable names a bad file: the run can do without. */
  #systemIfAny(): readonly string[] {
    const { environment, notice } = this.#options;
    try {
      return systemCertificates(environment);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      notice(`${error.message}; going on with the certificates that Node trusts`);
      return [];
    }
  }
}

/** Null for a certificate of the system that OpenSSL cannot read; a handshake passes over it too. */
function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function indexed(pems: readonly string[]): Map<string, string[]> {
  const bySubject = new Map<string, string[]>();
  for (const pem of pems) {
    const subject = namesIn(derOf(pem))?.subject;
    if (subject === undefined) continue;
    const same = bySubject.get(subject);
    if (same === undefined) bySubject.set(subject, [pem]);
    else same.push(pem);
  }
  return bySubject;
}

function noneFound(): string {
  const isAskedOfNode = process.platform === 'darwin' || process.platform === 'win32';
  return isAskedOfNode
    ? 'Node reads the certificates of this system from 22.15 on; SSL_CERT_FILE can name a file of them'
    : 'the certificates of this system were not found; SSL_CERT_FILE can name their file';
}
