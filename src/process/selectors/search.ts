import type { Steps } from '../tree/limits.ts';
import type { Document, Element } from '../tree/nodes.ts';

/** The search of one selector in one page. */
export interface Search {
  readonly tree: Document;
  readonly steps: Steps;
  /** Value of the header Content-Language; empty without it. */
  readonly language: string;
  /** Results that a test has found for all elements at once, by an object that identifies the test. */
  readonly memo: Map<object, unknown>;
}

export type Test = (element: Element, search: Search) => boolean;
