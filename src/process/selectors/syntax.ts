/** The syntax tree of a selector. */

export type Combinator = ' ' | '>' | '+' | '~';

/** Undefined if no namespace is given; null for `|a`, an element without a namespace. */
export type Namespace = '*' | null | undefined;

export interface Attribute {
  readonly kind: 'attribute';
  readonly namespace: Namespace;
  readonly name: string;
  readonly operator: '' | '=' | '~=' | '|=' | '^=' | '$=' | '*=';
  readonly value: string;
  /** The flag for case; empty: it depends on the attribute. */
  readonly flag: '' | 'i' | 's';
}

/** `an+b` */
export interface Nth {
  readonly step: number;
  readonly offset: number;
}

export interface Word {
  readonly text: string;
  /** Whether it is written in quotes. */
  readonly isString: boolean;
}

export interface PseudoClass {
  readonly kind: 'pseudo-class';
  /** In lower case. */
  readonly name: string;
  /** For `:is()`, `:not()` and the like, and for `of` in `:nth-child()`. */
  readonly selectors: readonly Complex[] | null;
  readonly nth: Nth | null;
  /** For `:lang()`, `:contains()` and the like: names or texts. */
  readonly words: readonly Word[];
}

export type Simple =
  | { readonly kind: 'type'; readonly namespace: Namespace; readonly name: string }
  | { readonly kind: 'id' | 'class'; readonly name: string }
  | Attribute
  | PseudoClass;

/** Compounds from left to right, each with the combinator before it; for the first one a space if there is none. */
export interface Complex {
  readonly parts: readonly { readonly combinator: Combinator; readonly simples: readonly Simple[] }[];
}
