import { createRequire } from 'node:module';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { parseArguments } from '../../src/cli/arguments.ts';
import { optionsOf } from '../../src/cli/command-line.ts';
import { subCommandOf } from '../../src/cli/commands.ts';
import { resolveTable } from '../../src/options/resolve.ts';
import { environmentName } from '../../src/options/table.ts';
import { allBlocks } from './blocks.ts';

const { safeLoad } = createRequire(import.meta.url)('js-yaml') as { safeLoad: (text: string) => unknown };

/** A value somewhere in a document, and the keys that lead to it. */
interface Node {
  readonly path: string;
  readonly value: unknown;
}

const pages = (await allBlocks()).filter(({ language }) => language === 'yaml');

for (const { page, line, code } of pages) {
  test(`${page}:${line} is YAML, and what it calls of urlmill is what the command takes`, (t) => {
    const nodes = [...nodesOf({ path: '', value: safeLoad(code) })];
    t.true(nodes.length > 5);
    const calls = nodes.flatMap(callsIn);
    t.is(calls.length, code.split('--job').length - 1);
    for (const call of calls) accepts(t, call, namesOfEnvironment(nodes));
  });
}

test('the machines of docs/scale.md are given the time that their workers take to end', (t) => {
  const [compose = '', kubernetes = ''] = pages
    .filter(({ page }) => page === 'docs/scale.md')
    .map(({ code }) => code);
  for (const [code, killedAfter] of [
    [compose, /stop_grace_period: (\d+)s/],
    [kubernetes, /terminationGracePeriodSeconds: (\d+)/],
  ] as const) {
    const [call = []] = [...nodesOf({ path: '', value: safeLoad(code) })].flatMap(callsIn);
    const { grace } = accepts(t, call, []);
    t.true(Number(killedAfter.exec(code)?.[1]) * 1000 >= 2 * Number(grace));
  }
});

function* nodesOf({ path, value }: Node): Generator<Node> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value))
    yield* nodesOf({ path: `${path}/${key}`, value: member });
}

/**
 * The arguments of `urlmill work` and `urlmill status` in a node: a container's command, a probe's, or one in
 * a line of shell.
 */
function callsIn({ value }: Node): string[][] {
  if (typeof value === 'string') {
    return [...value.matchAll(/\burlmill ((?:work|status)\b[^'&|;]*)/g)].map(([, words = '']) =>
      words.trim().split(/\s+/),
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  const { command, args = [] } = value as { command?: unknown; args?: string[] };
  return Array.isArray(command) && command[0] === 'urlmill'
    ? [[...command.slice(1), ...args] as string[]]
    : [];
}

function namesOfEnvironment(nodes: readonly Node[]): string[] {
  return nodes.flatMap(({ path, value }) => {
    const names = /\/env\/\d+\/name$/.test(path) ? [String(value)] : [];
    return names.concat(path.endsWith('/environment') ? Object.keys(value as object) : []);
  });
}

/** @returns the options as the command itself parses them */
function accepts(
  t: ExecutionContext,
  call: readonly string[],
  environment: readonly string[],
): Readonly<Record<string, unknown>> {
  const command = subCommandOf(call);
  if (command === null) throw new Error(`there is no command ${call.join(' ')}`);
  const { operands, layer } = parseArguments(call.slice(1), command);
  t.deepEqual(operands, []);
  const options = resolveTable(optionsOf(command), [layer]);
  t.is(options['job'], '/jobs/homepages');
  for (const name of environment) t.true(Object.keys(options).map(environmentName).includes(name), name);
  return options;
}
