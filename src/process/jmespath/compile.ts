import { callOf } from './functions.ts';
import type { Argument } from './functions.ts';
import { chain, field, flat, itemAt, operation, projection, slice, valuesOf } from './steps.ts';
import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';
import { isList, isTrue } from './values.ts';
import type { Evaluate, Json } from './values.ts';

/**
 * Compiles a JMESPath expression (https://jmespath.org/specification.html) to a function.
 *
 * @throws SyntaxError with the position; the function itself throws a TypeError when a function of the expression
 *   gets a value of the wrong type
 */
export function compile(expression: string): Evaluate {
  return new Parser(tokensOf(expression)).whole();
}

/** The binding power of symbols as infix operators. */
const powers: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '[?': 21,
  '.': 40,
  '[': 55,
};
/** A symbol that binds less ends a projection: it applies to the list, not to the items. */
const projectionStop = 10;
const starPower = 20;
const notPower = 45;

const same: Evaluate = (value) => value;

/** Top-down operator precedence (Pratt) parser: each method consumes tokens and returns a function. */
class Parser {
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Evaluate {
    const evaluate = this.#expression(0);
    this.#expect('end');
    return evaluate;
  }

  #expression(power: number): Evaluate {
    let left = this.#prefix(this.#take());
    while (this.#power() > power) left = this.#infix(left, this.#take());
    return left;
  }

  /** The expression that begins with this token. */
  #prefix(token: Token): Evaluate {
    const { kind, value } = token;
    switch (kind) {
      case 'literal':
        return () => value;
      case 'name':
        return this.#has('(') ? this.#call(token) : field(value as string);
      case 'quoted':
        return field(value as string);
      case '@':
        return same;
      case '!': {
        const right = this.#expression(notPower);
        return (input) => !isTrue(right(input));
      }
      case '(': {
        const inner = this.#expression(0);
        this.#expect(')');
        return inner;
      }
      case '*':
        return projection(valuesOf, this.#projected(starPower));
      case '{':
        return this.#object();
      case '[':
        if (this.#has('*') && this.#tokens[this.#index + 1]?.kind === ']') return this.#infix(same, token);
        if (this.#has('number') || this.#has(':')) return this.#infix(same, token);
        return this.#list();
      case '[?':
      case '[]':
        return this.#infix(same, token);
      default:
        throw unexpected(token);
    }
  }

  /** The expression that continues `left` with this token. */
  #infix(left: Evaluate, token: Token): Evaluate {
    const { kind } = token;
    switch (kind) {
      case '.':
        if (!this.#skip('*')) return chain(left, this.#member(40));
        return projection(chain(left, valuesOf), this.#projected(40));
      case '[]':
        return projection(chain(left, flat), this.#projected(9));
      case '[?': {
        const condition = this.#expression(0);
        this.#expect(']');
        const matching = (input: Json): Json =>
          isList(input) ? input.filter((item) => isTrue(condition(item))) : null;
        return projection(chain(left, matching), this.#projected(9));
      }
      case '[':
        if (!this.#skip('*')) return this.#itemOrSlice(left);
        this.#expect(']');
        return projection(left, this.#projected(starPower));
      default: {
        const right = this.#expression(powers[kind] ?? 0);
        return kind === '|' ? chain(left, right) : operation(kind, left, right);
      }
    }
  }

  /** `0]`, or a slice like `1:3]` that begins a projection. */
  #itemOrSlice(left: Evaluate): Evaluate {
    const parts: (number | null)[] = [null];
    const { at } = this.#peek();
    while (!this.#has(']') && parts.length <= 3) {
      if (this.#skip(':')) parts.push(null);
      else if (parts.at(-1) === null) parts[parts.length - 1] = Number(this.#expect('number').value);
      else throw unexpected(this.#peek());
    }
    this.#expect(']');
    const [start = null, stop = null, step = null] = parts;
    if (parts.length === 1) return chain(left, itemAt(start ?? 0));
    if (parts.length > 3) throw new SyntaxError(`too many ":" in the slice at character ${at}`);
    if (step === 0) throw new SyntaxError(`the step of the slice at character ${at} is 0`);
    return projection(chain(left, slice(start, stop, step ?? 1)), this.#projected(starPower));
  }

  /** The expression that applies to each item of a projection. */
  #projected(power: number): Evaluate {
    if (this.#skip('.')) return this.#member(power);
    return this.#power() < projectionStop ? same : this.#expression(power);
  }

  /** The expression after a dot. */
  #member(power: number): Evaluate {
    if (this.#skip('[')) return this.#list();
    if (this.#skip('{')) return this.#object();
    if (['name', 'quoted', '*'].includes(this.#peek().kind)) return this.#expression(power);
    throw unexpected(this.#peek());
  }

  #list(): Evaluate {
    const items: Evaluate[] = [];
    do items.push(this.#expression(0));
    while (this.#skip(','));
    this.#expect(']');
    return (value) => (value === null ? null : items.map((evaluate) => evaluate(value)));
  }

  #object(): Evaluate {
    const members: (readonly [string, Evaluate])[] = [];
    do {
      const name = this.#take();
      if (name.kind !== 'name' && name.kind !== 'quoted') throw unexpected(name);
      this.#expect(':');
      members.push([name.value as string, this.#expression(0)]);
    } while (this.#skip(','));
    this.#expect('}');
    return (value) =>
      value === null ? null : Object.fromEntries(members.map(([name, evaluate]) => [name, evaluate(value)]));
  }

  #call({ value, at }: Token): Evaluate {
    this.#expect('(');
    const args: Argument[] = [];
    if (!this.#has(')')) {
      do args.push({ isExpression: this.#skip('&'), evaluate: this.#expression(0) });
      while (this.#skip(','));
    }
    this.#expect(')');
    try {
      return callOf(value as string, args);
    } catch (error) {
      if (error instanceof SyntaxError) error.message += ` at character ${at}`;
      throw error;
    }
  }

  #peek(): Token {
    return this.#tokens[this.#index] as Token;
  }

  #power(): number {
    return powers[this.#peek().kind] ?? 0;
  }

  #has(kind: string): boolean {
    return this.#peek().kind === kind;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#index++;
    return token;
  }

  #skip(kind: string): boolean {
    if (!this.#has(kind)) return false;
    this.#take();
    return true;
  }

  #expect(kind: string): Token {
    if (!this.#has(kind)) throw unexpected(this.#peek());
    return this.#take();
  }
}

function unexpected({ kind, text, at }: Token): SyntaxError {
  return new SyntaxError(
    kind === 'end' ? 'the end comes too early' : `unexpected ${text} at character ${at}`,
  );
}
