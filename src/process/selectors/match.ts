import { asciiLower, equalsIgnoringCase } from './ascii.ts';
import { attributeTest, hasWord } from './attributes.ts';
import { hasTest } from './has.ts';
import { outcomeOf } from './outcome.ts';
import type { Compound } from './outcome.ts';
import { pseudoClassTest } from './pseudo-classes.ts';
import type { Test } from './search.ts';
import type { Complex, Simple } from './syntax.ts';

/** A test whether an element matches one of the selectors. */
export function listTest(selectors: readonly Complex[]): Test {
  const tests = selectors.map(complexTest);
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (element, search) => {
    for (const test of tests) if (test(element, search)) return true;
    return false;
  };
}

function complexTest(selector: Complex): Test {
  const compounds = compoundsOf(selector);
  const last = compounds.length - 1;
  const [only] = compounds;
  if (last === 0 && only !== undefined) return only.test;
  return (element, search) => outcomeOf(compounds, last, element, null, search) === 'match';
}

function compoundsOf({ parts }: Complex): Compound[] {
  return parts.map(({ combinator, simples }) => ({ combinator, test: compoundTest(simples) }));
}

function compoundTest(simples: readonly Simple[]): Test {
  const tests = simples.map(simpleTest);
  // Most pseudo-classes look at attributes of the element.
  const readsAttributes = simples.some(({ kind }) => kind === 'pseudo-class');
  return (element, search) => {
    search.steps.spend(readsAttributes ? 1 + element.attrs.length : 1);
    for (const test of tests) if (!test(element, search)) return false;
    return true;
  };
}

function simpleTest(simple: Simple): Test {
  switch (simple.kind) {
    case 'type':
      return typeTest(simple);
    case 'id':
      return ({ attrs }, { tree, steps }) => {
        steps.spend(attrs.length);
        for (const { name, namespace, value } of attrs) {
          if (name !== 'id' || namespace !== undefined) continue;
          return value === simple.name || (tree.isQuirky && equalsIgnoringCase(value, simple.name));
        }
        return false;
      };
    case 'class': {
      const lower = asciiLower(simple.name);
      return (element, { tree, steps }) => {
        steps.spend(element.attrs.length);
        const value = element.attribute('class');
        if (value === null) return false;
        steps.spend(value.length >> 6);
        return tree.isQuirky ? hasWord(asciiLower(value), lower) : hasWord(value, simple.name);
      };
    }
    case 'attribute':
      return attributeTest(simple);
    default:
      if (simple.name === 'has') {
        return hasTest((simple.selectors ?? []).map(compoundsOf));
      }
      return pseudoClassTest(simple, simple.selectors === null ? null : listTest(simple.selectors));
  }
}

/**
 * In XML a name matches the name as written, with its prefix: in a feed, `link` must not match `atom:link`.
 * Elements of HTML, SVG and MathML match by their local names.
 */
function typeTest({ namespace, name }: Extract<Simple, { readonly kind: 'type' }>): Test {
  const lower = asciiLower(name);
  return (element, { tree }) => {
    if (namespace === null && element.namespaceURI !== null) return false;
    const { localName } = element;
    if (name === '*') return true;
    if (tree.isHtml) {
      return localName === lower || (!element.isHtml && equalsIgnoringCase(localName, lower));
    }
    if (tree.isXhtml || namespace !== undefined || element.prefix === null || element.isOfWebPages)
      return localName === name;
    return element.qualifiedName === name;
  };
}
