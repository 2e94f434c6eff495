import type { Json } from './values.ts';

export interface Token {
  /** The symbol itself, or `name`, `quoted`, `literal`, `number`; `end` behind the last token. */
  readonly kind: string;
  /** Value of a name, quoted name, literal or number; null for other tokens. */
  readonly value: Json;
  /** The source of the token. */
  readonly text: string;
  /** 1-based position in the expression. */
  readonly at: number;
}

const space = /[ \t\r\n]*/y;
const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['quoted', /"(?:[^"\\]|\\.)*"/sy],
  ['raw', /'(?:[^'\\]|\\.)*'/sy],
  ['literal', /`(?:[^`\\]|\\.)*`/sy],
  ['number', /-?\d+/y],
  ['symbol', /\[\?|\[\]|&&|\|\||[!=<>]=|[.*[\]{}(),:&|!<>@]/y],
];

/**
 * Splits a JMESPath expression.
 *
 * @throws SyntaxError with the position
 */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  for (let index = skip(expression, 0); index < expression.length; index = skip(expression, index)) {
    const token = tokenAt(expression, index);
    tokens.push(token);
    index += token.text.length;
  }
  return [...tokens, { kind: 'end', value: null, text: '', at: expression.length + 1 }];
}

function skip(expression: string, index: number): number {
  space.lastIndex = index;
  return index + (space.exec(expression)?.[0].length ?? 0);
}

function tokenAt(expression: string, index: number): Token {
  const at = index + 1;
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = index;
    const text = pattern.exec(expression)?.[0];
    if (text === undefined) continue;
    if (kind === 'symbol') return { kind: text, value: null, text, at };
    if (kind === 'raw') {
      return { kind: 'literal', value: text.slice(1, -1).replaceAll("\\'", "'"), text, at };
    }
    return { kind, value: valueOf(kind, text, at), text, at };
  }
  const start = expression.slice(index);
  const isQuote = /^["'`]/.test(start);
  const [character = ''] = start;
  throw new SyntaxError(
    isQuote
      ? `the ${character} at character ${at} is not closed`
      : `unexpected ${JSON.stringify(character)} at character ${at}`,
  );
}

function valueOf(kind: string, text: string, at: number): Json {
  if (kind === 'name') return text;
  const json = kind === 'literal' ? text.slice(1, -1).replaceAll('\\`', '`') : text;
  try {
    return kind === 'number' ? Number(text) : (JSON.parse(json) as Json);
  } catch {
    const hint = kind === 'literal' ? "; a text is written 'text'" : '';
    throw new SyntaxError(`${text} at character ${at} is not JSON${hint}`);
  }
}
