import type { FailureCode } from './failures.ts';
import type { FetchItem } from './records.ts';

/** A request that a page makes itself (`page.fetch`), as plain data. */
export type Asked = Pick<FetchItem, 'method' | 'headers' | 'body'> & { readonly url: string };

/** Why there is no response. */
export interface Unanswered {
  readonly error: FailureCode;
  readonly detail: string;
}

/** Gets the outcome of a request, once. */
export type OnAnswer<Response> = (response: Response | Unanswered) => void;

/** Makes a request on behalf of the page that is being processed. @returns a function that abandons the request */
export type Ask<Response> = (asked: Asked, onAnswer: OnAnswer<Response>) => () => void;
