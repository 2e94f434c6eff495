import { Session } from 'node:inspector';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * How many steps a function takes: blocks of JavaScript that run, ours and those of libraries, and characters that
 * searches built into the language go over. They are the same on any machine, however busy it is. What a regular
 * expression does to find one match is not seen, only how far it gets.
 *
 * Everything in the process is counted, so only for tests that run one after the other. What was compiled before this
 * file was imported is not, and regular expressions are slower ever after: so a test file imports it first and has no
 * heavy tests.
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
 * How many times as many steps a function takes for eight times as much: about 8 where its cost is linear, 64 where it
 * is quadratic.
 *
 * @param run does its work on an input of this size
 */
export async function growth(size: number, run: (size: number) => unknown): Promise<number> {
  const small = await stepsOf(() => run(size));
  return (await stepsOf(() => run(8 * size))) / small;
}

/** Linear, with some allowance for what is made or looked up on the way. */
export const linear = 10;

/** Blocks that ran since it was asked last. */
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

/** Counts the characters that the searches of strings and regular expressions go over, until its end. */
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
  // All methods that take a regular expression call this one.
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
