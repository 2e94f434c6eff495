/** The building blocks of compiled expressions. */

import { compare, equals, isList, isObject, isTrue } from './values.ts';
import type { Evaluate, Json } from './values.ts';

/** The member of this name; null when there is none. */
export function field(name: string): Evaluate {
  return (value) => (isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null);
}

/** The item at this index, from the end when negative. */
export function itemAt(index: number): Evaluate {
  return (value) => (isList(value) ? (value.at(index) ?? null) : null);
}

export function chain(left: Evaluate, right: Evaluate): Evaluate {
  return (value) => right(left(value));
}

/** Applies `right` to each item of the list that `left` gives, and drops nulls. */
export function projection(left: Evaluate, right: Evaluate): Evaluate {
  return (value) => {
    const list = left(value);
    if (!isList(list)) return null;
    return list.map((entry) => right(entry)).filter((entry) => entry !== null);
  };
}

export function valuesOf(value: Json): Json {
  return isObject(value) ? Object.values(value) : null;
}

/** Flattens one level of lists. */
export function flat(value: Json): Json {
  return isList(value) ? value.flatMap((entry) => entry) : null;
}

/** As a slice in Python: negative indexes count from the end, indexes beyond the ends are clamped. */
export function slice(start: number | null, stop: number | null, step: number): Evaluate {
  return (value) => {
    if (!isList(value)) return null;
    const { length } = value;
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const bound = (index: number): number =>
      Math.min(Math.max(index < 0 ? index + length : index, low), high);
    const from = start === null ? (step > 0 ? low : high) : bound(start);
    const to = stop === null ? (step > 0 ? high : low) : bound(stop);
    const taken: Json[] = [];
    for (let i = from; step > 0 ? i < to : i > to; i += step) taken.push(value[i] ?? null);
    return taken;
  };
}

/** A binary operator: `||`, `&&` or a comparison. */
export function operation(symbol: string, left: Evaluate, right: Evaluate): Evaluate {
  if (symbol === '||' || symbol === '&&') {
    return (value) => {
      const first = left(value);
      return isTrue(first) === (symbol === '||') ? first : right(value);
    };
  }
  if (symbol === '==') return (value) => equals(left(value), right(value));
  if (symbol === '!=') return (value) => !equals(left(value), right(value));
  return (value) => {
    const a = left(value);
    const b = right(value);
    if (typeof a !== 'number' || typeof b !== 'number') return null;
    const order = compare(a, b);
    return symbol.startsWith('<')
      ? order < 0 || (order === 0 && symbol === '<=')
      : order > 0 || (order === 0 && symbol === '>=');
  };
}
