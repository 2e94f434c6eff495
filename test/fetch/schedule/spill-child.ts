/**
 * A separate process that spills to the given folder, for tests that limit the size of its files or kill it.
 */
import { all, muchToWrite, noise, spillIn } from './spilling.ts';

const [what, directory = ''] = process.argv.slice(2);
const { spill, reasons, written } = spillIn({ directories: [directory] });
const chains = [spill.chain(), spill.chain(), spill.chain()];
const bytes = noise(4 * muchToWrite);
const expected: Buffer[][] = [[], [], []];

function append(block: Buffer): void {
  for (const [i, chain] of chains.entries()) {
    spill.append(chain, block);
    expected[i]?.push(block);
  }
}

for (let at = 0; at < bytes.length; at += 50_001) {
  append(bytes.subarray(at, at + 50_001));
  await written();
}

if (what === 'stay') {
  process.stdout.write('spilled\n');
  setInterval(() => {}, 60_000);
} else {
  const { full } = spill;
  append(Buffer.from('later'));
  const taken = await Promise.all(chains.map((chain) => all(spill, chain)));
  const isSame = taken.every((blocks, i) => Buffer.concat(blocks).equals(Buffer.concat(expected[i] ?? [])));
  const counts = taken.map(({ length }) => length);
  // The chains go on in memory.
  append(Buffer.from('last'));
  const last = await Promise.all(chains.map((chain) => spill.shift(chain)));
  await spill.close();
  process.stdout.write(JSON.stringify({ full, reasons, counts, isSame, last: last.map(String) }));
}
