import { createHash } from 'node:crypto';

import { randomNumbers } from '../../bench/random.ts';

/** A generator of whole numbers from 0 to below a limit. */
export type Below = (limit: number) => number;

/**
 * The random numbers of one row: each row has its own, so that it can be reproduced without the rows before
 * it.
 */
export function numbersOf(seed: number, row: number): Below {
  const random = randomNumbers(digest(`numbers ${seed} ${row}`).readUInt32LE());
  return (limit) => Math.floor(random() * limit);
}

/** The token that the server puts into everything it sends for this row, and into nothing else. */
export function tokenOf(seed: number, row: number): string {
  return `tk${digest(`token ${seed} ${row}`).toString('hex', 0, 8)}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export function one<T>(below: Below, items: readonly T[]): T {
  return items[below(items.length)] as T;
}

const bytesToInsert = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  ';',
  '\x7f',
  '\x80',
  '\xff',
  '\x1b[2J',
];

/** Flips, inserts, deletes or doubles some bytes, or cuts off the rest. */
export function mutateBytes(bytes: Buffer, below: Below): Buffer {
  const at = below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + below(16));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (below(5)) {
    case 0:
      return Buffer.concat([before, part.map((byte) => byte ^ (1 << below(8))), after]);
    case 1:
      return Buffer.concat([before, Buffer.from(one(below, bytesToInsert), 'latin1'), part, after]);
    case 2:
      return Buffer.concat([before, after]);
    case 3:
      return Buffer.concat([before, part, part, after]);
    default:
      return before;
  }
}
