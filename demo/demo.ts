import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Summary } from '../src/index.ts';
import { startSite } from './site.ts';

/** Runs the built command on fixtures/demo.csv, with every name of it led to a site on this machine. */
const command = fileURLToPath(new URL('../command/main.js', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

const site = await startSite();
const options = ['--extract', 'title,sha256', '--columns=status,error,url,bytes,ms,attempts,redirects'];
const limits = ['--timeout', '1500ms', '--retries', '2', '--max-body', '100kB', '--default-scheme', 'http'];
const here = ['--connect-to', `:80:127.0.0.1:${site.port}`];

say('fixtures/demo.csv', readFileSync(`${root}fixtures/demo.csv`, 'utf8'));
say(`urlmill ${[...options, ...limits, ...here].join(' ')} fixtures/demo.csv`, '');
const folder = mkdtempSync(join(tmpdir(), 'urlmill-demo-'));
const summary = join(folder, 'summary.json');
const args = [command, ...options, ...limits, ...here, '--summary', summary, 'fixtures/demo.csv'];
const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
const [code] = (await once(child, 'close')) as [number | null];
site.close();
const { rows, failed, byStatus, byFailure, bytes, seconds } = JSON.parse(
  readFileSync(summary, 'utf8'),
) as Summary;
rmSync(folder, { recursive: true });
say('the summary', JSON.stringify({ rows, failed, byStatus, byFailure, bytes, seconds }, null, 2));
process.exitCode = code ?? 1;

function say(title: string, text: string): void {
  process.stdout.write(`\n== ${title}\n${text}\n`);
}
