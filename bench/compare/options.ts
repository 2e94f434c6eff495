import { parseArgs } from 'node:util';

import { chromiumOracle } from './chromium-oracle.ts';
import { parse5Oracle } from './parse5-oracle.ts';
import type { Oracle } from './values.ts';

const oracles: Readonly<Record<string, () => Oracle | Promise<Oracle>>> = {
  parse5: parse5Oracle,
  chromium: chromiumOracle,
};

export const usage = `usage: extract.js DIR [--sample N] [--oracle ${Object.keys(oracles).join('|')}] [--tolerance PERCENT]`;

export interface Options {
  /** Folder of the pages. */
  readonly folder: string;
  /** Number of pages to compare. */
  readonly sample: number;
  readonly oracleName: string;
  readonly startOracle: () => Oracle | Promise<Oracle>;
  /** Percentage of pages that may differ, for each value. */
  readonly tolerance: number;
}

/** @returns null if the arguments are wrong */
export function readOptions(args: readonly string[]): Options | null {
  const parsed = parsedArgs(args);
  if (parsed === null) return null;
  const { values, positionals } = parsed;
  const [folder, ...more] = positionals;
  const oracleName = values.oracle;
  const startOracle = Object.hasOwn(oracles, oracleName) ? oracles[oracleName] : undefined;
  const sample = Number(values.sample);
  const tolerance = Number(values.tolerance);
  if (folder === undefined || more.length > 0 || startOracle === undefined) return null;
  return sample >= 1 && tolerance >= 0 ? { folder, sample, oracleName, startOracle, tolerance } : null;
}

function parsedArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        sample: { type: 'string', default: 'Infinity' },
        oracle: { type: 'string', default: 'parse5' },
        tolerance: { type: 'string', default: '0' },
      },
    });
  } catch {
    return null;
  }
}
