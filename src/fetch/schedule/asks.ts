import type { Ask } from '../../shared/asked.ts';
import type { ResponsePage } from '../messages.ts';
import type { Endings } from './endings.ts';
import { inquiryOf } from './inquiry.ts';
import type { Starter } from './starter.ts';
import type { WaitingRows } from './waiting-rows.ts';

export interface AsksOptions {
  readonly starter: Starter;
  readonly rows: WaitingRows;
  readonly endings: Endings;
  /** Whether only the host of the row may be asked. */
  readonly staysAtHost: boolean;
  /** Ends what waits, once the run has been stopped. */
  readonly onStopped: () => void;
}

/** Requests that pages make (`page.fetch`): tasks without a row, which wait and start like those of rows. */
export class Asks {
  readonly #options: AsksOptions;

  constructor(options: AsksOptions) {
    this.#options = options;
  }

  /** Takes the response of an inquiry before its reply comes; returns false for the response of a row. */
  takesPage(id: number, page: ResponsePage): boolean {
    const { inquiry } = this.#options.starter.task(id);
    if (inquiry === null) return false;
    // A probe is judged by its reply alone.
    if (!inquiry.isProbe) inquiry.page = page;
    return true;
  }

  /**
   * The page of this request is being processed. The request itself is over, so its slots are free from now
   * on: else what the page asks for could wait for this very slot, or for that of a page that is processed
   * only after this one.
   */
  lend(id: number): void {
    const { starter, rows } = this.#options;
    const task = starter.task(id);
    if (!starter.lend(task)) return;
    if (task.host !== null) rows.queues.release(task.host);
    starter.fill();
  }

  /**
   * Makes a request that a page has asked for.
   *
   * @param id of the request that has given the page
   * @returns a function that abandons the new request
   */
  ask(id: number, isPublic: boolean, ...[asked, onAnswer]: Parameters<Ask<ResponsePage>>): () => void {
    const { starter, rows, endings, staysAtHost, onStopped } = this.#options;
    const task = starter.task(id);
    task.pageIsPublic = isPublic;
    this.lend(id);
    const inquiry = inquiryOf(task, asked, onAnswer, staysAtHost);
    if ('error' in inquiry) onAnswer(inquiry);
    else rows.add(inquiry, 'front');
    if (endings.isStopped) onStopped();
    starter.fill();
    return () => 'error' in inquiry || endings.abandon(inquiry);
  }
}
