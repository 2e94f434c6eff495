import { writeFile } from 'node:fs/promises';

import type { Processor } from '../src/shared/records.ts';
import { makesRequest } from './input.ts';

/** What the module under torture does to a run of so many rows. */
export interface ProcessorSettings {
  readonly rows: number;
  /** Whether some of its rows hang for ever, and some end their thread. */
  readonly isTroubled: boolean;
}

/** More than one commit. */
const longestRun = 1050;

/** How many output rows an input row makes: also none for longer than a commit, and none for the last ones. */
export function outputRows(row: number, { rows, isTroubled }: ProcessorSettings): number {
  if (!makesRequest(row) || (isTroubled && (hangs(row) || endsThread(row)))) return 1;
  const start = Math.floor(rows / 5);
  const isInRun = row > start && row <= start + Math.min(longestRun, rows / 2);
  if (isInRun || row > rows * 0.95) return 0;
  return [0, 1, 3][row % 3] ?? 0;
}

/** The processor of the module that {@link writeModule} writes. */
export function processorFor(settings: ProcessorSettings): Processor {
  return {
    columns: ['piece'],
    process({ row: cells, url }) {
      const row = Number(cells['id']);
      if (settings.isTroubled && hangs(row)) for (;;);
      if (settings.isTroubled && endsThread(row)) process.exit(3);
      return Array.from({ length: outputRows(row, settings) }, (_, piece) => ({
        piece: `${piece} of ${url}`,
      }));
    },
  };
}

/** Writes it as users do: a file of its own. */
export async function writeModule(path: string, settings: ProcessorSettings): Promise<void> {
  const lines = [
    `import { processorFor } from ${JSON.stringify(import.meta.url)};`,
    `export default processorFor(${JSON.stringify(settings)});`,
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
}

function hangs(row: number): boolean {
  return row % 500 === 0;
}

function endsThread(row: number): boolean {
  return row % 2000 === 700;
}
