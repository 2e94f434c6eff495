import type { Bench, Findings, Scenario } from '../scenario.ts';
import { largeBodies } from '../memory/large-bodies.ts';
import { manyRows } from '../memory/many-rows.ts';
import { stoppedReader } from '../memory/stopped-reader.ts';

export const memory: Scenario = {
  name: 'memory',
  about: 'Peak RSS with 3,000,000 rows, with 64 bodies of 200 MB, and behind a reader that stops for 20 s.',
  tools: ['nginx'],
  rounds: 3,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const parts = [await manyRows(bench), await largeBodies(bench), await stoppedReader(bench)];
  return {
    tables: parts.flatMap(({ tables }) => tables),
    checks: parts.flatMap(({ checks }) => checks),
    commands: parts.flatMap(({ commands }) => commands),
  };
}
