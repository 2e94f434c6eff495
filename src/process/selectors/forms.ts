import type { Steps } from '../tree/limits.ts';
import { Element } from '../tree/nodes.ts';
import { textContent } from '../tree/tree.ts';
import { asciiLower } from './ascii.ts';
import type { Search } from './search.ts';

/** Types of input for text. */
export const textInputs = new Set(['text', 'search', 'url', 'tel', 'email', 'password', 'number']);
const inputTypes = new Set([
  ...textInputs,
  ...'hidden date month week time datetime-local range color checkbox radio file submit image reset button'.split(
    ' ',
  ),
]);
const dateInputs = new Set(['date', 'month', 'week', 'time', 'datetime-local']);
const neverRequired = new Set(['hidden', 'range', 'color', 'submit', 'image', 'reset', 'button']);

/** The type of an input; an unknown one counts as text. */
export function typeOf(element: Element): string {
  const type = asciiLower(element.attribute('type') ?? '');
  return inputTypes.has(type) ? type : 'text';
}

export function isField(element: Element): boolean {
  return element.isHtml && ['input', 'select', 'textarea'].includes(element.localName);
}

export function canBeDisabled(element: Element): boolean {
  return (
    isField(element) ||
    (element.isHtml && ['button', 'fieldset', 'optgroup', 'option'].includes(element.localName))
  );
}

/** HTML Standard, "concept-fe-disabled" and "concept-option-disabled". */
export function isDisabled(element: Element, steps: Steps): boolean {
  if (!canBeDisabled(element)) return false;
  if (element.attribute('disabled') !== null) return true;
  if (element.localName === 'optgroup') return false;
  if (element.localName === 'option') {
    if (isInDisabledGroup(element, steps)) return true;
    // As in browsers, unlike the HTML Standard.
    const select = selectOf(element, steps);
    return select !== null && isDisabled(select, steps);
  }
  let inner = element;
  for (let next = element.parentElement; next !== null; next = next.parentElement) {
    steps.spend(1 + next.attrs.length);
    if (is(next, 'fieldset') && next.attribute('disabled') !== null && !isFirstLegend(inner, next, steps))
      return true;
    inner = next;
  }
  return false;
}

function isInDisabledGroup(option: Element, steps: Steps): boolean {
  const group = option.parentElement;
  if (group === null || !is(group, 'optgroup')) return false;
  steps.spend(group.attrs.length);
  return group.attribute('disabled') !== null;
}

function isFirstLegend(element: Element, fieldset: Element, steps: Steps): boolean {
  let child = fieldset.firstChild;
  while (child !== null && !(child instanceof Element && is(child, 'legend'))) {
    steps.spend(1);
    child = child.nextSibling;
  }
  return child === element;
}

function is(element: Element, name: string): boolean {
  return element.isHtml && element.localName === name;
}

export function isRequired(element: Element): boolean {
  if (!isField(element) || element.attribute('required') === null) return false;
  return element.localName !== 'input' || !neverRequired.has(typeOf(element));
}

export function isOptional(element: Element): boolean {
  return (isField(element) || is(element, 'button')) && !isRequired(element);
}

export function isReadWrite(element: Element, steps: Steps): boolean {
  if (is(element, 'textarea') || (is(element, 'input') && isTyped(typeOf(element)))) {
    return element.attribute('readonly') === null && !isDisabled(element, steps);
  }
  for (let next: Element | null = element; next !== null; next = next.parentElement) {
    steps.spend(1 + next.attrs.length);
    const said = next.isHtml ? next.attribute('contenteditable') : null;
    if (said !== null && ['', 'true', 'plaintext-only'].includes(asciiLower(said))) return true;
    if (said !== null && asciiLower(said) === 'false') return false;
  }
  return false;
}

function isTyped(type: string): boolean {
  return textInputs.has(type) || dateInputs.has(type);
}

export function showsPlaceholder(element: Element, { steps }: Search): boolean {
  if (element.attribute('placeholder') === null) return false;
  if (is(element, 'textarea')) return textContent(element, (count) => steps.spend(count)) === '';
  return is(element, 'input') && textInputs.has(typeOf(element)) && (element.attribute('value') ?? '') === '';
}

export function isChecked(element: Element, search: Search): boolean {
  return chosenOf(search).has(element);
}

export function isDefault(element: Element, search: Search): boolean {
  if (is(element, 'option')) return element.attribute('selected') !== null;
  if (is(element, 'input') && ['checkbox', 'radio'].includes(typeOf(element))) {
    return element.attribute('checked') !== null;
  }
  return isSubmit(element) && firstSubmits(search).has(element);
}

export function isIndeterminate(element: Element, search: Search): boolean {
  if (is(element, 'progress')) return element.attribute('value') === null;
  if (!is(element, 'input') || typeOf(element) !== 'radio') return false;
  const group = groupOf(element, search);
  return group === null ? !chosenOf(search).has(element) : !checkedGroups(search).has(group);
}

function isSubmit(element: Element): boolean {
  if (is(element, 'input')) return ['submit', 'image'].includes(typeOf(element));
  return is(element, 'button') && !['reset', 'button'].includes(asciiLower(element.attribute('type') ?? ''));
}

function formOf(element: Element, { steps }: Search): Element | null {
  let next = element.parentElement;
  while (next !== null && !is(next, 'form')) {
    steps.spend(1);
    next = next.parentElement;
  }
  return next;
}

/** Identifies the group of a radio button, by form and name; null for one without a name, which is in no group. */
function groupOf(element: Element, search: Search): string | null {
  const name = element.attribute('name') ?? '';
  return name === '' ? null : `${formOf(element, search)?.order ?? ''} ${name}`;
}

function once<T>(key: object, search: Search, find: () => T): T {
  if (!search.memo.has(key)) search.memo.set(key, find());
  return search.memo.get(key) as T;
}

function firstSubmits(search: Search): ReadonlySet<Element> {
  return once(firstSubmits, search, () => {
    const forms = new Map<Element, Element>();
    for (const element of search.tree.elements) {
      const form = isSubmit(element) ? formOf(element, search) : null;
      if (form !== null && !forms.has(form)) forms.set(form, element);
    }
    return new Set(forms.values());
  });
}

function checkedGroups(search: Search): ReadonlySet<string> {
  return once(checkedGroups, search, () => {
    const chosen = [...chosenOf(search)].filter((element) => typeOf(element) === 'radio');
    return new Set(chosen.map((element) => groupOf(element, search)).filter((group) => group !== null));
  });
}

/** All checkboxes, radio buttons and options that are initially checked; of a group of radio buttons the last one. */
function chosenOf(search: Search): ReadonlySet<Element> {
  return once(chosenOf, search, () => {
    const chosen = new Set<Element>();
    const radios = new Map<string, Element>();
    for (const element of search.tree.elements) {
      search.steps.spend(1);
      if (is(element, 'select')) for (const option of chosenOptions(element, search)) chosen.add(option);
      else if (is(element, 'option') && element.attribute('selected') !== null) {
        if (selectOf(element, search.steps) === null) chosen.add(element);
      } else if (is(element, 'input') && element.attribute('checked') !== null) {
        const group = typeOf(element) === 'radio' ? groupOf(element, search) : null;
        if (group !== null) radios.set(group, element);
        else if (['checkbox', 'radio'].includes(typeOf(element))) chosen.add(element);
      }
    }
    for (const radio of radios.values()) chosen.add(radio);
    return chosen;
  });
}

function selectOf(option: Element, steps: Steps): Element | null {
  let next = option.parentElement;
  while (next !== null && !is(next, 'select')) {
    steps.spend(1);
    next = next.parentElement;
  }
  return next;
}

/** HTML Standard, "selectedness setting algorithm". */
function chosenOptions(select: Element, { tree, steps }: Search): readonly Element[] {
  steps.spend(select.end - select.order);
  const options = tree.elements.slice(select.order, select.end).filter((element) => is(element, 'option'));
  const said = options.filter((option) => option.attribute('selected') !== null);
  if (select.attribute('multiple') !== null) return said;
  if (said.length > 0) return said.slice(-1);
  const size = Number.parseInt(select.attribute('size') ?? '', 10);
  return size > 1 ? [] : options.filter((option) => mayBeFirst(option, steps)).slice(0, 1);
}

function mayBeFirst(option: Element, steps: Steps): boolean {
  return option.attribute('disabled') === null && !isInDisabledGroup(option, steps);
}
