import { quoted } from './checks.ts';

export const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export const bytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/**
 * Reads a number with one of these units.
 *
 * @param unitless the factor for a number without a unit; if it is not given, a unit is required
 * @returns NaN for anything else
 */
export function withUnit(said: string, units: Readonly<Record<string, number>>, unitless?: number): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(said.trim()) ?? [];
  const known = Object.keys(units).find((name) => name.toLowerCase() === unit.toLowerCase());
  const factor = known === undefined ? undefined : units[known];
  return Number(digits) * ((unit === '' ? unitless : factor) ?? Number.NaN);
}

/** The input for a message. Objects are not shown, as they may hold secrets. */
export function quote(said: unknown): string {
  if (typeof said === 'string') return quoted(said);
  return typeof said === 'number' ? String(said) : kindOf(said);
}

/** The kind of an input that is not text, for a message. A number is not shown, as it may be a secret. */
export function kindOf(said: unknown): string {
  if (said === null || typeof said === 'boolean') return String(said);
  if (typeof said === 'object') return Array.isArray(said) ? 'a list' : 'an object';
  return `a ${typeof said}`;
}
