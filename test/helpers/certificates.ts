import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { basicConstraints, generalName, subjectNames } from '../../torture/fuzz/build-certificate.ts';
import { boolean } from '../../torture/fuzz/der.ts';
import { issued } from './issuing.ts';

export interface Certificate {
  /** PEM */
  readonly key: string;
  /** PEM; the whole chain if there is one. */
  readonly cert: string;
}

export interface Certificates {
  /** The authority to trust, as PEM. */
  readonly ca: string;
  /** For localhost, 127.0.0.1, ::1, a.test and b.test. */
  readonly good: Certificate;
  readonly expired: Certificate;
  readonly notYetValid: Certificate;
  /** For other.example. */
  readonly wrongHost: Certificate;
  readonly selfSigned: Certificate;
  /** Signed by an authority that nobody trusts and that is not in the chain. */
  readonly unknownIssuer: Certificate;
  /** As `unknownIssuer`, but with that authority's own certificate in the chain. */
  readonly selfSignedInChain: Certificate;
}

let made: Certificates | null = null;

/** Keys and certificates for the tests of a file, made on first use. */
export async function certificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

const run = promisify(execFile);

/**
 * A self-signed certificate.
 *
 * @param subject in openssl's syntax: `/O=Some/CN=name`
 * @param names the subjectAltName in openssl's syntax; empty for none
 */
export async function selfSignedFor(subject: string, names: string): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'urlmill-certificates-'));
  const file = (name: string): string => join(folder, name);
  const extension = names === '' ? [] : ['-addext', `subjectAltName=${names}`];
  try {
    await writeFile(file('openssl.cnf'), '[req]\ndistinguished_name = name\n[name]\n');
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const files = ['-config', file('openssl.cnf'), '-keyout', file('key'), '-out', file('cert')];
    await run('openssl', ['req', '-x509', ...kind, ...files, '-utf8', '-subj', subject, ...extension]);
    return { key: await readFile(file('key'), 'utf8'), cert: await readFile(file('cert'), 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const authority = [basicConstraints(boolean(true))];
const right = [
  subjectNames(
    generalName(2, 'localhost'),
    generalName(7, Buffer.from([127, 0, 0, 1])),
    generalName(7, Buffer.from([...Array.from({ length: 15 }, () => 0), 1])),
    generalName(2, 'a.test'),
    generalName(2, 'b.test'),
  ),
];
const wrong = [subjectNames(generalName(2, 'other.example'))];

function make(): Certificates {
  const valid = [-1, 1] as const;
  const trusted = issued({ name: 'trusted', extensions: authority, valid: [0, 2], by: null });
  const stranger = issued({ name: 'stranger', extensions: authority, valid: [0, 2], by: null });
  const unknown = issued({ name: 'unknown', extensions: right, valid, by: stranger });
  return {
    ca: trusted.cert,
    good: issued({ name: 'good', extensions: right, valid, by: trusted }),
    expired: issued({ name: 'expired', extensions: right, valid: [-2, -1], by: trusted }),
    notYetValid: issued({ name: 'early', extensions: right, valid: [1, 2], by: trusted }),
    wrongHost: issued({ name: 'wrong', extensions: wrong, valid, by: trusted }),
    selfSigned: issued({ name: 'alone', extensions: right, valid: [0, 2], by: null }),
    unknownIssuer: unknown,
    selfSignedInChain: { key: unknown.key, cert: unknown.cert + stranger.cert },
  };
}
