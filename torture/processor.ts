import { writeFile } from 'node:fs/promises';

import type { Processor } from '../src/shared/records.ts';
import { makesRequest } from './input.ts';

/** What the module under torture does in a run. */
export interface ProcessorSettings {
  readonly rows: number;
  /** Whether some rows hang forever, and some end their thread. */
  readonly isTroubled: boolean;
}

/** Longest run of input rows without output; longer than a commit of 1000 rows. */
const longestRun = 1050;

/**
 * Number of output rows of an input row. A run of rows longer than a commit, and the last rows, have none.
 */
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

/** Writes the module to a file, as users have it. */
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
