import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { allBlocks } from './blocks.ts';
import { reader, run } from './reader.ts';

interface Result {
  readonly id: string;
  readonly fetch_ms?: unknown;
  readonly fetch_at?: unknown;
}

/** The results without times, in the order of their row numbers. */
function resultsOf(lines: string): Result[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const { fetch_ms: _, fetch_at: __, ...result } = JSON.parse(line) as Result;
      return result;
    })
    .toSorted((a, b) => Number(a.id) - Number(b.id));
}

test('the script for other engines gives the results of a run, whatever cells hold', async (t) => {
  const block = (await allBlocks()).find(({ code }) => code.includes('cat > /mnt/jobs/lane.sh'));
  if (block === undefined) throw new Error('there is no such script');
  const list = [
    'id,homepage,name',
    '1,https://www.example.org/1,plain',
    '2,https://shop.example/2,"a ""b"", c"',
    '3,,"two',
    'lines"',
    '4,no url,é',
    '5,https://images.example.org/5,too,many',
    '6,"https://www.example.org/6"',
    '7,https://www.example.org/7,',
  ];
  const as = await reader(t, block);
  const made = await run(
    'bash',
    `rm -r jobs/homepages; cat > odd.csv <<'END'\n${list.join('\n')}\nEND\n`,
    as,
  );
  t.is(made.code, 0, made.stderr);
  const ended = await run(
    'bash',
    `${block.code}
urlmill submit -q --job /mnt/jobs/homepages --lanes 4 --piece-rows 1 odd.csv
for lane in $(ls /mnt/jobs/homepages/in | cut -d- -f1 | sort -u); do
  cat /mnt/jobs/homepages/in/$lane-* | URLMILL_FAIL_ON=100 /mnt/jobs/lane.sh -o $lane.jsonl
done
cat 0*.jsonl
URLMILL_FAIL_ON=100 urlmill -q -u homepage --extract title -o plain.jsonl odd.csv`,
    as,
  );
  t.is(ended.code, 0, ended.stderr);
  const plain = resultsOf(await readFile(join(as.cwd, 'plain.jsonl'), 'utf8'));
  t.is(plain.length, 7);
  t.deepEqual(resultsOf(ended.stdout), plain);
});
