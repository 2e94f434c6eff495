import type { ExecutionContext } from 'ava';

import { JobFolder } from '../../src/scale/job-folder.ts';
import type { Row } from '../../src/shared/records.ts';
import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

export const list = 'url,n\nhttps://a.example/1,1\nhttps://b.example/2,2\nhttps://a.example/3,3\n';

export interface Submitted extends Ended {
  readonly cwd: string;
}

export async function submitted(
  t: ExecutionContext,
  args: readonly string[],
  files: Readonly<Record<string, string | Buffer>> = { 'list.csv': list },
): Promise<Submitted> {
  const cwd = await temporaryFolder(t, files);
  return { ...(await urlmill(['submit', '--job', 'job', ...args], { cwd })), cwd };
}

/** The rows of each piece of a job. */
export async function piecesIn(folder: string): Promise<Row[][]> {
  const job = await JobFolder.open(folder);
  const pieces: Row[][] = [];
  for (const piece of job.pieces) {
    const rows: Row[] = [];
    for await (const batch of job.rows(piece)) rows.push(...batch);
    pieces.push(rows);
  }
  return pieces;
}

export function numbers(pieces: readonly (readonly Row[])[]): number[][] {
  return pieces.map((rows) => rows.map(({ number }) => number));
}

export function bigList(rows: number): string {
  const lines = Array.from({ length: rows }, (_, n) => `https://h${n % 977}.example/${n},${n}`);
  return ['url,n', ...lines, ''].join('\n');
}
