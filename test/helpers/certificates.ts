import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  /** PEM */
  readonly key: string;
  /** PEM; the chain when there is one. */
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
  /** The same, with that authority's own certificate in the chain. */
  readonly selfSignedInChain: Certificate;
}

let made: Promise<Certificates> | null = null;

/** Keys and certificates for a test file; made by openssl at first use, in a folder that is gone afterwards. */
export async function certificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

const run = promisify(execFile);

/**
 * A certificate that signs itself.
 *
 * @param subject as openssl takes it: `/O=Some/CN=name`
 * @param names its subjectAltName as openssl takes it; empty: it has none
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

const hosts = 'DNS:localhost,IP:127.0.0.1,IP:::1,DNS:a.test,DNS:b.test';
const configuration = `
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
[right]
subjectAltName = ${hosts}
[wrong]
subjectAltName = DNS:other.example
[req]
distinguished_name = name
[name]
[top]
basicConstraints = critical,CA:TRUE
`;

async function make(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'urlmill-certificates-'));
  const openssl = (...args: readonly string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const ellipticKey = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-config',
    'openssl.cnf',
  ];

  async function selfSigned(name: string, extensions: readonly string[]): Promise<Certificate> {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    await openssl(
      'req',
      '-x509',
      ...ellipticKey,
      ...files,
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
      ...extensions,
    );
    return { key: await read(`${name}.key`), cert: await read(`${name}.pem`) };
  }

  async function signed(name: string, by: string, dates: readonly string[], extensions = 'right') {
    await openssl(
      'req',
      ...ellipticKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    const signer = ['-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-extensions', extensions];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-notext'];
    await openssl('ca', '-batch', '-config', 'openssl.cnf', ...signer, ...files, ...dates);
    return { key: await read(`${name}.key`), cert: await read(`${name}.pem`) };
  }

  try {
    await writeFile(join(folder, 'openssl.cnf'), configuration);
    await writeFile(join(folder, 'index.txt'), '');
    const valid = ['-startdate', date(-1), '-enddate', date(1)];
    const authority = await selfSigned('trusted', ['-extensions', 'top']);
    const stranger = await selfSigned('stranger', ['-extensions', 'top']);
    const unknownIssuer = await signed('unknown', 'stranger', valid);
    return {
      ca: authority.cert,
      good: await signed('good', 'trusted', valid),
      expired: await signed('expired', 'trusted', ['-startdate', date(-2), '-enddate', date(-1)]),
      notYetValid: await signed('early', 'trusted', ['-startdate', date(1), '-enddate', date(2)]),
      wrongHost: await signed('wrong', 'trusted', valid, 'wrong'),
      selfSigned: await selfSigned('alone', ['-addext', `subjectAltName=${hosts}`]),
      unknownIssuer,
      selfSignedInChain: { key: unknownIssuer.key, cert: unknownIssuer.cert + stranger.cert },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** So many days from now, as openssl wants it: YYYYMMDDHHMMSSZ. */
function date(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${at.slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
