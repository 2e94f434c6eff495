import type { Steps } from '../tree/limits.ts';
import type { Document, Element } from '../tree/nodes.ts';

/** One search in one page. */
export interface Search {
  readonly tree: Document;
  readonly steps: Steps;
  /** Value of the header Content-Language; empty without it. */
  readonly language: string;
  /** Results for all elements that tests share, by an object that identifies the test. */
  readonly memo: Map<object, unknown>;
}

export type Test = (element: Element, search: Search) => boolean;
