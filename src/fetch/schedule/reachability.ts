import { isNetworkFailure, isUnsent } from '../../shared/failures.ts';
import type { EngineReply } from '../messages.ts';
import type { Host } from './host.ts';
import { hasAnswered, hasFailed, isAwaited, isHostsFault } from './host-care.ts';
import type { Outage } from './outage.ts';
import { RecentNames } from './recent-names.ts';
import { mayRepeat } from './task.ts';
import type { Task } from './task.ts';

export interface ReachabilityOptions {
  /** Milliseconds for which a host that has answered is waited for. */
  readonly maxWait: number;
  readonly outage: Outage;
  /** Origins that have answered, of all pipelines that share limits. Default: of this one only. */
  readonly answered: RecentNames | undefined;
  /** Called when a host is given up. */
  readonly onDown: (host: Host<Task>) => void;
}

/** How many origins that have answered are remembered, at least. */
const mostAnswered = 10_000;

export function newAnswered(): RecentNames {
  return new RecentNames(mostAnswered);
}

/** Tells from replies whether a host is down, away for a while, or cut off with the whole network. */
export class Reachability {
  readonly #options: ReachabilityOptions;
  readonly #answered: RecentNames;

  constructor(options: ReachabilityOptions) {
    this.#options = options;
    this.#answered = options.answered ?? newAnswered();
  }

  /** Whether a host may have no https: it has not answered by it, and the failure is not that of this machine's network. */
  mayLackHttps({ target: { origin } }: Task): boolean {
    return !this.#options.outage.holding && !this.#answered.has(origin);
  }

  /** A host has answered, with a status, or with something that gives none. */
  answered(task: Task, host: Host<Task>, status: number | null): void {
    hasAnswered(host.state, task.target.origin);
    if (status !== null) this.#answered.add(task.target.origin);
    task.waitsSince = 0;
    this.#options.outage.reached(task.target.origin);
  }

  /**
   * A host could not be reached.
   *
   * @param hostCount how many hosts have something to do; null when it does not matter, as the run is being stopped
   * @returns whether the row should wait for the host or for the network, as the failure is no fault of its own
   */
  failed(task: Task, host: Host<Task>, reply: EngineReply, now: number, hostCount: number | null): boolean {
    const { maxWait, outage, onDown } = this.#options;
    const { origin } = task.target;
    const { state } = host;
    if (isNetworkFailure(reply.error)) {
      if (state.failures === 0 && hostCount !== null) outage.failed(state.name, reply.detail, hostCount);
      if (outage.holding) return true;
    }
    const hasWorked = this.#answered.has(origin);
    // Time in an outage does not count as absence of the host.
    state.awaySince = Math.max(state.awaySince, outage.endedAt);
    if (hasFailed(state, origin, now - reply.ms, now, reply, maxWait, hasWorked)) onDown(host);
    const isToBlame = !isHostsFault(state, task.sequence) && !isUnsent(reply.error);
    if (!hasWorked || isToBlame || !mayRepeat(task) || !isAwaited(state, origin, now, maxWait)) return false;
    // Another port of the host may answer and end its absence, so the row's own waiting time is bounded too.
    task.waitsSince = Math.max(task.waitsSince === 0 ? now : task.waitsSince, outage.endedAt);
    if (now - task.waitsSince >= maxWait) return false;
    // Added again, so that it is not forgotten while others answer.
    this.#answered.add(origin);
    return true;
  }
}
