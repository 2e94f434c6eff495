import type { FailureCode } from '../../shared/failures.ts';
import type { EngineReply } from '../messages.ts';
import { blankReply } from '../messages.ts';
import type { Host } from './host.ts';
import type { Once } from './once.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { isLate, resultOf } from './task.ts';
import type { Task } from './task.ts';
import type { WaitingRows } from './waiting-rows.ts';

export interface EndedTasksOptions extends Pick<SchedulerOptions, 'timeout' | 'onResult'> {
  readonly rows: WaitingRows;
  readonly once: Once | null;
}

/** What becomes of a task that needs no further request: the result of its row, or what other rows have waited for. */
export class EndedTasks {
  readonly #options: EndedTasksOptions;

  constructor(options: EndedTasksOptions) {
    this.#options = options;
  }

  /** Ends a task with what its last request has come to. */
  finish(task: Task, reply: EngineReply, error: FailureCode | null, detail: string): void {
    const { timeout, rows, once, onResult } = this.#options;
    const { robotsOf, sequence, hops } = task;
    rows.end(task);
    if (robotsOf !== null) return rows.robotsCame(task, robotsOf, reply, error, detail);
    const code = isLate(task, error, timeout) ? 'timeout' : error;
    const result = resultOf(task, reply, code, detail);
    // A row that was cancelled is fetched again by the run that resumes.
    if (hops.length === 0 || code === 'cancelled') onResult(result, sequence);
    else onResult(result, sequence, hops);
    return once?.settle(task, result, onResult);
  }

  /** Ends a row whose host is down: with what its own last attempt ended with, if there was one. */
  giveUp(task: Task, host: Host<Task>): void {
    const { last } = task;
    if (last === blankReply || last.location !== null)
      this.finish(task, blankReply, 'host-down', host.state.downDetail);
    else {
      Object.assign(task, task.ended);
      this.finish(task, last, last.error, last.detail);
    }
  }

  readonly cancel = (task: Task): void => this.finish(task, blankReply, 'cancelled', 'the run was stopped');
}
