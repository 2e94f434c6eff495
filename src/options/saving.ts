import { readSize } from './define.ts';

/** A piece of `--save-as`: literal text, or a name in braces. */
export type NamePart = { readonly text: string } | { readonly name: string };

/** The most components (folders and the file) of a name. The path length is limited, so more would leave each too few letters. */
const mostComponents = 16;

/**
 * Reads `--save-as`: text and names in braces.
 *
 * @throws RangeError for a brace that does not close, and for a path that leads out of the folder or has an empty part
 */
export function parseNameTemplate(template: string): readonly NamePart[] {
  const parts = template.split(/(\{[^{}]+\})/).map((part, index): NamePart => {
    if (index % 2 === 1) return { name: part.slice(1, -1) };
    if (/[{}]/.test(part)) throw new RangeError('a brace has no other one, or nothing in it');
    return { text: part };
  });
  const shape = parts.map((part) => ('text' in part ? part.text : '{}')).join('');
  if (/^\/|^[a-z]:|\\/i.test(shape)) throw new RangeError('a path below the folder is needed, with / in it');
  const components = shape.split('/');
  if (components.some((component) => /^(?:\.{0,2}|\s+)$/.test(component))) {
    throw new RangeError('each part between / needs a name, other than . and ..');
  }
  if (components.length > mostComponents) throw new RangeError(`more than ${mostComponents} parts`);
  return parts.filter((part) => 'name' in part || part.text !== '');
}

export function checkNameTemplate(template: string): void {
  parseNameTemplate(template);
}

/** The properties of a response that `--save-when` tests. */
export interface SavedPage {
  readonly status: number;
  /** The media type in lower case, without parameters; empty when the server gave none. */
  readonly type: string;
  /** The decoded size of the body. */
  readonly bytes: number;
}

type Test = (page: SavedPage) => boolean;

/**
 * Reads `--save-when`: terms separated by commas, all of which must hold. A term is `status`, `type` or `bytes`, an operator
 * and values separated by `|`, one of which must match.
 *
 * @throws RangeError for an invalid term
 */
export function parseSaveWhen(text: string): Test {
  const terms = text.split(',').map((term) => parseTerm(term.trim()));
  const equal = terms.filter(({ operator }) => operator === '=').map(({ name }) => name);
  const twice = equal.find((name, index) => equal.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RangeError(`"${twice}=" stands twice, and both must hold; put values of one into ${twice}=A|B`);
  }
  return (page) => terms.every(({ test }) => test(page));
}

export function checkSaveWhen(text: string): void {
  parseSaveWhen(text);
}

interface Term {
  readonly name: string;
  readonly operator: string;
  readonly test: Test;
}

function parseTerm(term: string): Term {
  const [, name = '', operator = '', said = ''] = /^([a-z]+)\s*(!=|<=|>=|[=<>])\s*(\S+)$/i.exec(term) ?? [];
  const parse = properties.get(name.toLowerCase());
  if (parse === undefined) {
    throw new RangeError(
      `status, type or bytes with a value is needed, as in status=200,type=image/*, got ${JSON.stringify(term)}`,
    );
  }
  return { name: name.toLowerCase(), operator, test: parse(operator, said) };
}

type Parse = (operator: string, said: string) => Test;

const properties = new Map<string, Parse>([
  [
    'status',
    (operator, said) => {
      const tests = said.split('|').map(statusTest);
      return eitherWay(operator, 'status', ({ status }) => tests.some((test) => test(status)));
    },
  ],
  [
    'type',
    (operator, said) => {
      const tests = said.split('|').map(typeTest);
      return eitherWay(operator, 'type', ({ type }) => tests.some((test) => test.test(type)));
    },
  ],
  [
    'bytes',
    (operator, said) => {
      const limit = readSize(said);
      return ({ bytes }) => comparisons[operator]?.(bytes, limit) ?? false;
    },
  ],
]);

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** The test for `=`, its negation for `!=`. @throws RangeError for any other operator */
function eitherWay(operator: string, name: string, test: Test): Test {
  if (operator === '=') return test;
  if (operator === '!=') return (page) => !test(page);
  throw new RangeError(`${name} is compared by = or !=`);
}

/** `200`, `2xx` or `200-299`. */
function statusTest(said: string): (status: number) => boolean {
  const [, first = '', kind = '', last = first] = /^(\d)(?:\d\d|(xx))(?:-(\d\d\d))?$/i.exec(said) ?? [];
  if (first === '' || (kind !== '' && last !== first)) {
    throw new RangeError(`a status like 200, 2xx or 200-299 is needed, got ${JSON.stringify(said)}`);
  }
  if (kind !== '') return (status) => Math.floor(status / 100) === Number(first);
  const [from, to] = [Number(said.slice(0, 3)), Number(said.slice(-3))];
  if (from > to) throw new RangeError(`${said} holds no status`);
  return (status) => from <= status && status <= to;
}

/** A media type in which `*` stands for any characters. */
function typeTest(said: string): RegExp {
  if (!/^[\w!#$%&'*+.^`~/-]+$/.test(said)) {
    throw new RangeError(`a media type like image/* is needed, got ${JSON.stringify(said)}`);
  }
  const parts = said.toLowerCase().split('*');
  return new RegExp(`^${parts.map((part) => part.replaceAll(/[.+^$]/g, String.raw`\$&`)).join('.*')}$`);
}
