import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { allBlocks, blocksIn, root, whyNotRun } from './blocks.ts';
import type { Block } from './blocks.ts';
import { reader, run } from './reader.ts';
import type { Reader } from './reader.ts';
import { isThere } from '../helpers/completions.ts';
import type { Ended } from '../helpers/cli.ts';
import { startSite } from '../../demo/site.ts';

/** How to run a block, by its language. */
const runners: Readonly<Record<string, (t: ExecutionContext, block: Block, as: Reader) => Promise<Ended>>> = {
  sh: (_, { code }, as) => run('bash', code, as),
  console: (_, { code }, as) => run('bash', code.replaceAll(/^\$ /gm, ''), as),
  zsh: (_, { code }, as) => run('zsh', code, as),
  fish: (_, { code }, as) => run('fish', code, as),
  cron: (_, { code }, as) => run('sh', commandsOf(code), as),
  js: async (t, block, as) => (isModule(block) ? runModule(block, as) : runScript(t, block, as)),
};

const blocks = await allBlocks();
const missing = new Set<string>((['zsh', 'fish'] as const).filter((shell) => !isThere(shell)));
const marked = blocks.filter((block) => whyNotRun(block) !== '');

for (const block of blocks) {
  const runner = runners[block.language];
  if (runner === undefined || marked.includes(block) || missing.has(block.language)) continue;
  // One after the other: each starts several processes.
  test.serial(`${block.page}:${block.line} ${firstWords(block)}`, async (t) => {
    const ended = await runner(t, block, await reader(t, block));
    t.is(ended.code, 0, ended.stderr);
    if (block.prints !== null) sameOutput(t, ended, block.prints);
  });
}

for (const block of blocks) {
  const [, command] = /^like: (.*)/.exec(block.mark) ?? [];
  if (command === undefined) continue;
  test(`${block.page}:${block.line} is like what ${command} prints`, async (t) => {
    const { stdout, stderr } = await run('bash', command, await reader(t, block));
    t.deepEqual(shapeOf(JSON.parse(block.code)), shapeOf(JSON.parse(stdout)), stderr);
  });
}

test('a block that is not run says why, and what it calls of the project is there', async (t) => {
  t.true(blocks.length > 60);
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const block of marked) {
    t.log(`${block.page}:${block.line}: ${whyNotRun(block)}`);
    t.true(whyNotRun(block).length > 10);
    for (const [, name = ''] of block.code.matchAll(/\bnpm (?:run )?(?!ci\b|run\b)(\w+)/g))
      t.true(name in scripts, name);
  }
});

test('every mark is one that is known, and every language one that is run or shows something', (t) => {
  const shows = new Set(['', 'csv', 'json', 'yaml', 'python']);
  for (const { page, line, mark, language } of blocks) {
    t.regex(mark, /^(?:|not run: .+|like: .+|prints|prints, in any order)$/, `${page}:${line}`);
    t.true(language in runners || shows.has(language), `${page}:${line} ${language}`);
  }
});

test('marks belong to the block below them, and output to the block above it', (t) => {
  const text =
    '# A\n\n```sh\na\n```\n\n<!-- prints -->\n\n```\nb\n```\n\n<!-- not run: no time -->\n\n```sh\nc\n```\n';
  const found = blocksIn('a.md', text);
  t.deepEqual(
    found.map(({ line, language, code, prints }) => [line, language, code, prints?.code]),
    [
      [3, 'sh', 'a\n', 'b\n'],
      [9, '', 'b\n', undefined],
      [15, 'sh', 'c\n', undefined],
    ],
  );
  t.deepEqual(found.map(whyNotRun), ['', '', 'no time']);
});

/** The keys of a value, with the types of the values in it. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}

function firstWords({ code }: Block): string {
  return (code.split('\n').find((line) => /^[^#]/.test(line)) ?? '').slice(0, 60);
}

/** Masks times, which are all that varies. */
function masked(output: string): string {
  return output.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
}

function sameOutput(t: ExecutionContext, { stdout, stderr }: Ended, { code, mark }: Block): void {
  const [is, wanted] = [masked(stdout), masked(code)].map((text) =>
    mark.endsWith('in any order') ? text.split('\n').toSorted().join('\n') : text,
  );
  t.is(is, wanted, stderr);
}

/** The commands of a crontab, one after the other, with the settings above them. */
function commandsOf(crontab: string): string {
  const schedule = /^(?:(?:[\d*,/-]+ +){5}|@reboot +)/;
  return crontab
    .split('\n')
    .filter((line) => schedule.test(line))
    .map((line) => `(${line.replace(schedule, '')}) || exit\n`)
    .join('');
}

function isModule({ code }: Block): boolean {
  return code.includes('export default');
}

/** Runs a module on what an API answers; no row may fail. */
async function runModule({ code }: Block, as: Reader): Promise<Ended> {
  await writeFile(join(as.cwd, 'own.mjs'), code);
  return run('bash', 'urlmill --module own.mjs --columns status,error,error_detail api.csv', as);
}

/**
 * Runs a script of the library. It takes no proxy from the environment, so host names are replaced by the
 * site's address.
 */
async function runScript(t: ExecutionContext, { code }: Block, as: Reader): Promise<Ended> {
  const site = await startSite();
  t.teardown(site.close);
  const own = code.replaceAll(/http:\/\/(?:site|api)\.example/g, `http://127.0.0.1:${site.port}`);
  await writeFile(join(as.cwd, 'own.mjs'), own);
  await writeFile(join(as.cwd, 'urls.csv.gz'), `id,homepage\n7,http://127.0.0.1:${site.port}/gzip\n`);
  return run('bash', `'${process.execPath}' own.mjs`, as);
}
