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

/** Requests that pages make (`page.fetch`): tasks without a row, which wait and start as those of rows. */
export class Asks {
  readonly #options: AsksOptions;

  constructor(options: AsksOptions) {
    this.#options = options;
  }

  /** Takes the page of a reply that is to come, if what has asked for it is no row. */
  takesPage(id: number, page: ResponsePage): boolean {
    const { inquiry } = this.#options.starter.task(id);
    if (inquiry === null) return false;
    // Of a probe no more is looked at than its reply tells.
    if (!inquiry.isProbe) inquiry.page = page;
    return true;
  }

  /**
   * The page of a reply that is to come asks for something. Its own request is over, so that its slots are free from now on:
   * else it would wait for itself.
   */
  ask(id: number, isPublic: boolean, ...[asked, onAnswer]: Parameters<Ask<ResponsePage>>): () => void {
    const { starter, rows, endings, staysAtHost, onStopped } = this.#options;
    const task = starter.task(id);
    task.pageIsPublic = isPublic;
    if (starter.lend(task) && task.host !== null) rows.queues.release(task.host);
    const inquiry = inquiryOf(task, asked, onAnswer, staysAtHost);
    if ('error' in inquiry) onAnswer(inquiry);
    else rows.add(inquiry, 'front');
    if (endings.isStopped) onStopped();
    starter.fill();
    return () => 'error' in inquiry || endings.abandon(inquiry);
  }
}
