/** A JSON value. Never modified: results share parts with the body that they come from. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** A compiled expression, or a part of one. */
export type Evaluate = (value: Json) => Json;

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** The name of its type, as `type()` gives it. */
export function typeOf(value: Json): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' {
  if (value === null) return 'null';
  if (typeof value === 'object') return isList(value) ? 'array' : 'object';
  return typeof value as 'boolean' | 'number' | 'string';
}

/** JMESPath: false, null, and an empty text, list or object are false; 0 is true. */
export function isTrue(value: Json): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== null && value !== false && value !== '';
}

export function equals(a: Json, b: Json): boolean {
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, index) => equals(item, b[index] ?? null));
  }
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && equals(a[name] ?? null, b[name] ?? null))
    );
  }
  return a === b;
}

/** Numbers by size, texts by code points; negative when `a` comes first. */
export function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at === length ? a.length - b.length : rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** A number that sorts UTF-16 code units as code points: surrogates after all others. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
