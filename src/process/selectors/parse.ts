import { Scanner } from './scanner.ts';
import { aliases, argumentOf, plain, pseudoElements } from './names.ts';
import { parseNth } from './nth.ts';
import type { Attribute, Combinator, Complex, Namespace, PseudoClass, Simple, Word } from './syntax.ts';

/**
 * Parses a list of selectors (Selectors Level 4). Two things that browsers accept are refused: selectors that
 * never match, such as `::before`, and brackets or strings that are not closed at the end.
 *
 * @throws RangeError for invalid syntax
 */
export function parseSelectors(text: string): readonly Complex[] {
  const scanner = new Scanner(text);
  try {
    const selectors = selectorList(scanner, { isRelative: false, inHas: false });
    if (!scanner.isAtEnd) throw unexpected(scanner);
    return selectors;
  } catch (error) {
    if (error instanceof RangeError) error.message += ` (character ${scanner.at + 1} of "${text}")`;
    throw error;
  }
}

/** The context of a selector, which limits what is allowed. */
interface Place {
  /** Whether it may begin with a combinator, as in `:has()`. */
  readonly isRelative: boolean;
  readonly inHas: boolean;
}

function unexpected(scanner: Scanner): RangeError {
  return new RangeError(`${scanner.found} is not expected there`);
}

function selectorList(scanner: Scanner, place: Place): Complex[] {
  const selectors: Complex[] = [];
  do selectors.push(complex(scanner, place));
  while (scanner.takes(','));
  return selectors;
}

/** The list of `:is()` and `:where()`, which ignore invalid selectors. */
function forgivingList(scanner: Scanner, place: Place): Complex[] {
  const selectors: Complex[] = [];
  for (const part of separated(scanner.rawArgument())) {
    try {
      const inner = new Scanner(part);
      const selector = complex(inner, place);
      if (inner.isAtEnd) selectors.push(selector);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return selectors;
}

/** The parts between commas outside of brackets. */
function separated(text: string): string[] {
  const parts: string[] = [];
  const scanner = new Scanner(text);
  let start = 0;
  for (let depth = 0; !scanner.isAtEnd; scanner.at++) {
    const sign = scanner.text.charAt(scanner.at);
    if (sign === '\\') scanner.at++;
    else if (sign === '"' || sign === "'") {
      scanner.string();
      scanner.at--;
    } else if (sign === '(' || sign === '[') depth++;
    else if (sign === ')' || sign === ']') depth--;
    else if (sign === ',' && depth === 0) {
      parts.push(scanner.text.slice(start, scanner.at));
      start = scanner.at + 1;
    }
  }
  return [...parts, scanner.text.slice(start)];
}

function complex(scanner: Scanner, place: Place): Complex {
  scanner.skipSpace();
  const parts: { combinator: Combinator; simples: Simple[] }[] = [];
  let next: Combinator | null = place.isRelative ? (combinator(scanner, false) ?? ' ') : ' ';
  while (next !== null) {
    scanner.skipSpace();
    const simples = compound(scanner, place);
    if (simples.length === 0) {
      if (parts.length > 0 || /^[>+~]/.test(scanner.text.slice(scanner.at))) {
        throw new RangeError('a selector is missing beside > + or ~');
      }
      throw scanner.isAtEnd || scanner.comesNext(',')
        ? new RangeError('a selector is missing')
        : unexpected(scanner);
    }
    parts.push({ combinator: next, simples });
    next = combinator(scanner, scanner.skipSpace());
  }
  return { parts };
}

function combinator(scanner: Scanner, wasSpace: boolean): Combinator | null {
  for (const sign of ['>', '+', '~'] as const) if (scanner.takes(sign)) return sign;
  return wasSpace && !scanner.isAtEnd && !/^[,)]/.test(scanner.text.slice(scanner.at)) ? ' ' : null;
}

function compound(scanner: Scanner, place: Place): Simple[] {
  const simples: Simple[] = [];
  const type = qualifiedName(scanner, true);
  if (type !== null) simples.push({ kind: 'type', ...type });
  for (;;) {
    if (simples.length > 0) scanner.skipComments();
    const simple = simpleBehindType(scanner, place);
    if (simple === null) return simples;
    simples.push(simple);
  }
}

function simpleBehindType(scanner: Scanner, place: Place): Simple | null {
  if (scanner.takes('#')) return { kind: 'id', name: nameOf(scanner, 'an ID') };
  if (scanner.takes('.')) return { kind: 'class', name: nameOf(scanner, 'a class') };
  if (scanner.takes('[')) return attribute(scanner);
  return scanner.takes(':') ? pseudoClass(scanner, place) : null;
}

function nameOf(scanner: Scanner, what: string): string {
  const name = scanner.name();
  if (name === null) throw new RangeError(`the name of ${what} is missing before ${scanner.found}`);
  return name;
}

/** `a`, `*`, `*|a`, `|a`, and `*|*` where a star is allowed. */
function qualifiedName(
  scanner: Scanner,
  mayBeStar: boolean,
): { readonly namespace: Namespace; readonly name: string } | null {
  const start = scanner.at;
  const first = scanner.takes('*') ? '*' : scanner.name();
  if (scanner.comesNext('|') && !scanner.comesNext('|=') && !scanner.comesNext('||')) {
    if (first !== null && first !== '*') {
      throw new RangeError(`there is no namespace ${JSON.stringify(first)}: only *| and | can be said`);
    }
    scanner.at++;
    const name = mayBeStar && scanner.takes('*') ? '*' : nameOf(scanner, 'an element or attribute');
    return { namespace: first, name };
  }
  if (first === null || (first === '*' && !mayBeStar)) {
    scanner.at = start;
    return null;
  }
  return { namespace: undefined, name: first };
}

function attribute(scanner: Scanner): Attribute {
  scanner.skipSpace();
  const name = qualifiedName(scanner, false);
  if (name === null) throw new RangeError(`the name of an attribute is missing before ${scanner.found}`);
  scanner.skipSpace();
  if (scanner.takes(']')) return { kind: 'attribute', ...name, operator: '', value: '', flag: '' };
  const operator = (['=', '~=', '|=', '^=', '$=', '*='] as const).find((sign) => scanner.takes(sign));
  if (operator === undefined) throw new RangeError(`"]" is missing before ${scanner.found}`);
  scanner.skipSpace();
  const value = scanner.string() ?? scanner.name();
  if (value === null) throw new RangeError(`the value of an attribute is missing before ${scanner.found}`);
  scanner.skipSpace();
  const flag = scanner.name()?.toLowerCase() ?? '';
  scanner.skipSpace();
  if (!scanner.takes(']') || (flag !== '' && flag !== 'i' && flag !== 's')) {
    throw new RangeError(`"]" is missing before ${scanner.found}`);
  }
  return { kind: 'attribute', ...name, operator, value, flag };
}

function pseudoClass(scanner: Scanner, place: Place): PseudoClass {
  if (scanner.takes(':')) throw pseudoElement(scanner.name() ?? '');
  const written = nameOf(scanner, 'a pseudo-class');
  const name = written.toLowerCase();
  const isFunction = scanner.takes('(');
  const alias = isFunction ? undefined : aliases.get(name);
  if (alias !== undefined) return parsedAlias(alias);
  if (!isFunction && pseudoElements.has(name)) throw pseudoElement(name);
  const argument = isFunction ? argumentOf.get(name) : null;
  if (argument === undefined || (!isFunction && !plain.has(name))) {
    throw new RangeError(`there is no pseudo-class :${written}${isFunction ? '()' : ''}`);
  }
  const found = { kind: 'pseudo-class', name, selectors: null, nth: null, words: [] } as const;
  switch (argument) {
    case null:
      return found;
    case 'nth': {
      const { nth, rest } = parseNth(scanner.rawArgument(), /-(?:child|last-child)$/.test(name));
      return {
        ...found,
        nth,
        selectors: rest === null ? null : parseIn(rest, { ...place, isRelative: false }),
      };
    }
    case 'words':
      return { ...found, words: words(scanner.rawArgument()) };
    case 'text':
      return { ...found, words: [{ text: textOf(scanner.rawArgument()), isString: true }] };
    case 'forgiving':
      return { ...found, selectors: forgivingList(scanner, { ...place, isRelative: false }) };
    case 'relative':
      if (place.inHas) throw new RangeError(':has() cannot stand in :has()');
      return { ...found, selectors: parseIn(scanner.rawArgument(), { isRelative: true, inHas: true }) };
    default:
      return { ...found, selectors: parseIn(scanner.rawArgument(), { ...place, isRelative: false }) };
  }
}

function parsedAlias(text: string): PseudoClass {
  const selectors = parseIn(text, { isRelative: false, inHas: false });
  return { kind: 'pseudo-class', name: 'is', selectors, nth: null, words: [] };
}

function pseudoElement(name: string): RangeError {
  return new RangeError(`::${name} is no element of a page`);
}

function parseIn(text: string, place: Place): Complex[] {
  const scanner = new Scanner(text);
  const selectors = selectorList(scanner, place);
  if (!scanner.isAtEnd) throw unexpected(scanner);
  return selectors;
}

/** Names and strings separated by commas. */
function words(text: string): Word[] {
  const scanner = new Scanner(text);
  const found: Word[] = [];
  do {
    scanner.skipSpace();
    const string = scanner.string();
    const word = string ?? scanner.name();
    if (word === null) throw new RangeError(`a name is missing before ${scanner.found}`);
    found.push({ text: word, isString: string !== null });
    scanner.skipSpace();
  } while (scanner.takes(','));
  if (!scanner.isAtEnd) throw unexpected(scanner);
  return found;
}

/** A string, or the whole argument, as in jQuery and Scrapy. */
function textOf(text: string): string {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  const string = scanner.string();
  scanner.skipSpace();
  return string !== null && scanner.isAtEnd ? string : text.trim().replaceAll(/\\(.)/gs, '$1');
}
