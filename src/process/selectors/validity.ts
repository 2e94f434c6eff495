import type { Steps } from '../tree/limits.ts';
import type { Element } from '../tree/nodes.ts';
import { textContent } from '../tree/tree.ts';
import { isChecked, isDisabled, isField, isIndeterminate, isRequired, typeOf } from './forms.ts';
import type { Search } from './search.ts';

const ordered: ReadonlyMap<string, RegExp> = new Map([
  ['number', /^-?(?:\d+|\d*\.\d+)(?:e[+-]?\d+)?$/i],
  ['range', /^-?(?:\d+|\d*\.\d+)(?:e[+-]?\d+)?$/i],
  ['date', /^\d{4,}-\d\d-\d\d$/],
  ['month', /^\d{4,}-\d\d$/],
  ['week', /^\d{4,}-W\d\d$/],
  ['time', /^\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/],
  ['datetime-local', /^\d{4,}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/],
]);

const email =
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;

/**
 * Whether a field, or a form with all its fields, satisfies its constraints; null for elements without constraints. `pattern`
 * is ignored, as a regular expression of the page could take forever.
 */
export function isValid(element: Element, search: Search): boolean | null {
  if (!element.isHtml) return null;
  if (element.localName === 'form' || element.localName === 'fieldset') {
    for (let order = element.order + 1; order < element.end; order++) {
      search.steps.spend(1);
      const inner = search.tree.elements[order];
      if (inner !== undefined && isField(inner) && isValid(inner, search) === false) return false;
    }
    return true;
  }
  if (!isField(element) && element.localName !== 'button') return null;
  if (!isAsked(element, search)) return null;
  return !isMissing(element, search) && isWellFormed(element) && rangeOf(element, search.steps) !== 'out';
}

/** HTML Standard, "candidate for constraint validation". */
function isAsked(element: Element, { steps }: Search): boolean {
  if (isDisabled(element, steps)) return false;
  for (let next = element.parentElement; next !== null; next = next.parentElement) {
    steps.spend(1);
    if (next.isHtml && next.localName === 'datalist') return false;
  }
  if (element.localName === 'button') {
    return !/^(?:button|reset)$/i.test(element.attribute('type') ?? '');
  }
  if (element.localName !== 'input')
    return element.localName !== 'textarea' || element.attribute('readonly') === null;
  const type = typeOf(element);
  return !['hidden', 'button', 'reset', 'image'].includes(type) && element.attribute('readonly') === null;
}

function isMissing(element: Element, search: Search): boolean {
  if (element.localName === 'input' && typeOf(element) === 'radio') {
    return isRequired(element) && isIndeterminate(element, search);
  }
  if (!isRequired(element)) return false;
  if (element.localName === 'textarea') {
    return textContent(element, (count) => search.steps.spend(count)) === '';
  }
  if (element.localName === 'select') return !hasChosen(element, search);
  const type = typeOf(element);
  if (type === 'checkbox') return !isChecked(element, search);
  return type === 'file' || valueOf(element) === '';
}

function hasChosen(select: Element, search: Search): boolean {
  for (let order = select.order + 1; order < select.end; order++) {
    search.steps.spend(1);
    const option = search.tree.elements[order];
    if (option === undefined || !isChecked(option, search)) continue;
    const value =
      option.attribute('value') ?? textContent(option, (count) => search.steps.spend(count)).trim();
    if (value !== '') return true;
  }
  return false;
}

/** The value after "value sanitization": invalid numbers and dates become empty. */
function valueOf(element: Element): string {
  const value = element.attribute('value') ?? '';
  const form = ordered.get(typeOf(element));
  return form === undefined || form.test(value) ? value : '';
}

function isWellFormed(element: Element): boolean {
  if (element.localName !== 'input') return true;
  const value = valueOf(element).trim();
  if (value === '') return true;
  if (typeOf(element) === 'email') return email.test(value);
  return typeOf(element) !== 'url' || URL.canParse(value);
}

/** Whether a value is between its minimum and maximum; null without them. */
export function rangeOf(element: Element, steps: Steps): 'in' | 'out' | null {
  if (!element.isHtml || element.localName !== 'input') return null;
  const type = typeOf(element);
  const form = ordered.get(type);
  if (form === undefined || isDisabled(element, steps) || element.attribute('readonly') !== null) return null;
  // A slider clamps its value.
  if (type === 'range') return 'in';
  const [least, most] = ['min', 'max'].map((name) => {
    const limit = element.attribute(name) ?? '';
    return form.test(limit) ? limit : null;
  });
  if (least == null && most == null) return null;
  const value = valueOf(element);
  const isBelow = (a: string, b: string): boolean => (type === 'number' ? Number(a) < Number(b) : a < b);
  const isOut =
    value !== '' && ((least != null && isBelow(value, least)) || (most != null && isBelow(most, value)));
  return isOut ? 'out' : 'in';
}
