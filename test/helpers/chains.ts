import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Certificate } from './certificates.ts';

/** What is said of one certificate of a chain. */
export interface Link {
  /** Where it says that its issuer's certificate is. */
  readonly issuerAt?: readonly string[];
  /** Lines of openssl.cnf; default: an authority. */
  readonly extensions?: string;
  /** Days that are over since it has expired. */
  readonly expired?: number;
  /** Common name; default: the name of its file. */
  readonly name?: string;
}

/** A root, what it has signed, and so on down to a server's certificate for localhost and a.test. */
export interface Chain {
  /** PEM, from the server's own certificate to the root. */
  readonly certs: readonly string[];
  readonly key: string;
}

// Without the key's identifier, by which one that is forged would be told from the right one at once.
const unnamed = 'authorityKeyIdentifier=none\n';
const authority = `basicConstraints=critical,CA:TRUE\n${unnamed}`;
const server = `subjectAltName=DNS:localhost,DNS:a.test,IP:127.0.0.1\n${unnamed}`;
const run = promisify(execFile);

/** Makes one, by openssl, in a folder that is gone afterwards. @param links from the server's certificate to the root */
export async function chain(...links: readonly Link[]): Promise<Chain> {
  const folder = await mkdtemp(join(tmpdir(), 'urlmill-chain-'));
  const openssl = (...args: readonly string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  try {
    await writeFile(join(folder, 'index.txt'), '');
    for (const [index, link] of links.toReversed().entries()) {
      const number = links.length - 1 - index;
      // Each one is signed by the one before.
      // oxlint-disable-next-line no-await-in-loop
      await writeFile(join(folder, `${number}.cnf`), configuration(link, number));
      // oxlint-disable-next-line no-await-in-loop
      await openssl(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-config',
        `${number}.cnf`,
        '-keyout',
        `${number}.key`,
        '-out',
        `${number}.csr`,
        '-subj',
        `/CN=${link.name ?? `link ${number}`}`,
      );
      const by = index === 0 ? number : number + 1;
      const signer =
        index === 0
          ? ['-selfsign', '-keyfile', `${by}.key`]
          : ['-cert', `${by}.pem`, '-keyfile', `${by}.key`];
      const dates = [
        '-startdate',
        date(-30),
        '-enddate',
        date(link.expired === undefined ? 1 : -link.expired),
      ];
      const files = ['-in', `${number}.csr`, '-out', `${number}.pem`, '-notext'];
      // oxlint-disable-next-line no-await-in-loop
      await openssl(
        'ca',
        '-batch',
        '-config',
        `${number}.cnf`,
        '-extensions',
        'own',
        ...signer,
        ...files,
        ...dates,
      );
    }
    const certs = await Promise.all(links.map((_, number) => read(`${number}.pem`)));
    return { certs, key: await read('0.key') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The certificate of a server that sends the first so many of a chain. */
export function sends({ certs, key }: Chain, count = 1): Certificate {
  return { key, cert: certs.slice(0, count).join('') };
}

/** The bytes of a certificate in PEM. */
export function der(pem: string | undefined): Buffer {
  return Buffer.from((pem ?? '').replaceAll(/-----.*-----|\s/g, ''), 'base64');
}

/** PKCS #7 that holds certificates only. @param form `DER` or `PEM` */
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

function configuration({ issuerAt = [], extensions }: Link, number: number): string {
  const access = issuerAt.map((url) => `caIssuers;URI:${url}`).join(',');
  return `
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
[policy]
commonName = supplied
[req]
distinguished_name = name
[name]
[own]
${extensions ?? (number === 0 ? server : authority)}${access === '' ? '' : `authorityInfoAccess = ${access}\n`}
`;
}

/** So many days from now, as openssl wants it: YYYYMMDDHHMMSSZ. */
function date(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${at.slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
