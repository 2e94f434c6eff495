import { Session } from 'node:inspector';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * Counts the steps of a function: executed blocks of JavaScript, ours and those of libraries, and characters
 * scanned by built-in searches. The count is the same on any machine, however busy. For a regular expression,
 * only the distance to its match counts, not the backtracking on the way.
 *
 * Everything in the process is counted, so the tests of the file must run one after the other. Code compiled
 * before this file was imported is not counted, and regular expressions stay slower afterwards: so a test
 * file imports this one first and has no heavy tests.
 */
export async function stepsOf(work: () => unknown): Promise<number> {
  blocks();
  const searched = countingSearches();
  try {
    await work();
  } finally {
    searched.end();
  }
  return blocks() + searched.characters();
}

/**
 * The factor by which the steps grow when the input grows eightfold: about 8 if the cost is linear, 64 if
 * quadratic.
 *
 * @param run does its work on an input of this size
 */
export async function growth(size: number, run: (size: number) => unknown): Promise<number> {
  const small = await stepsOf(() => run(size));
  return (await stepsOf(() => run(8 * size))) / small;
}

/** The limit for `growth` to count as linear, with some allowance for fixed costs. */
export const linear = 10;

/** Blocks executed since the last call. */
function blocks(): number {
  let count = 0;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    for (const { url, functions } of result) {
      if (!url.startsWith('file:') || url === import.meta.url) continue;
      for (const { ranges } of functions) for (const range of ranges) count += range.count;
    }
  });
  return count;
}

interface Searches {
  readonly characters: () => number;
  readonly end: () => void;
}

/** Counts the characters scanned by searches of strings and regular expressions, until `end` is called. */
function countingSearches(): Searches {
  let characters = 0;
  // oxlint-disable-next-line typescript/unbound-method -- they are called with `this` below
  const { indexOf, includes, split } = String.prototype;
  // oxlint-disable-next-line typescript/unbound-method -- as well
  const { exec } = RegExp.prototype;
  // oxlint-disable-next-line typescript/unbound-method -- as well
  const { toString } = Buffer.prototype;
  const counted = {
    indexOf(this: string, text: string, from = 0): number {
      const at = indexOf.call(this, text, from);
      characters += at === -1 ? Math.max(0, this.length - from) : at + text.length - from;
      return at;
    },
    includes(this: string, text: string, from = 0): boolean {
      return this.indexOf(text, from) !== -1;
    },
    split(this: string, ...args: readonly unknown[]): unknown {
      characters += this.length;
      return Reflect.apply(split, this, args);
    },
  };
  Object.assign(String.prototype, counted);
  // All methods that take a regular expression call `exec`.
  const search = function search(this: RegExp, text: string) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    const found = exec.call(this, text);
    const end = found === null ? (this.sticky ? from : text.length) : found.index + found[0].length;
    characters += Math.max(0, end - from);
    return found;
  };
  Object.assign(RegExp.prototype, { exec: search });
  Buffer.prototype.toString = function decode(this: Buffer, ...args: Parameters<typeof toString>) {
    const text = toString.apply(this, args);
    characters += text.length;
    return text;
  };
  return {
    characters: () => characters,
    end: () => {
      Object.assign(String.prototype, { indexOf, includes, split });
      Object.assign(RegExp.prototype, { exec });
      Buffer.prototype.toString = toString;
    },
  };
}
