import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { killChildren } from './children.ts';
import { inTurn } from './in-turn.ts';
import { nodeVersion, versionsOf } from './machine.ts';
import { fromRoot } from './project.ts';
import { renderReport, saveReport } from './report.ts';
import type { Scenario } from './scenario.ts';
import { scratchFolder } from './scratch-folder.ts';
import { latencyOfOneHost } from './scenarios/latency.ts';
import { memory } from './scenarios/memory.ts';
import { mixed } from './scenarios/mixed.ts';
import { oneHost } from './scenarios/one-host.ts';
import { pages } from './scenarios/pages.ts';
import { resume } from './scenarios/resume.ts';
import { saving } from './scenarios/saving.ts';
import { scale } from './scenarios/scale.ts';
import { skewed } from './scenarios/skewed.ts';
import { small } from './scenarios/small.ts';
import { sorted } from './scenarios/sorted.ts';
import { wide } from './scenarios/wide.ts';

const scenarios: readonly Scenario[] = [
  oneHost,
  small,
  memory,
  pages,
  latencyOfOneHost,
  sorted,
  skewed,
  wide,
  mixed,
  resume,
  saving,
  scale,
];

const usage = `usage: node dist/bench/run.js [scenario...] [--rounds N] [--urls N] [--node PATH] [--cli PATH]

${scenarios.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

  --rounds N   rounds of each scenario (default: the scenario's own)
  --urls N     only a part of the list, for a quick try
  --node PATH  the Node that runs urlmill and the peers (default: the one that runs this)
  --cli PATH   another build of the command (default: dist/command/main.js)
`;

const log = (text: string): boolean => process.stderr.write(`  ${text}\n`);

class BadArguments extends Error {}

/** Returns whether every scenario ran and met all its targets. */
async function main(args: readonly string[], dir: string): Promise<boolean> {
  const { values, positionals } = readArguments(args);
  if (values.help) {
    process.stdout.write(usage);
    return true;
  }
  const chosen = positionals.length === 0 ? scenarios : positionals.map(findScenario);
  const rounds = count('rounds', values.rounds);
  const urls = count('urls', values.urls);
  const node = values.node === undefined ? process.execPath : resolve(values.node);
  const cli = values.cli === undefined ? fromRoot('dist/command/main.js') : resolve(values.cli);
  await access(cli).catch(() => {
    throw new Error(`${cli} is missing: npm run build`);
  });
  const version = await nodeVersion(node);

  let good = true;
  for await (const scenario of inTurn(chosen)) {
    process.stderr.write(`${scenario.name}\n`);
    const bench = { dir, node, cli, urls, log, rounds: rounds ?? scenario.rounds };
    try {
      const versions = await versionsOf(scenario.tools);
      const findings = await scenario.run(bench);
      const report = { scenario, bench, findings, versions, nodeVersion: version };
      const text = await renderReport(report);
      const saved = await saveReport(report, text);
      process.stdout.write(`\n${text}\n`);
      process.stderr.write(`  saved as ${saved}\n`);
      good &&= findings.checks.every(({ ok }) => ok);
    } catch (error) {
      // Go on with the other scenarios, but end what this one may have left running.
      killChildren();
      process.stderr.write(
        `${scenario.name} FAILED: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      good = false;
    }
  }
  return good;
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { rounds: text, urls: text, node: text, cli: text, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new BadArguments(error instanceof Error ? error.message : String(error));
  }
}

function findScenario(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new BadArguments(`there is no scenario ${name}`);
  return found;
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new BadArguments(`--${name}: not a number: ${text}`);
  return value;
}

const dir = scratchFolder('bench');

try {
  const good = await main(process.argv.slice(2), dir);
  process.exitCode = good ? 0 : 1;
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof BadArguments) process.stderr.write(`\n${usage}`);
  process.exitCode = error instanceof BadArguments ? 2 : 1;
}
