import { textContent } from '../tree/tree.ts';
import type { Element } from '../tree/nodes.ts';
import { asciiLower } from './ascii.ts';
import { directionOf } from './direction.ts';
import * as forms from './forms.ts';
import { languageOf, matchesLanguage } from './language.ts';
import { neverTrue } from './names.ts';
import { placeTest } from './places.ts';
import type { Search, Test } from './search.ts';
import { elementBefore, elementBehind } from './siblings.ts';
import type { PseudoClass } from './syntax.ts';
import { isValid, rangeOf } from './validity.ts';

const fixed: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['root', (element, { tree }) => element === tree.documentElement],
  ['scope', (element, { tree }) => element === tree.documentElement],
  ['empty', isEmpty],
  ['first-child', (element, { steps }) => elementBefore(element, steps) === null],
  ['last-child', (element, { steps }) => elementBehind(element, steps) === null],
  [
    'only-child',
    (element, { steps }) => elementBefore(element, steps) === null && elementBehind(element, steps) === null,
  ],
  ['any-link', isLink],
  ['checked', forms.isChecked],
  ['default', forms.isDefault],
  ['indeterminate', forms.isIndeterminate],
  ['disabled', (element, { steps }) => forms.isDisabled(element, steps)],
  ['enabled', (element, { steps }) => forms.canBeDisabled(element) && !forms.isDisabled(element, steps)],
  ['required', forms.isRequired],
  ['optional', forms.isOptional],
  ['read-write', (element, { steps }) => forms.isReadWrite(element, steps)],
  ['read-only', (element, { steps }) => !forms.isReadWrite(element, steps)],
  ['placeholder-shown', forms.showsPlaceholder],
  ['valid', (element, search) => isValid(element, search) === true],
  ['invalid', (element, search) => isValid(element, search) === false],
  ['in-range', (element, { steps }) => rangeOf(element, steps) === 'in'],
  ['out-of-range', (element, { steps }) => rangeOf(element, steps) === 'out'],
  ['defined', (element) => !element.isHtml || !isCustom(element.localName)],
  [
    'open',
    (element) => element.isHtml && ['details', 'dialog'].includes(element.localName) && has(element, 'open'),
  ],
]);

/** @param inner a test for the selectors in the argument; null without an argument */
export function pseudoClassTest(pseudo: PseudoClass, inner: Test | null): Test {
  const { name, nth, words } = pseudo;
  const test = fixed.get(name);
  if (test !== undefined) return test;
  if (neverTrue.has(name) || name === 'state') return () => false;
  if (nth !== null || name.endsWith('-of-type')) return placeTest(pseudo, inner);
  switch (name) {
    case 'not':
      return (element, search) => inner?.(element, search) === false;
    case 'lang': {
      const ranges = words.map(({ text, isString }) => ({ text: asciiLower(text), isString }));
      return (element, search) => {
        const language = asciiLower(languageOf(element, search));
        return ranges.some((range) => matchesLanguage(language, range));
      };
    }
    case 'dir': {
      const wanted = words.length === 1 ? asciiLower(words[0]?.text ?? '') : '';
      return (element, search) => directionOf(element, search) === wanted;
    }
    case 'contains':
    case 'icontains': {
      const fold = (text: string): string => (name === 'icontains' ? text.toLowerCase() : text);
      const wanted = fold(words[0]?.text ?? '');
      return (element, { steps }) =>
        fold(textContent(element, (count) => steps.spend(count))).includes(wanted);
    }
    default:
      return (element, search) => inner?.(element, search) === true;
  }
}

function has(element: Element, name: string): boolean {
  return element.attribute(name) !== null;
}

function isEmpty(element: Element, { steps }: Search): boolean {
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    steps.spend(1);
    if (node.nodeType === 1 || (node.nodeType === 3 && node.data !== '')) return false;
  }
  return true;
}

function isLink(element: Element): boolean {
  if (element.isHtml) return ['a', 'area'].includes(element.localName) && has(element, 'href');
  return (
    element.isOfWebPages && element.localName === 'a' && element.attrs.some(({ name }) => name === 'href')
  );
}

/** HTML Standard, "valid custom element name". Such an element is never defined, as no script runs. */
function isCustom(name: string): boolean {
  return (
    name.includes('-') &&
    !/^(?:annotation-xml|color-profile|font-face(?:-src|-uri|-format|-name)?|missing-glyph)$/.test(name)
  );
}
