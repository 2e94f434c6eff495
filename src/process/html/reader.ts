import type { Page, Value } from '../../shared/records.ts';

/** A start tag as readers see it. */
export interface Attributes {
  /** Value of the attribute of that name, empty where it has none; null without the attribute. */
  attribute: (name: string) => string | null;
}

/** Collects one value from the tags and texts of a page, which it gets in document order. */
export abstract class Reader {
  /** Whether the value is complete, so that the rest of the page need not be read for it. */
  done = false;
  /** Whether `text` is to be called for the text at the current place. */
  reading = false;

  /** An HTML element begins. `tag` is valid during this call only. */
  abstract open(name: string, tag: Attributes): void;

  /** An HTML element ends, by its own end tag. */
  close(_name: string): void {}

  /** Decoded text, in pieces. @param _hidden whether it is within svg, or an annotation within math that is not shown */
  text(_text: string, _hidden: boolean): void {}

  /** Called once, after the last tag. @param resolve makes an href absolute, as `a.href` in a browser */
  abstract value(resolve: (href: string) => string): Value;
}

/** How one value is read from HTML. */
export interface HtmlExtractor {
  /** Elements whose tags the reader gets; names in lower case. */
  readonly tags: readonly string[];
  readonly read: () => Reader;
  /**
   * Makes the value of a page from what was read and from its headers or body. Default: the value is what was read.
   *
   * @param found what was read; null for a page that is not HTML
   */
  readonly complete?: (found: Value | null, page: Page) => Value;
}
