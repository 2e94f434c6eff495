import { createReadStream } from 'node:fs';

import { bytesOf } from '../read/source.ts';
import { damagedPart } from './parts.ts';
import { numberOfLine } from './result-lines.ts';

/** Bytes at the start of a line that certainly include the number of its row. */
const headSize = 40;
const LF = 0x0a;

/** Where the results of a part are, in the order of the list: 20 bytes a row. */
export class PartIndex {
  readonly rows: number;
  readonly #numbers: Float64Array;
  /** Where each line of the part begins, and where the last one ends. */
  readonly #starts: Float64Array;
  /** The indexes of lines, sorted by the numbers of their rows. */
  readonly #order: Uint32Array;

  /**
   * @param rows how many results the part must have
   * @throws InputError when it has more or fewer, or is damaged; the system's error when it cannot be read
   */
  static async of(path: string, rows: number): Promise<PartIndex> {
    const numbers = new Float64Array(rows);
    const starts = new Float64Array(rows + 1);
    let count = 0;
    for await (const { number, end } of linesOf(path)) {
      if (number === null) throw damagedPart(path, `line ${count + 1} is no result`);
      if (count < rows) {
        numbers[count] = number;
        starts[count + 1] = end;
      }
      count++;
    }
    if (count !== rows) throw damagedPart(path, `it has ${count} results and not ${rows}`);
    return new PartIndex(numbers, starts);
  }

  private constructor(numbers: Float64Array, starts: Float64Array) {
    this.rows = numbers.length;
    this.#numbers = numbers;
    this.#starts = starts;
    this.#order = Uint32Array.from(numbers.keys()).toSorted((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0));
  }

  /** The number of a row. @param place its place among the rows of the part, in list order, from 0 */
  number(place: number): number {
    return this.#numbers[this.#order[place] ?? 0] ?? 0;
  }

  /** Where the result of the row at this place is, in bytes, without the line end. */
  range(place: number): { start: number; length: number } {
    const line = this.#order[place] ?? 0;
    const start = this.#starts[line] ?? 0;
    return { start, length: (this.#starts[line + 1] ?? 0) - 1 - start };
  }
}

/** The lines of a part: the number of the row, null if it is damaged, and the byte after the line end. */
async function* linesOf(path: string): AsyncGenerator<{ number: number | null; end: number }> {
  let before = 0;
  let head = '';
  for await (const chunk of bytesOf(createReadStream(path), path)) {
    for (let at = 0; at < chunk.length;) {
      const missing = headSize - head.length;
      if (missing > 0) head += chunk.toString('latin1', at, Math.min(chunk.length, at + missing));
      const stop = chunk.indexOf(LF, at);
      if (stop === -1) break;
      yield { number: numberOfLine(head), end: before + stop + 1 };
      head = '';
      at = stop + 1;
    }
    before += chunk.length;
  }
}
