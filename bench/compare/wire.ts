import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { inTurn } from '../in-turn.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { startChromium } from './chromium.ts';
import { isWilled, reasonOf } from './wire-reasons.ts';
import { wireCases } from './wire-cases.ts';
import { startWireServer } from './wire-server.ts';

/**
 * Compares what urlmill, curl and Chromium make of replies that careless and hostile servers send. Exits with
 * 1 if curl and Chromium get the same page and urlmill does not (unless that is on purpose), or if a
 * difference has no reason in wire-reasons.ts.
 */

/**
 * A client's outcome for each case: `200 1a2b3c4d` (the status and the beginning of the body's SHA-256), or
 * an error.
 */
type Results = ReadonlyMap<string, string>;

const run = promisify(execFile);
const folder = scratchFolder('wire');
/** Seconds that each client waits for an answer. */
const patience = 4;

async function main(): Promise<boolean> {
  const cases = wireCases();
  const names = cases.map(({ name }) => name);
  const { origin, close } = await startWireServer(cases);
  const ours = await byUrlmill(origin, names);
  const curls = await byCurl(origin, names);
  const { results: chromiums, product } = await byChromium(origin, names);
  await close();

  console.log(`| case | urlmill | curl | ${product} | why |\n|---|---|---|---|---|`);
  let differing = 0;
  let missed = 0;
  let unexplained = 0;
  for (const name of names) {
    const [own = '', curl = '', chromium = ''] = [ours, curls, chromiums].map((results) => results.get(name));
    if ([curl, chromium].every((theirs) => theirs === own || (isError(theirs) && isError(own)))) continue;
    differing++;
    if (curl === chromium && !isError(curl) && !isWilled(name)) missed++;
    if (reasonOf(name) === '') unexplained++;
    console.log(`| ${name} | ${own} | ${curl} | ${chromium} | ${reasonOf(name)} |`);
  }
  console.log(
    `\n${names.length} cases, ${differing} differ, ${unexplained} without a reason; pages that both others get, and urlmill not: ${missed}`,
  );
  return missed + unexplained === 0;
}

function isError(result: string): boolean {
  return !/^\d/.test(result);
}

function digest(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 8);
}

async function byUrlmill(origin: string, names: readonly string[]): Promise<Results> {
  const [input, output] = ['urls.csv', 'results.jsonl'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(input, `name,url\n${names.map((name) => `${name},${origin}/${name}\n`).join('')}`);
  const args = [
    '--retries',
    '0',
    '--timeout',
    `${patience}s`,
    '-u',
    'url',
    '-q',
    '--extract',
    'sha256',
    '-o',
    output,
  ];
  await run(process.execPath, [join(import.meta.dirname, '../../command/main.js'), ...args, input]);
  const rows = readFileSync(output, 'utf8').trim().split('\n');
  return new Map(
    rows.map((line) => {
      const row = JSON.parse(line) as Readonly<Record<string, string | number | null>>;
      const { name, fetch_status: status, fetch_error: error, fetch_sha256: sha256 } = row;
      const result = error === null ? `${String(status)} ${String(sha256).slice(0, 8)}` : String(error);
      return [String(name), result];
    }),
  );
}

async function byCurl(origin: string, names: readonly string[]): Promise<Results> {
  const results = new Map<string, string>();
  for await (const name of inTurn(names)) results.set(name, await curlOf(`${origin}/${name}`));
  return results;
}

async function curlOf(url: string): Promise<string> {
  const body = join(folder, 'body');
  rmSync(body, { force: true });
  const args = [
    '-q',
    '-sSL',
    '--compressed',
    '--proto-redir',
    '=http',
    '--noproxy',
    '*',
    '-m',
    String(patience),
  ];
  try {
    const { stdout } = await run('curl', [...args, '-w', '%{http_code}', '-o', body, url]);
    return `${stdout} ${digest(bodyOf(body))}`;
  } catch (error) {
    return `curl ${String((error as { code?: number }).code)}`;
  }
}

/** curl writes no file for an empty body. */
function bodyOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch {
    return '';
  }
}

async function byChromium(
  origin: string,
  names: readonly string[],
): Promise<{ results: Results; product: string }> {
  // There is no proxy at that port, so only exempt hosts can be reached.
  const { pipe, product, sessionId, close } = await startChromium(
    '127.0.0.1:9',
    `<-loopback>;${new URL(origin).host}`,
  );
  await pipe.send('Page.navigate', { url: `${origin}/start` }, sessionId);
  const results = new Map<string, string>();
  for await (const name of inTurn(names)) {
    const { result } = await pipe.send<{ result: { value: string } }>(
      'Runtime.evaluate',
      { expression: `(${fetched.toString()})('/${name}', ${patience * 1000})`, awaitPromise: true },
      sessionId,
    );
    results.set(name, result.value);
  }
  await close();
  return { results, product };
}

/** Runs in the browser. */
async function fetched(path: string, milliseconds: number): Promise<string> {
  try {
    const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(milliseconds) });
    const hash = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
    const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${response.status} ${hex.slice(0, 8)}`;
  } catch (error) {
    return (error as Error).name;
  }
}

if (!(await main())) process.exitCode = 1;
