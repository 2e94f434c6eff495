import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { domain } from './many-hosts.ts';

const execute = promisify(execFile);

export interface Certificate {
  readonly file: string;
  readonly key: string;
}

/**
 * One self-signed certificate for all hosts of the benchmark, valid for two days; P-256, like most of the
 * web.
 */
export async function makeCertificate(dir: string): Promise<Certificate> {
  const file = join(dir, 'certificate.pem');
  const key = join(dir, 'key.pem');
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', `/CN=${domain}`, '-addext', `subjectAltName=DNS:*.${domain}`];
  await execute('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', file]);
  return { file, key };
}
