import type { ChildNode, Element, Parent } from '../tree/nodes.ts';
import { asciiLower } from './ascii.ts';
import { textInputs, typeOf } from './forms.ts';
import type { Search } from './search.ts';

type Direction = 'ltr' | 'rtl';

/** HTML Standard, "the directionality of an element". */
export function directionOf(element: Element, search: Search): Direction {
  for (let next: Element | null = element; next !== null; next = next.parentElement) {
    search.steps.spend(1 + next.attrs.length);
    const own = ownDirection(next, search);
    if (own !== null) return own;
  }
  return 'ltr';
}

/** The direction that the element sets itself; null if it has that of its parent. */
function ownDirection(element: Element, search: Search): Direction | null {
  if (!element.isHtml) return null;
  const said = asciiLower(element.attribute('dir') ?? '');
  if (said === 'ltr' || said === 'rtl') return said;
  if (said === 'auto') return automatic(element, search) ?? 'ltr';
  if (element.localName === 'bdi') return automatic(element, search) ?? 'ltr';
  return element.localName === 'input' && typeOf(element) === 'tel' ? 'ltr' : null;
}

function automatic(element: Element, search: Search): Direction | null {
  if (element.localName === 'input') {
    const takesText =
      textInputs.has(typeOf(element)) || ['hidden', 'submit', 'reset', 'button'].includes(typeOf(element));
    return takesText ? firstDirection(element.attribute('value') ?? '') : null;
  }
  const stack: (ChildNode | null)[] = [element.firstChild];
  while (stack.length > 0) {
    const node = stack.pop() ?? null;
    if (node === null) continue;
    search.steps.spend(1);
    stack.push(node.nextSibling);
    if (node.nodeType === 3) {
      search.steps.spend(node.data.length);
      const found = firstDirection(node.data);
      if (found !== null) return found;
    } else if (node.nodeType === 1 && !isApart(node)) stack.push((node as Parent).firstChild);
  }
  return null;
}

/** Whether its text is ignored for the direction of its ancestors. */
function isApart(element: Element): boolean {
  return (
    element.isHtml &&
    (['bdi', 'script', 'style', 'textarea', 'input'].includes(element.localName) ||
      ['ltr', 'rtl', 'auto'].includes(asciiLower(element.attribute('dir') ?? '')))
  );
}

const rightToLeft = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** The direction of the first letter: of bidi class L, or of R or AL, whose letters are all in these blocks. */
function firstDirection(text: string): Direction | null {
  const [letter] = /\p{L}/u.exec(text) ?? [];
  if (letter === undefined) return null;
  return rightToLeft.test(letter) ? 'rtl' : 'ltr';
}
