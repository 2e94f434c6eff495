import { chosenExtractors } from '../../src/process/extractors.ts';
import { inTurn } from '../in-turn.ts';
import { readOptions, usage } from './options.ts';
import type { Options } from './options.ts';
import { htmlFiles, pageOf, sampled } from './pages.ts';
import { extracted, names } from './values.ts';
import type { Values } from './values.ts';

/**
 * Compares the values of `--extract` and the column `charset` with those of an oracle for the same pages. The
 * exit code is 1 if more values differ than is tolerated, 2 for wrong arguments.
 */

const shown = 20;

/** Returns whether the differences are within the tolerance. */
async function compare({ folder, sample, oracleName, startOracle, tolerance }: Options): Promise<boolean> {
  const files = sampled(await htmlFiles(folder), sample);
  if (files.length === 0) throw new Error(`${folder} has no *.html`);
  const [processor] = await chosenExtractors(extracted.join(','), '');
  const oracle = await startOracle();
  const tallies = new Map(names.map((name) => [name, { differing: 0, filled: 0 }]));
  let printed = 0;
  let links = 0;
  for await (const file of inTurn(files)) {
    const page = await pageOf(file);
    const given = await processor?.process(page);
    const ours = { ...(given as unknown as Values), charset: page.charset };
    const theirs = await oracle.values({ body: page.body, html: page.text(), url: page.url });
    links += theirs.links.length;
    for (const [name, tally] of tallies) {
      if (theirs[name].length > 0) tally.filled++;
      if (JSON.stringify(ours[name]) === JSON.stringify(theirs[name])) continue;
      tally.differing++;
      if (printed++ < shown) console.log(`${file}: ${name}\n${difference(ours[name], theirs[name])}`);
    }
  }
  await oracle.close();
  console.log(`${files.length} pages, ${links} links, ours and ${oracleName}:`);
  for (const [name, { differing, filled }] of tallies) {
    console.log(`  ${name}: ${differing} differ, ${filled} pages have one`);
  }
  return [...tallies.values()].every(({ differing }) => (differing / files.length) * 100 <= tolerance);
}

/** Shows both values; of lists, three items from the first difference on. */
function difference(ours: string | readonly unknown[], theirs: string | readonly unknown[]): string {
  if (typeof ours === 'string' || typeof theirs === 'string') return lines([ours].flat(), [theirs].flat());
  const at = ours.findIndex((item, index) => JSON.stringify(item) !== JSON.stringify(theirs[index]));
  const from = at === -1 ? ours.length : at;
  return `  (item ${from} of ${ours.length} and ${theirs.length})\n${lines(ours.slice(from, from + 3), theirs.slice(from, from + 3))}`;
}

function lines(ours: readonly unknown[], theirs: readonly unknown[]): string {
  return `  ours:   ${JSON.stringify(ours)}\n  theirs: ${JSON.stringify(theirs)}`;
}

const options = readOptions(process.argv.slice(2));
if (options === null) {
  console.error(usage);
  process.exitCode = 2;
} else if (!(await compare(options))) process.exitCode = 1;
