import type { Names } from './checks.ts';
import { bytes, kindOf, milliseconds, quote, withUnit } from './said-value.ts';

/**
 * A row of the option table. `read` parses an input: text from the command line or the environment; text, number, boolean
 * or list from a config file or the library; undefined for the default. It throws a RangeError with the reason only, and
 * its caller adds the name of the option.
 *
 * `In` is the type that the library accepts besides `Out`.
 */
export interface Option<Out, In = Out> {
  /** `switch` takes no value, `list` may be given several times. */
  readonly kind: 'switch' | 'value' | 'list';
  readonly short: string | null;
  /** Placeholder of the value in help and docs. */
  readonly hint: string;
  readonly help: string;
  /** The default as a user would write it; empty when there is none. */
  readonly fallback: string;
  /**
   * Whether the option affects the content of rows, so that a run with another value is another job. `content`: the option
   * names a file, and a run with other content in that file is another job.
   */
  readonly shapes: boolean | 'content';
  /** The allowed values, if the option takes only certain words. */
  readonly choices?: readonly string[];
  readonly read: (said: unknown) => Out;
  /** Never set: it only carries the type `In`. */
  readonly said?: In;
}

interface Common {
  readonly short?: string;
  readonly help: string;
  readonly shapes?: boolean | 'content';
}

/** A switch, off by default. With `on` it is on by default and shown as `--no-NAME`, and its help describes that form. */
export function toggle({
  short,
  help,
  on = false,
  shapes = false,
}: Common & { on?: boolean }): Option<boolean> {
  const read = (said: unknown = on): boolean => readSwitch(said);
  return { kind: 'switch', short: short ?? null, hint: '', help, fallback: on ? 'true' : '', shapes, read };
}

function readSwitch(said: unknown): boolean {
  if (typeof said === 'boolean') return said;
  if (said === 'true' || said === '1') return true;
  if (said === 'false' || said === '0') return false;
  throw new RangeError(`true or false is needed, got ${quote(said)}`);
}

export function count<D extends number | undefined = undefined>({
  short,
  help,
  min,
  fallback,
  shapes = false,
}: Common & { min: number; fallback?: D }): Option<D extends number ? number : number | undefined, string> {
  const read = (said: unknown = fallback): number | undefined => {
    if (said === undefined) return undefined;
    const value = typeof said === 'string' && /^\d+$/.test(said.trim()) ? Number(said) : said;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
      throw new RangeError(`a whole number of at least ${min} is needed, got ${quote(said)}`);
    }
    return value;
  };
  return {
    kind: 'value',
    short: short ?? null,
    hint: 'N',
    help,
    fallback: fallback === undefined ? '' : String(fallback),
    shapes,
    read: read as (said: unknown) => D extends number ? number : number | undefined,
  };
}

/** A whole number from 1, or `auto`, which is the default. */
export function countOrAuto({ help }: Common): Option<number | 'auto', string> {
  return {
    kind: 'value',
    short: null,
    hint: 'N|auto',
    help,
    fallback: 'auto',
    shapes: false,
    read: readCountOrAuto,
  };
}

function readCountOrAuto(said: unknown = 'auto'): number | 'auto' {
  const value = typeof said === 'string' && /^\d+$/.test(said.trim()) ? Number(said) : said;
  if (value === 'auto' || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)) {
    return value;
  }
  throw new RangeError(`auto or a whole number of at least 1 is needed, got ${quote(said)}`);
}

/** A duration in milliseconds, at most 2^31-1 (24 days) as for Node's timers. */
export function duration<D extends string | undefined = undefined>({
  help,
  fallback,
}: Common & { fallback?: D }): Option<D extends string ? number : number | undefined, string> {
  const read = (said: unknown = fallback): number | undefined => {
    if (said === undefined) return undefined;
    const value = typeof said === 'string' ? withUnit(said, milliseconds) : said;
    if (typeof value !== 'number' || !(value > 0 && value <= 0x7fffffff)) {
      throw new RangeError(`a duration like 500ms, 30s, 5m or 6h is needed, got ${quote(said)}`);
    }
    return Math.ceil(value);
  };
  return {
    kind: 'value',
    short: null,
    hint: 'D',
    help,
    fallback: fallback ?? '',
    shapes: false,
    read: read as (said: unknown) => D extends string ? number : number | undefined,
  };
}

/** Requests per second. */
export function rate({ help }: Common): Option<number | undefined, string> {
  return { kind: 'value', short: null, hint: 'R', help, fallback: '', shapes: false, read: readRate };
}

function readRate(said: unknown): number | undefined {
  if (said === undefined) return undefined;
  const words = typeof said === 'number' || typeof said === 'string' ? String(said).trim() : '';
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/i.exec(words) ?? [];
  const value = (Number(digits) * 1000) / (milliseconds[unit.toLowerCase()] ?? Number.NaN);
  if (!(value >= 1 / 86_400 && value <= 1e6)) {
    throw new RangeError(`a rate like 20/s, 600/m or 100/h is needed, got ${quote(said)}`);
  }
  return value;
}

/** A share in percent, from 0 to 100. */
export function percent({ help }: Common): Option<number | undefined, string> {
  return { kind: 'value', short: null, hint: 'P', help, fallback: '', shapes: false, read: readPercent };
}

function readPercent(said: unknown): number | undefined {
  if (said === undefined) return undefined;
  const [, digits] = typeof said === 'string' ? (/^(\d+(?:\.\d+)?)\s*%?$/.exec(said.trim()) ?? []) : [];
  const value = typeof said === 'number' ? said : Number(digits);
  if (!(value >= 0 && value <= 100)) {
    throw new RangeError(`a percentage from 0 to 100 is needed, got ${quote(said)}`);
  }
  return value;
}

/** A size in bytes, at most that of Node's largest buffer. */
export function size({
  help,
  fallback,
  shapes = false,
}: Common & { fallback: string }): Option<number, string> {
  const read = (said: unknown = fallback): number => readSize(said);
  return { kind: 'value', short: null, hint: 'SIZE', help, fallback, shapes, read };
}

/** @throws RangeError for anything that is not a size */
export function readSize(said: unknown): number {
  const value = typeof said === 'string' ? withUnit(said, bytes, 1) : said;
  if (typeof value !== 'number' || !(value >= 0 && value <= 2 ** 32)) {
    throw new RangeError(`a size like 64kB, 10MB or 1GiB (at most 4GiB) is needed, got ${quote(said)}`);
  }
  return Math.floor(value);
}

export function choice<const T extends string, D extends T | undefined = undefined>({
  short,
  help,
  hint,
  choices,
  fallback,
  shapes = false,
}: Common & { hint: string; choices: readonly T[]; fallback?: D }): Option<
  D extends T ? T : T | undefined,
  T
> {
  const read = (said: unknown = fallback): T | undefined => {
    if (said === undefined) return undefined;
    const found = choices.find((value) => value === said);
    if (found === undefined)
      throw new RangeError(`one of ${choices.join(', ')} is needed, got ${quote(said)}`);
    return found;
  };
  return {
    kind: 'value',
    short: short ?? null,
    hint,
    help,
    fallback: fallback ?? '',
    shapes,
    choices,
    read: read as (said: unknown) => D extends T ? T : T | undefined,
  };
}

interface Text<D> extends Common {
  readonly hint: string;
  readonly fallback?: D;
  /** Throws a RangeError for an invalid text. */
  readonly check?: (text: string) => void;
}

export function text<D extends string | undefined = undefined>({
  short,
  help,
  hint,
  fallback,
  check,
  shapes = false,
}: Text<D>): Option<D extends string ? string : string | undefined, string> {
  const read = (said: unknown = fallback): string | undefined => {
    if (said === undefined) return undefined;
    const value = typeof said === 'number' ? String(said) : said;
    if (typeof value !== 'string') throw new RangeError(`text is needed, got ${kindOf(said)}`);
    check?.(value);
    return value;
  };
  return {
    kind: 'value',
    short: short ?? null,
    hint,
    help,
    fallback: fallback ?? '',
    shapes,
    read: read as (said: unknown) => D extends string ? string : string | undefined,
  };
}

/**
 * Names separated by commas; the library and a config file may also give a list. It becomes such a text unless a name has a
 * comma in it, so that both forms are the same job. An empty list counts as not given.
 */
export function names<D extends string | undefined = undefined>({
  fallback,
  ...common
}: Omit<Text<D>, 'check'>): Option<D extends string ? Names : Names | undefined, Names> {
  const one = text<string | undefined>({ fallback, ...common });
  const read = (said: unknown = fallback): Names | undefined => {
    if (!Array.isArray(said)) return one.read(said);
    const each = said.map((name: unknown) => {
      if (typeof name !== 'string') throw new RangeError(`text is needed, got ${kindOf(name)}`);
      return name;
    });
    if (each.length === 0) return fallback;
    return each.some((name) => name.includes(',')) ? each : each.join(',');
  };
  return { ...one, read: read as (said: unknown) => D extends string ? Names : Names | undefined };
}

/** An option that may be given several times. Its value is the list of texts in order. */
export function list({
  short,
  help,
  hint,
  check,
  shapes = false,
}: Text<undefined>): Option<readonly string[], string> {
  const read = (said: unknown = []): readonly string[] => {
    const values: unknown[] = Array.isArray(said) ? said : [said];
    return values.map((value) => {
      if (typeof value !== 'string') throw new RangeError(`text is needed, got ${kindOf(value)}`);
      check?.(value);
      return value;
    });
  };
  return { kind: 'list', short: short ?? null, hint, help, fallback: '', shapes, read };
}
