import type { Element, Document, Attribute as ElementAttribute } from '../tree/nodes.ts';
import { asciiLower, equalsIgnoringCase } from './ascii.ts';
import type { Test } from './search.ts';
import type { Attribute } from './syntax.ts';

/** HTML Standard, "case-sensitivity of selectors": attributes of HTML elements whose values ignore case. */
const caseless = new Set(
  (
    'accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare defer dir ' +
    'direction disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref ' +
    'noresize noshade nowrap readonly rel rev rules scope scrolling selected shape target text type valign valuetype vlink'
  ).split(' '),
);

/** A test whether an element has the attribute of a selector. */
export function attributeTest(selector: Attribute): Test {
  const { operator, value, flag, namespace } = selector;
  const lowerName = asciiLower(selector.name);
  const lowerValue = asciiLower(value);
  const isCaseless = caseless.has(lowerName);
  return (element, { tree, steps }) => {
    const { attrs } = element;
    if (attrs.length === 0) return false;
    steps.spend(attrs.length);
    const ignoresCase = flag === 'i' || (flag === '' && isCaseless && tree.isHtml && element.isHtml);
    for (const attr of attrs) {
      if (!isNamed(attr, element, tree)) continue;
      if (operator === '') return true;
      steps.spend(attr.value.length >> 4);
      const given = ignoresCase ? asciiLower(attr.value) : attr.value;
      if (fits(given, operator, ignoresCase ? lowerValue : value)) return true;
    }
    return false;
  };

  function isNamed(attr: ElementAttribute, element: Element, tree: Document): boolean {
    if (namespace !== '*' && attr.namespace !== undefined) {
      return namespace === undefined && !tree.isHtml && `${attr.prefix}:${attr.name}` === selector.name;
    }
    if (!tree.isHtml) return attr.name === selector.name;
    // Attributes of svg may have capitals, and match in any case.
    return attr.name === lowerName || (!element.isHtml && equalsIgnoringCase(attr.name, lowerName));
  }
}

/** Value of an attribute by its name as written, such as `xlink:href`; null if it is missing. */
export function attributeOf(element: Element, name: string, tree: Document): string | null {
  const wanted = tree.isHtml ? asciiLower(name) : name;
  for (const attr of element.attrs) {
    const written = attr.prefix === undefined ? attr.name : `${attr.prefix}:${attr.name}`;
    if (written === wanted || (tree.isHtml && !element.isHtml && equalsIgnoringCase(written, wanted)))
      return attr.value;
  }
  return null;
}

function fits(given: string, operator: Attribute['operator'], value: string): boolean {
  switch (operator) {
    case '=':
      return given === value;
    case '~=':
      return hasWord(given, value);
    case '|=':
      return given === value || given.startsWith(`${value}-`);
    case '^=':
      return value !== '' && given.startsWith(value);
    case '$=':
      return value !== '' && given.endsWith(value);
    case '*=':
      return value !== '' && given.includes(value);
    default:
      return true;
  }
}

/** Whether the text contains the word, separated by whitespace. */
export function hasWord(text: string, word: string): boolean {
  if (word === '' || /[\t\n\f\r ]/.test(word)) return false;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (isBorder(text.charCodeAt(at - 1)) && isBorder(text.charCodeAt(at + word.length))) return true;
  }
  return false;
}

/** Whether it is whitespace, or NaN: beyond either end of the text. */
function isBorder(code: number): boolean {
  return (
    Number.isNaN(code) || code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0c || code === 0x0d
  );
}
