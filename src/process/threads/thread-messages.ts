import type { Asked, Unanswered } from '../../shared/asked.ts';
import type { Processed } from '../../page/processing.ts';
import type { ProcessOptions } from '../processors.ts';

/** The data that a thread starts with. */
export interface ThreadSetup {
  readonly options: ProcessOptions;
  /** Milliseconds for one page. */
  readonly timeout: number;
  /** Signs of life at the indexes of {@link sign}. Shared memory, as a thread that hangs sends no messages. */
  readonly signs: Int32Array;
}

/** Indexes of the signs of life. */
export const sign = {
  /** Id of the page that is being processed right now; -1: none. */
  inHand: 0,
  /** How many pages have begun and wait for a promise. */
  waiting: 1,
  /** A counter that changes with every page and, while pages wait, with every `lookInterval`. */
  turns: 2,
  /** Pages up to this id that have not begun were taken back, and must not be processed. */
  takenBack: 3,
} as const;

/** Milliseconds between two checks of the signs of life. */
export function lookInterval(timeout: number): number {
  return Math.min(250, Math.max(5, timeout / 10));
}

/** A page as it is sent to a thread: plain data. */
export interface SentPage {
  /** Larger than the id of any page that was sent before. */
  readonly id: number;
  readonly names: readonly string[];
  readonly cells: readonly string[];
  readonly url: string;
  readonly status: number;
  /** Names and values in turn, each followed by a line feed; a character per byte. */
  readonly headers: string;
  readonly contentType: string;
  /** Shared memory, so that another thread can process it when this one dies. */
  readonly body: SharedArrayBuffer;
}

/** A request of a page in a thread (`page.fetch`). */
export interface SentAsk {
  readonly kind: 'ask';
  /** Id of the page. */
  readonly page: number;
  /** Id of the request. */
  readonly id: number;
  readonly asked: Asked;
}

/** The response to a request of a page, or why there is none. */
export interface SentAnswer {
  readonly id: number;
  readonly response: SentPage | Unanswered;
}

/** The messages to a thread: pages to be processed, or an answer. */
export type ToThread = readonly SentPage[] | SentAnswer;

/** The outcome of a page: `Processed`, with each object among the values as `{ json }`. */
export type SentOutcome = Processed;

/** A RunError as it is sent from a thread. */
export interface SentError {
  readonly name: string;
  readonly message: string;
}

/** The messages of a thread. */
export type FromThread =
  /** The thread can take pages. */
  | { readonly kind: 'ready'; readonly columns: readonly string[] }
  /** An option or the module is invalid. */
  | { readonly kind: 'refused'; readonly error: SentError }
  | {
      readonly kind: 'done';
      readonly outcomes: readonly (readonly [id: number, outcome: SentOutcome | SentError])[];
      /** Milliseconds of work since the last such message. */
      readonly busy: number;
      /** Whether its memory is nearly used up, so that it should be replaced. */
      readonly isFull: boolean;
    }
  | SentAsk
  /** The module has written to the console, or to the stream of this name. */
  | { readonly kind: 'print'; readonly text: Uint8Array | string; readonly stream: string }
  /** The module has thrown outside of `process()`. */
  | { readonly kind: 'stray'; readonly detail: string };
