import type { Value } from '../../shared/records.ts';

/** What a reader is told of a start tag. */
export interface Attributes {
  /** Value of the attribute of that name, empty where it has none; null without the attribute. */
  attribute: (name: string) => string | null;
}

/** Takes one value out of a page while its tags and texts come by, in the order of the source. */
export abstract class Reader {
  /** Whether the value is known: nothing more needs to be read for it. */
  done = false;
  /** Whether it wants the text that comes now. */
  reading = false;

  /** An HTML element begins. `tag` is good for this call only. */
  abstract open(name: string, tag: Attributes): void;

  /** An HTML element ends, by its own end tag. */
  close(_name: string): void {}

  /** Decoded text, in pieces. `hidden`: within a drawing, or what only programs read of a formula. */
  text(_text: string, _hidden: boolean): void {}

  /** Asked for once, when all has been read; `resolve` gives a URL what `a.href` would be. */
  abstract value(resolve: (href: string) => string): Value;
}

/** A value that can be taken out of HTML. */
export interface HtmlExtractor {
  /** Names of the elements whose tags the reader is told of, in lower case. */
  readonly tags: readonly string[];
  readonly read: () => Reader;
}
