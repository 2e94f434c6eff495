import type { Nth } from './syntax.ts';

const whitespace = '[ \\t\\n]*';
const formula = new RegExp(
  `^${whitespace}(?:(odd)|(even)|([+-]?\\d*)n(?:${whitespace}([+-])${whitespace}(\\d+))?|([+-]?\\d+))` +
    `(?:${whitespace}$|[ \\t\\n]+of(?![\\w-])(.*)$)`,
  'is',
);

/**
 * `2n+1`, `odd`, `3 of li`
 *
 * @param mayHaveList whether `of` and selectors may follow
 * @returns `rest`: the selectors behind `of`; null without them
 * @throws RangeError for invalid syntax
 */
export function parseNth(
  text: string,
  mayHaveList: boolean,
): { readonly nth: Nth; readonly rest: string | null } {
  const match = formula.exec(text.replaceAll(/\/\*.*?\*\//gs, ''));
  const [, odd, even, step = '', sign = '+', distance = 0, offset, rest = null] = match ?? [];
  if (match === null || (rest !== null && !mayHaveList)) {
    throw new RangeError(`${JSON.stringify(text.trim())} is no formula like 2n+1`);
  }
  if (odd !== undefined) return { nth: { step: 2, offset: 1 }, rest };
  if (even !== undefined) return { nth: { step: 2, offset: 0 }, rest };
  if (offset !== undefined) return { nth: { step: 0, offset: Number(offset) }, rest };
  const steps = /\d/.test(step) ? Number(step) : Number(`${step}1`);
  return { nth: { step: steps, offset: Number(`${sign}${distance}`) }, rest };
}

/** Whether `step * n + offset` is this place for some n from 0 on. */
export function isNth({ step, offset }: Nth, place: number): boolean {
  if (step === 0) return place === offset;
  const n = (place - offset) / step;
  return n >= 0 && Number.isInteger(n);
}
