import type { FailureCode } from './failures.ts';
import type { FetchItem } from './records.ts';

/** What a page asks for on its own account (`page.fetch`), as plain data. */
export type Asked = Pick<FetchItem, 'method' | 'headers' | 'body'> & { readonly url: string };

/** Why there is no response. */
export interface Unanswered {
  readonly error: FailureCode;
  readonly detail: string;
}

/** Gets what became of a request, once. */
export type OnAnswer<Response> = (response: Response | Unanswered) => void;

/** Asks for something on account of the page that is being processed. @returns ends the waiting for it */
export type Ask<Response> = (asked: Asked, onAnswer: OnAnswer<Response>) => () => void;
