import { parseArgs } from 'node:util';

import { chosenExtractors } from '../../src/process/extractors.ts';
import { inTurn } from '../in-turn.ts';
import { htmlFiles, pageOf, sampled } from './pages.ts';
import { parse5Oracle } from './parse5-oracle.ts';
import { names } from './values.ts';
import type { Oracle, Values } from './values.ts';

/** Compares what `--extract` gives with what others see in the same pages: `extract.js DIR [--sample N]`. */

const oracles: Readonly<Record<string, () => Oracle>> = { parse5: parse5Oracle };
const shown = 20;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string' }, oracle: { type: 'string', default: 'parse5' } },
});
const [folder] = positionals;
const makeOracle = oracles[options.oracle];
if (folder === undefined || makeOracle === undefined) {
  console.error(`usage: extract.js DIR [--sample N] [--oracle ${Object.keys(oracles).join('|')}]`);
  process.exit(2);
}

const files = sampled(await htmlFiles(folder), Number(options.sample ?? Infinity));
const [processor] = await chosenExtractors(names.join(','), '');
if (processor === undefined) throw new Error('no extractors');
const oracle = makeOracle();
const differing = new Map<string, number>(names.map((name) => [name, 0]));
let printed = 0;
let links = 0;
for await (const file of inTurn(files)) {
  const page = await pageOf(file);
  const given = (await processor.process(page)) as unknown as Values;
  const expected = await oracle.values({ body: page.body, html: page.text(), url: page.url });
  links += expected.links.length;
  for (const name of names) {
    if (JSON.stringify(given[name]) === JSON.stringify(expected[name])) continue;
    differing.set(name, (differing.get(name) ?? 0) + 1);
    if (printed++ < shown) console.log(`${file}: ${name}\n${difference(given[name], expected[name])}`);
  }
}
await oracle.close();
console.log(`${files.length} pages, ${links} links, ours and ${options.oracle}:`);
for (const [name, count] of differing) console.log(`  ${name}: ${count} differ`);
process.exitCode = [...differing.values()].some((count) => count > 0) ? 1 : 0;

/** Of two lists, from where they part. */
function difference(ours: string | readonly string[], theirs: string | readonly string[]): string {
  if (typeof ours === 'string' || typeof theirs === 'string') return lines([ours].flat(), [theirs].flat());
  const at = ours.findIndex((item, index) => item !== theirs[index]);
  const from = at === -1 ? ours.length : at;
  return `  (item ${from} of ${ours.length} and ${theirs.length})\n${lines(ours.slice(from, from + 3), theirs.slice(from, from + 3))}`;
}

function lines(ours: readonly string[], theirs: readonly string[]): string {
  return `  ours:   ${JSON.stringify(ours)}\n  theirs: ${JSON.stringify(theirs)}`;
}
