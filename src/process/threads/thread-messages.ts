import type { Processed } from '../../page/processing.ts';
import type { ProcessOptions } from '../processors.ts';

/** What a thread is made with. */
export interface ThreadSetup {
  readonly options: ProcessOptions;
  /** Milliseconds for one page. */
  readonly timeout: number;
  /** Signs of life, {@link sign} says which; shared, as a thread that hangs sends no message. */
  readonly signs: Int32Array;
}

/** Places in the signs of life. */
export const sign = {
  /** Number of the page that is being processed right now; -1: none. */
  inHand: 0,
  /** Pages that wait for something. */
  waiting: 1,
  /** Changes whenever something happens. */
  turns: 2,
  /** Pages up to this number were taken back, unless they have begun. */
  takenBack: 3,
} as const;

/** Milliseconds between two looks at the signs of life, which change at least that often while pages wait. */
export function lookInterval(timeout: number): number {
  return Math.min(250, Math.max(5, timeout / 10));
}

/** A page on its way to a thread: plain data. */
export interface SentPage {
  /** Larger than that of any page that was handed out before. */
  readonly id: number;
  readonly names: readonly string[];
  readonly cells: readonly string[];
  readonly url: string;
  readonly status: number;
  /** Names and values in turn, each with a line feed behind it, a character per byte. */
  readonly headers: string;
  readonly contentType: string;
  /** Shared, so that another thread can have it when this one dies. */
  readonly body: SharedArrayBuffer;
}

/** What comes of a page: as `Processed`, but each object among the values is `{ json }`. */
export type SentOutcome = Processed;

/** A RunError on its way from a thread. */
export interface SentError {
  readonly name: string;
  readonly message: string;
}

/** What a thread says. */
export type FromThread =
  /** It can take pages. */
  | { readonly kind: 'ready'; readonly columns: readonly string[] }
  /** What was asked for cannot be done. */
  | { readonly kind: 'refused'; readonly error: SentError }
  | {
      readonly kind: 'done';
      readonly outcomes: readonly (readonly [id: number, outcome: SentOutcome | SentError])[];
      /** Milliseconds that it was at work. */
      readonly busy: number;
      /** Whether its memory is nearly used up, so that it should be replaced. */
      readonly isFull: boolean;
    }
  /** The module has written to the console. */
  | { readonly kind: 'print'; readonly text: string }
  /** The module has thrown outside of `process()`. */
  | { readonly kind: 'stray'; readonly detail: string };
