import { compare, equals, isList, isObject, typeOf } from './values.ts';
import type { Evaluate, Json, JsonObject } from './values.ts';

/** The kinds of parameters, and the type that the function gets for each. */
interface Kinds {
  readonly any: Json;
  readonly string: string;
  readonly number: number;
  readonly array: readonly Json[];
  readonly object: JsonObject;
  readonly strings: readonly string[];
  readonly numbers: readonly number[];
  readonly sortable: readonly (string | number)[];
  readonly sequence: string | readonly Json[];
  readonly sized: string | readonly Json[] | JsonObject;
  readonly expression: Evaluate;
}

type Kind = keyof Kinds;

const checks: Readonly<Record<Exclude<Kind, 'expression'>, readonly [string, (value: Json) => boolean]>> = {
  any: ['a value', () => true],
  string: ['a string', (value) => typeof value === 'string'],
  number: ['a number', (value) => typeof value === 'number'],
  array: ['an array', isList],
  object: ['an object', isObject],
  strings: ['an array of strings', (value) => isListOf(value, 'string')],
  numbers: ['an array of numbers', (value) => isListOf(value, 'number')],
  sortable: [
    'an array of strings or one of numbers',
    (value) => isListOf(value, 'string') || isListOf(value, 'number'),
  ],
  sequence: ['a string or an array', (value) => typeof value === 'string' || isList(value)],
  sized: [
    'a string, an array or an object',
    (value) => typeof value === 'string' || isList(value) || isObject(value),
  ],
};

function isListOf(value: Json, type: 'string' | 'number'): boolean {
  return isList(value) && value.every((item) => typeof item === type);
}

interface Definition {
  readonly kinds: readonly Kind[];
  /** Whether the last parameter takes any number of arguments, but at least one. */
  readonly isVariadic: boolean;
  readonly call: (args: readonly (Json | Evaluate)[]) => Json;
}

function define<const K extends readonly Kind[]>(
  kinds: K,
  call: (...args: { [I in keyof K]: Kinds[K[I]] }) => Json,
): Definition {
  return { kinds, isVariadic: false, call: (args) => call(...(args as { [I in keyof K]: Kinds[K[I]] })) };
}

function defineVariadic<K extends Kind>(kind: K, call: (args: readonly Kinds[K][]) => Json): Definition {
  return { kinds: [kind], isVariadic: true, call: (args) => call(args as readonly Kinds[K][]) };
}

/** https://jmespath.org/specification.html#built-in-functions */
const functions: Readonly<Record<string, Definition>> = {
  abs: define(['number'], Math.abs),
  avg: define(['numbers'], (list) => (list.length === 0 ? null : sum(list) / list.length)),
  ceil: define(['number'], Math.ceil),
  contains: define(['sequence', 'any'], (subject, search) =>
    typeof subject === 'string'
      ? typeof search === 'string' && subject.includes(search)
      : subject.some((item) => equals(item, search)),
  ),
  ends_with: define(['string', 'string'], (subject, suffix) => subject.endsWith(suffix)),
  floor: define(['number'], Math.floor),
  join: define(['string', 'strings'], (glue, list) => list.join(glue)),
  keys: define(['object'], Object.keys),
  length: define(['sized'], (subject) =>
    typeof subject === 'string' ? Array.from(subject).length : Object.keys(subject).length,
  ),
  map: define(['expression', 'array'], (expression, list) => list.map((item) => expression(item))),
  max: define(['sortable'], (list) => first(list, (a, b) => compare(b, a))),
  max_by: define(['array', 'expression'], (list, expression) => {
    const keys = keysBy('max_by', list, expression);
    return first(keys, (a, b) => compare(b.key, a.key))?.item ?? null;
  }),
  merge: defineVariadic('object', (objects) => Object.fromEntries(objects.flatMap(Object.entries))),
  min: define(['sortable'], (list) => first(list, compare)),
  min_by: define(['array', 'expression'], (list, expression) => {
    const keys = keysBy('min_by', list, expression);
    return first(keys, (a, b) => compare(a.key, b.key))?.item ?? null;
  }),
  not_null: defineVariadic('any', (values) => values.find((value) => value !== null) ?? null),
  reverse: define(['sequence'], (subject) =>
    typeof subject === 'string' ? Array.from(subject).toReversed().join('') : subject.toReversed(),
  ),
  sort: define(['sortable'], (list) => list.toSorted(compare)),
  sort_by: define(['array', 'expression'], (list, expression) =>
    keysBy('sort_by', list, expression)
      .toSorted((a, b) => compare(a.key, b.key))
      .map(({ item }) => item),
  ),
  starts_with: define(['string', 'string'], (subject, prefix) => subject.startsWith(prefix)),
  sum: define(['numbers'], sum),
  to_array: define(['any'], (value) => (isList(value) ? value : [value])),
  to_number: define(['any'], (value) => {
    if (typeof value === 'number') return value;
    return typeof value === 'string' && jsonNumber.test(value) ? Number(value) : null;
  }),
  to_string: define(['any'], (value) => (typeof value === 'string' ? value : JSON.stringify(value))),
  type: define(['any'], typeOf),
  values: define(['object'], Object.values),
};

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

function sum(list: readonly number[]): number {
  return list.reduce((total, item) => total + item, 0);
}

/** The item that sorts first; of equal ones the earliest. Null for an empty list. */
function first<T>(list: readonly T[], order: (a: T, b: T) => number): T | null {
  return list.reduce<T | null>((best, item) => (best === null || order(item, best) < 0 ? item : best), null);
}

/** @throws TypeError when the keys are not all strings or all numbers */
function keysBy(
  name: string,
  list: readonly Json[],
  expression: Evaluate,
): readonly { readonly key: string | number; readonly item: Json }[] {
  const keys = list.map((item) => expression(item));
  const [, isSortable] = checks.sortable;
  if (!isSortable(keys)) throw new TypeError(`${name}() needs keys that are all strings or all numbers`);
  return list.map((item, index) => ({ key: keys[index] as string | number, item }));
}

/** An argument. `isExpression`: it was written with `&`. */
export interface Argument {
  readonly isExpression: boolean;
  readonly evaluate: Evaluate;
}

/**
 * Compiles a call of a function.
 *
 * @throws SyntaxError for an unknown function, or a wrong number or kind of arguments; the compiled call throws a
 *   TypeError for values of the wrong type
 */
export function callOf(name: string, args: readonly Argument[]): Evaluate {
  const definition = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (definition === undefined) throw new SyntaxError(`there is no function ${name}()`);
  const { kinds, isVariadic, call } = definition;
  if (isVariadic ? args.length < kinds.length : args.length !== kinds.length) {
    const count = `${isVariadic ? 'at least ' : ''}${kinds.length} argument${kinds.length === 1 ? '' : 's'}`;
    throw new SyntaxError(`${name}() takes ${count}, got ${args.length}`);
  }
  const kindOf = (index: number): Kind => kinds[Math.min(index, kinds.length - 1)] ?? 'any';
  const wrong = args.findIndex(({ isExpression }, i) => isExpression !== (kindOf(i) === 'expression'));
  if (wrong !== -1) {
    const needed = kindOf(wrong) === 'expression' ? 'an expression like &name' : 'a value, not an expression';
    throw new SyntaxError(`argument ${wrong + 1} of ${name}() must be ${needed}`);
  }
  return (value) =>
    call(
      args.map(({ isExpression, evaluate }, i) =>
        isExpression ? evaluate : checked(name, kindOf(i), evaluate(value)),
      ),
    );
}

function checked(name: string, kind: Kind, value: Json): Json {
  if (kind === 'expression') return value;
  const [words, check] = checks[kind];
  if (check(value)) return value;
  throw new TypeError(`${name}() needs ${words}, got ${typeOf(value)}`);
}
