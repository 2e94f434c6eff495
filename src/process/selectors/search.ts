import type { Steps } from '../tree/limits.ts';
import type { Document, Element } from '../tree/nodes.ts';

/** One search in one page. */
export interface Search {
  readonly tree: Document;
  readonly steps: Steps;
  /** What the header Content-Language says; else empty. */
  readonly language: string;
  /** What has been found out about all elements, by who did. */
  readonly memo: Map<object, unknown>;
}

export type Test = (element: Element, search: Search) => boolean;
