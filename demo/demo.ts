import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Summary } from '../src/index.ts';
import { startSite } from './site.ts';

/**
 * Runs the built command on fixtures/demo.csv, with every host name directed to a site on this machine. Then
 * it runs twice more, as on two nights, and shows what changed between them.
 */
const command = fileURLToPath(new URL('../command/main.js', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

const site = await startSite();
const options = ['--extract', 'title,sha256', '--columns=status,error,url,bytes,ms,attempts,redirects'];
const limits = ['--timeout', '1s', '--retries', '1', '--max-body', '100kB', '--default-scheme', 'http'];
const here = ['--connect-to', `:80:127.0.0.1:${site.port}`];

const folder = mkdtempSync(join(tmpdir(), 'urlmill-demo-'));
const file = (name: string): string => join(folder, name);

say('fixtures/demo.csv', readFileSync(`${root}fixtures/demo.csv`, 'utf8'));
const first = [...options, ...limits, ...here, '--summary', file('summary.json')];
const code = await urlmill(`${[...options, ...limits, ...here].join(' ')} fixtures/demo.csv`, [
  ...first,
  'fixtures/demo.csv',
]);
const { rows, failed, byStatus, byFailure, bytes, seconds } = JSON.parse(
  readFileSync(file('summary.json'), 'utf8'),
) as Summary;
say('the summary', JSON.stringify({ rows, failed, byStatus, byFailure, bytes, seconds }, null, 2));

const hurried = ['--timeout', '600ms', '--retries', '0'];
const nightly = [
  '-q',
  '--ordered',
  '--columns=+first_byte_ms,+redirect_chain,+first_status,+error_detail',
  '--extract',
  'title',
  ...limits,
  ...hurried,
  ...here,
];
const night = async (name: string, said: readonly string[]): Promise<number> =>
  urlmill(`${said.join(' ')} -o ${name} fixtures/demo.csv`.trim(), [
    ...nightly,
    ...said.map((word) => (word.endsWith('.csv') ? file(word) : word)),
    '-o',
    file(name),
    'fixtures/demo.csv',
  ]);
const codes = [code, await night('monday.csv', [])];
site.nextNight();
codes.push(await night('tuesday.csv', ['--since', 'monday.csv']));
site.close();
const [monday, tuesday] = [file('monday.csv'), file('tuesday.csv')];
const compared = ['--columns', 'status,error,title'];
codes.push(
  await urlmill(`diff ${compared.join(' ')} monday.csv tuesday.csv`, ['diff', ...compared, monday, tuesday]),
  await urlmill('report --since monday.csv -o report.html tuesday.csv', [
    'report',
    '--since',
    monday,
    '-o',
    file('report.html'),
    tuesday,
  ]),
);
say('a page for a browser', file('report.html'));
process.exitCode = codes.find((one) => one !== 0) ?? 0;

/** @param shown the arguments as they are printed */
async function urlmill(shown: string, args: readonly string[]): Promise<number> {
  say(`urlmill ${shown}`, '');
  const child = spawn(process.execPath, [command, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [ended] = (await once(child, 'close')) as [number | null];
  return ended ?? 1;
}

function say(title: string, text: string): void {
  process.stdout.write(`\n== ${title}\n${text}\n`);
}
