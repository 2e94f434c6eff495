import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

import { nodeVersion } from '../bench/machine.ts';
import { fromRoot } from '../bench/project.ts';
import { randomNumbers } from '../bench/random.ts';
import { scratchFolder } from '../bench/scratch-folder.ts';
import { calls } from './faults.ts';
import { fuzz, fuzzVariants } from './fuzz/variants.ts';
import { writeInput } from './input.ts';
import { killAtRandom, killsVariants } from './kills.ts';
import type { KillsOutcome, KillsVariant } from './kills.ts';
import { renderFuzz, renderHead, renderKills, renderSweep, saveReport } from './report.ts';
import { renderScale, scaleRuns } from './scale/runs.ts';
import { Site } from './site.ts';
import { sweep } from './sweep.ts';
import { variants } from './variants.ts';

const usual = [...variants, ...killsVariants, ...fuzzVariants].map(({ name }) => name);
/** All variants. `scale` runs only when it is named. */
const names = [...usual, 'scale'];

const usage = `usage: node dist/torture/run.js [--short] [--only NAME,...] [--calls NAME,...] [--seed N] [--fuzz-rows N] [--minutes N] [--node PATH] [--cli PATH]

  --short      a few faults of each kind, chosen at random; takes a minute
  --only LIST  only these variants: ${names.join(', ')}
  --calls LIST only these system calls: ${calls.join(', ')}
  --seed N     repeats the random choices of an earlier run (default: from the clock)
  --fuzz-rows N rows of each fuzz variant (default: the variant's own number)
  --minutes N  duration of scale, which needs redis-server (default: 30)
  --node PATH  the Node that runs urlmill (default: the one that runs this)
  --cli PATH   another build of the command (default: dist/command/main.js)
`;

const execute = promisify(execFile);
const log = (text: string): boolean => process.stderr.write(`  ${text}\n`);

/** Sizes of a run: rows for injected faults, rows for random kills, and number of kills. */
const full = { rows: 3000, killedRows: 10_000, kills: 100 };
const brief = { rows: 1500, killedRows: 1000, kills: 8 };
/** Between them these variants make all kinds of calls. */
const briefNames = ['resume-gz', 'another', 'kills-threads', ...fuzzVariants.map(({ name }) => name)];

class BadArguments extends Error {}

interface Counts {
  survived: number;
  failed: number;
}

async function main(args: readonly string[], dir: string): Promise<Counts> {
  const { short, only, onlyCalls, seed, fuzzRows, minutes, command } = await readArguments(args);
  const { rows, killedRows, kills } = short ? brief : full;
  const chosen = only ?? (short ? briefNames : usual);
  const traceless = new Set(['scale', ...fuzzVariants.map(({ name }) => name)]);
  const isFuzz = chosen.every((name) => traceless.has(name));
  const strace = isFuzz ? null : await straceVersion();
  const random = randomNumbers(seed);
  let isSlow = false;
  const site = await Site.open(() => (isSlow ? 5 + 45 * random() : 0));
  const counts = { survived: 0, failed: 0 };
  const version = await nodeVersion(command.node);
  const parts = [await renderHead({ nodeVersion: version, strace, rows, seed, short })];
  process.stdout.write(`${parts[0]}\n`);
  const tell = (text: string): void => {
    parts.push(text);
    process.stdout.write(`\n${text}\n`);
  };

  const input = join(dir, 'in.csv');
  await writeInput(input, site.origin, rows);
  for (const variant of variants.filter(({ name }) => chosen.includes(name))) {
    const stage = { command, dir, input, rows };
    const tallies = await sweep(variant, { stage, site, calls: onlyCalls, short, random, log });
    tell(renderSweep(variant, tallies));
    for (const { tried, failed } of tallies) {
      counts.survived += Math.max(0, tried - failed);
      counts.failed += failed;
    }
  }

  const killed: [KillsVariant, number, KillsOutcome][] = [];
  const longInput = join(dir, 'long.csv');
  await writeInput(longInput, site.origin, killedRows);
  for (const variant of killsVariants.filter(({ name }) => chosen.includes(name))) {
    const stage = { command, dir, input: longInput, rows: killedRows };
    const slow = (is: boolean): void => void (isSlow = is);
    const outcome = await killAtRandom(variant, { stage, site, slow, kills, random });
    for (const problem of outcome.problems) log(`${variant.name}: ${problem}`);
    log(`${variant.name}: ${outcome.kills} kills, ${outcome.requests} requests`);
    killed.push([variant, killedRows, outcome]);
    if (outcome.problems.length === 0) counts.survived += outcome.kills;
    else counts.failed++;
  }
  if (killed.length > 0) tell(renderKills(killed));
  for (const variant of fuzzVariants.filter(({ name }) => chosen.includes(name))) {
    const size = fuzzRows ?? (short ? variant.briefRows : variant.rows);
    const outcome = await fuzz(variant, { command, dir, seed, rows: size, longest: 600_000 });
    for (const problem of outcome.problems) log(`${variant.name}: ${problem}`);
    log(`${variant.name}: ${outcome.rows} rows`);
    tell(renderFuzz(variant, outcome));
    if (outcome.failed === 0) counts.survived += outcome.rows;
    else counts.failed += outcome.failed;
  }
  if (chosen.includes('scale')) {
    const outcomes = await scaleRuns({ command, dir, minutes, random, log });
    for (const problem of outcomes.flatMap(({ problems }) => problems)) log(`scale: ${problem}`);
    tell(renderScale(outcomes));
    for (const { problems, faults } of outcomes) {
      if (problems.length > 0) counts.failed++;
      else counts.survived += Object.values(faults).reduce((sum, count) => sum + count, 0);
    }
  }
  site.close();
  if (!short && onlyCalls.length === calls.length) {
    const part = only === null ? '' : `-${only.join('-')}`;
    log(`saved as ${await saveReport(`${parts.join('\n\n')}\n`, version, part)}`);
  }
  return counts;
}

async function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    only: text,
    calls: text,
    seed: text,
    'fuzz-rows': text,
    minutes: text,
    node: text,
    cli: text,
    short: { type: 'boolean' },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new BadArguments((error as Error).message);
  }
  const only = values.only?.split(',') ?? null;
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new BadArguments(`there is no variant ${unknown}`);
  const asked = values.calls?.split(',');
  const onlyCalls = calls.filter((call) => asked === undefined || asked.includes(call));
  if (asked !== undefined && asked.length !== onlyCalls.length) {
    throw new BadArguments(`--calls: unknown system call in ${values.calls}`);
  }
  const seed = Number(values.seed ?? Date.now() % 100_000);
  if (!Number.isSafeInteger(seed)) throw new BadArguments(`--seed: not a number: ${values.seed}`);
  const fuzzRows = values['fuzz-rows'] === undefined ? null : Number(values['fuzz-rows']);
  if (fuzzRows !== null && !(Number.isSafeInteger(fuzzRows) && fuzzRows > 0))
    throw new BadArguments(`--fuzz-rows: not a number of rows: ${values['fuzz-rows']}`);
  const minutes = Number(values.minutes ?? 30);
  if (!(minutes > 0)) throw new BadArguments(`--minutes: not a number: ${values.minutes}`);
  const node = values.node === undefined ? process.execPath : resolve(values.node);
  const cli = values.cli === undefined ? fromRoot('dist/command/main.js') : resolve(values.cli);
  await access(cli).catch(() => {
    throw new Error(`${cli} is missing: npm run build`);
  });
  return { short: values.short ?? false, only, onlyCalls, seed, fuzzRows, minutes, command: { node, cli } };
}

/** @throws Error if strace is missing or is not permitted to trace */
async function straceVersion(): Promise<string> {
  await execute('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true']).catch((error: unknown) => {
    throw new Error(`strace 5.3 or later is needed, and leave to trace: ${(error as Error).message.trim()}`);
  });
  const { stdout } = await execute('strace', ['--version']);
  return stdout.split('\n')[0]?.replace('-- version ', '') ?? '';
}

const dir = scratchFolder('torture');

try {
  const { survived, failed } = await main(process.argv.slice(2), dir);
  // .ci/run parses these words for its counts.
  process.stdout.write(`\n${survived} faults survived\n`);
  if (failed > 0) process.stdout.write(`${failed} faults failed\n`);
  process.exitCode = failed === 0 && survived > 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`torture: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof BadArguments) process.stderr.write(`\n${usage}`);
  process.exitCode = error instanceof BadArguments ? 2 : 1;
}
// Ends open connections to the site, such as those of a killed client.
process.exit();
