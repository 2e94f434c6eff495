import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { basicConstraints, generalName, ids, subjectNames } from '../../torture/fuzz/build-certificate.ts';
import type { Extension } from '../../torture/fuzz/build-certificate.ts';
import { boolean, oid, sequence } from '../../torture/fuzz/der.ts';
import type { Certificate } from './certificates.ts';
import { issued } from './issuing.ts';
import type { Issued } from './issuing.ts';

/** How to make one certificate of a chain. */
export interface Link {
  /**
   * URLs for its Authority Information Access extension, where the issuer's certificate can be downloaded.
   */
  readonly issuerAt?: readonly string[];
  /** Default: those of a server for the first certificate, those of an authority for the others. */
  readonly extensions?: readonly Extension[];
  /** How many days ago it expired. Default: it is still valid. */
  readonly expired?: number;
  /** Common name; default: `link N`, its place in the chain. */
  readonly name?: string;
}

/** A chain of certificates from a root down to a server's certificate for localhost and a.test. */
export interface Chain {
  /** PEM, from the server's certificate to the root. */
  readonly certs: readonly string[];
  readonly key: string;
}

const authority = [basicConstraints(boolean(true))];
const server = [
  subjectNames(
    generalName(2, 'localhost'),
    generalName(2, 'a.test'),
    generalName(7, Buffer.from([127, 0, 0, 1])),
  ),
];
const run = promisify(execFile);

/** Makes a chain. @param links from the server's certificate to the root */
export async function chain(...links: readonly Link[]): Promise<Chain> {
  const made: Issued[] = [];
  for (const [number, { name, issuerAt = [], extensions, expired }] of [...links.entries()].toReversed()) {
    const own = extensions ?? (number === 0 ? server : authority);
    made.unshift(
      issued({
        name: name ?? `link ${number}`,
        extensions: issuerAt.length === 0 ? own : [...own, issuersAt(issuerAt)],
        valid: [-30, expired === undefined ? 1 : -expired],
        by: made[0] ?? null,
        // A forged certificate must look like the real one, so it must not name its issuer's key.
        tellsKey: extensions !== undefined,
      }),
    );
  }
  return { certs: made.map(({ cert }) => cert), key: made[0]?.key ?? '' };
}

function issuersAt(urls: readonly string[]): Extension {
  const places = urls.map((url) => sequence(oid('1.3.6.1.5.5.7.48.2'), generalName(6, url)));
  return { id: ids.authorityAccess, value: sequence(...places) };
}

/** The certificate for a server that sends only the first `count` certificates of a chain. */
export function sends({ certs, key }: Chain, count = 1): Certificate {
  return { key, cert: certs.slice(0, count).join('') };
}

/** The bytes of a PEM certificate. */
export function der(pem: string | undefined): Buffer {
  return Buffer.from((pem ?? '').replaceAll(/-----.*-----|\s/g, ''), 'base64');
}

/** A PKCS #7 structure that holds only certificates. @param form `DER` or `PEM` */
export async function pkcs7(pems: readonly string[], form: 'DER' | 'PEM'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'urlmill-chain-'));
  try {
    await writeFile(join(folder, 'all.pem'), pems.join(''));
    const files = ['-certfile', 'all.pem', '-out', 'all.p7c'];
    await run('openssl', ['crl2pkcs7', '-nocrl', ...files, '-outform', form], { cwd: folder });
    return await readFile(join(folder, 'all.p7c'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
