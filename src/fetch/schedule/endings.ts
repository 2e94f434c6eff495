import type { FailureCode } from '../../shared/failures.ts';
import type { EngineReply } from '../messages.ts';
import { blankReply } from '../messages.ts';
import type { Host } from './host.ts';
import { isAbandoned } from './inquiry.ts';
import { afterPage } from './next-page.ts';
import type { Once } from './once.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { Soft404 } from './soft-404.ts';
import { isLate, resultOf } from './task.ts';
import type { Task } from './task.ts';
import type { WaitingRows } from './waiting-rows.ts';

/**
 * Ends tasks: with the result of their row, with its next page, or with an answer for the task that has
 * asked.
 */
export class Endings {
  /** Whether the run has been stopped, so that no next page is asked for. */
  isStopped = false;
  readonly #options: SchedulerOptions;
  readonly #rows: WaitingRows;
  readonly #once: Once | null;
  /** Null when no row asks for `soft_404`. */
  readonly #soft404: Soft404 | null;

  /**
   * @param isPaused whether no request is started now
   * @param onWoken called when another pipeline's answer lets tasks start here
   */
  constructor(
    options: SchedulerOptions,
    rows: WaitingRows,
    once: Once | null,
    isPaused: () => boolean,
    onWoken: () => void,
  ) {
    this.#options = options;
    this.#rows = rows;
    this.#once = once;
    const { soft404: isAsked, perHost, secretNames, limits, kind = '' } = options;
    this.#soft404 =
      isAsked === null
        ? null
        : new Soft404({
            isAsked,
            perHost,
            secretNames,
            rows,
            probes: limits?.probes ?? null,
            kind,
            isPaused,
            onWoken,
            onKnown: (...ended) => this.#end(...ended),
            onCancelled: (task) => this.#end(task, blankReply, 'cancelled', 'the run was stopped'),
          });
  }

  /** The URL of a task whose page is to be compared with others; null when it is not. */
  comparedUrl(task: Task): string | null {
    return this.#soft404?.comparedUrl(task) ?? null;
  }

  finish(task: Task, reply: EngineReply, error: FailureCode | null, detail: string): void {
    const { robotsOf, inquiry } = task;
    if (isAbandoned(task)) return undefined;
    if (robotsOf === null && inquiry === null) {
      if (this.#soft404?.holds(task, reply, error, detail) === true) return undefined;
      return this.#end(task, reply, error, detail);
    }
    this.#rows.end(task);
    if (robotsOf !== null) return this.#rows.robotsCame(task, robotsOf, reply, error, detail);
    if (inquiry?.isAwaited !== true) return undefined;
    inquiry.isAwaited = false;
    return inquiry.onEnd(reply, this.#codeOf(task, error), detail);
  }

  /** The end of a row, or of one of its pages. */
  #end(task: Task, reply: EngineReply, error: FailureCode | null, detail: string): void {
    const { sequence, hops } = task;
    const { maxPages, onResult } = this.#options;
    this.#rows.end(task);
    const code = this.#codeOf(task, error);
    const own = resultOf(task, reply, code, detail);
    const paging = { ...this.#options, maxPages: maxPages ?? 1 };
    const result = maxPages === null ? own : afterPage(task, own, reply, paging, this.isStopped);
    if ('place' in result) return this.#rows.add(result, 'front');
    // The redirects of a cancelled row are not kept: the run that resumes fetches it again.
    if (hops.length === 0 || code === 'cancelled') onResult(result, sequence);
    else onResult(result, sequence, hops);
    this.#once?.settle(task, result, onResult);
    return undefined;
  }

  #codeOf(task: Task, error: FailureCode | null): FailureCode | null {
    return isLate(task, error, this.#options.timeout) ? 'timeout' : error;
  }

  /** Ends a request of a page that nobody waits for any more. If it is in flight, it goes on to its end. */
  abandon(task: Task): void {
    if (task.inquiry === null || !task.inquiry.isAwaited) return;
    task.inquiry.isAwaited = false;
    if (task.place !== 'flight') this.#rows.end(task);
  }

  /** Nothing is started for now. */
  paused(): void {
    this.#soft404?.paused();
  }

  /** Cancels these tasks, and the rows that wait for a probe. */
  cancelAll(tasks: Iterable<Task>): void {
    for (const task of tasks) this.cancel(task);
    this.#soft404?.cancel();
  }

  close(): void {
    this.#soft404?.close();
  }

  cancel(task: Task): void {
    this.finish(task, blankReply, 'cancelled', 'the run was stopped');
  }

  /**
   * Ends a task whose host is down: with what its own last attempt ended with, if there was one, else
   * `host-down`.
   */
  giveUp(task: Task, host: Host<Task>): void {
    const { last } = task;
    if (last === blankReply || last.location !== null)
      this.finish(task, blankReply, 'host-down', host.state.downDetail);
    else {
      Object.assign(task, task.ended);
      this.finish(task, last, last.error, last.detail);
    }
  }
}
