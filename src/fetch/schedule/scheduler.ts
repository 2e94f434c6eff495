import { isAnswer, isUnreachable } from '../../shared/failures.ts';
import type { Exchanged, Row } from '../../shared/records.ts';
import type { EngineReply } from '../messages.ts';
import { blankReply } from '../messages.ts';
import { Asks } from './asks.ts';
import { AssumedScheme, askByHttp, askByHttpsAgain, mayAskByHttp } from './assumed-scheme.ts';
import { follow } from './follow.ts';
import type { Host } from './host.ts';
import { HostPauses } from './host-pauses.ts';
import { obeyServer } from './host-care.ts';
import { Endings } from './endings.ts';
import { nextRequest } from './next-request.ts';
import { Once } from './once.ts';
import { Outage } from './outage.ts';
import { Reachability } from './reachability.ts';
import { attemptFollows, backOff, isFollowed, mayPass, mostLosses, refusesHead } from './retry.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { Starter } from './starter.ts';
import { isIdempotent } from '../request/method.ts';
import { askByGet, isLate, mayRepeat, startAgain, taskOf } from './task.ts';
import type { Task, Turn } from './task.ts';
import { WaitingRows } from './waiting-rows.ts';

/**
 * Decides what comes next for a row: its first request, the request that a redirect leads to, another attempt, or its
 * result. `WaitingRows` holds the row until then, and `Starter` decides when it starts. A redirect is a request of
 * its own, queued at the host that it leads to, so that host's limits apply to it too; so is a retry.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly pauses: HostPauses;
  readonly asks: Asks;
  readonly #rows: WaitingRows;
  readonly #starter: Starter;
  readonly #outage: Outage;
  readonly #once: Once | null;
  readonly #reachability: Reachability;
  readonly #endings: Endings;
  readonly #scheme = new AssumedScheme();
  #sequence = 0;

  constructor(options: SchedulerOptions) {
    const goOn = (): void => {
      this.#starter.fill();
      options.onChange();
    };
    this.#options = options;
    this.#once = options.onceMemory === null ? null : new Once(options.onceMemory);
    const share = options.limits?.join(options.concurrency, () => this.#starter.fill()) ?? null;
    this.#rows = new WaitingRows({
      ...options,
      share,
      mayLeave: (task) => this.#once?.leave(task) ?? true,
      onReady: () => this.#starter.fill(),
      onChange: goOn,
      onBack: (row, sequence) => this.#take(row, sequence, 'queue'),
      onEnd: (task, error, detail) => this.#endings.finish(task, blankReply, error, detail),
      onHostDown: (task, host) => this.#endings.giveUp(task, host),
    });
    this.pauses = new HostPauses(this.#rows.hostStates, options.maxWait);
    this.#endings = new Endings(options, this.#rows, this.#once, () => this.#starter.isPaused, goOn);
    this.#outage = new Outage({
      ...options,
      probe: (count) => this.#starter.probe(count),
      onEnd: goOn,
      onLost: options.onNetworkLost,
    });
    this.#reachability = new Reachability({
      maxWait: options.maxWait,
      outage: this.#outage,
      answered: options.limits?.answered,
      onDown: (host) => this.#rows.drain(host),
    });
    this.#starter = new Starter({
      ...options,
      share,
      rows: this.#rows,
      outage: this.#outage,
      start: (task, id) => this.#start(task, id),
      onIdle: goOn,
    });
    this.asks = new Asks({
      starter: this.#starter,
      rows: this.#rows,
      endings: this.#endings,
      staysAtHost: options.staysAtHost,
      onStopped: () => this.stop(),
    });
  }

  /** Rows in memory that have no result yet. */
  get held(): number {
    return this.#rows.held;
  }

  /** Rows that have no result yet, in memory and on disk. */
  get size(): number {
    return this.#rows.size;
  }

  /** Requests in flight, and hosts whose circuit is open. */
  load(): { readonly inFlight: number; readonly hostsDown: number } {
    return { inFlight: this.#starter.active, hostsDown: this.#rows.queues.downAt(performance.now()) };
  }

  /** Takes a row. A row that cannot or need not be fetched ends at once. Ignores rows after `stop`. */
  add(row: Row): void {
    if (!this.#endings.isStopped) this.#take(row, this.#sequence++, 'back');
  }

  /** The redirects (for WARC) that led to a complete response; null: another attempt follows, do not process it. */
  ledBy(reply: EngineReply): readonly Exchanged[] | null {
    const task = this.#starter.task(reply.id);
    if (isFollowed(task, reply, this.#options)) return null;
    const { hops } = task;
    task.hops = [];
    return hops;
  }

  /** Takes the reply to a started request. @param hop a redirect as it was on the wire; null: it is not kept */
  reply(reply: EngineReply, hop: Exchanged | null = null): void {
    const task = this.#starter.ended(reply.id);
    if (hop !== null) task.hops = [...task.hops, hop];
    const { isLent } = task;
    task.isLent = false;
    // A lent task has given back its place at the host, which may have been forgotten since.
    const host = isLent ? this.#rows.queues.host(task.target.host) : task.host;
    if (host === null) throw new TypeError(`a reply for a row that has no host: ${reply.id}`);
    task.spent += reply.ms;
    if (reply.starved) {
      this.#starter.starve();
      this.#again(task, reply, 100);
    } else if (reply.lost) {
      this.#lose(task, reply);
    } else if (task.isCut || task.inquiry?.isAwaited === false) this.#endings.cancel(task);
    else {
      this.#starter.hadSocket();
      this.#settle(task, host, reply);
    }
    if (isLent) this.#rows.queues.forget(host);
    else this.#rows.queues.release(host);
    this.#starter.fill();
  }

  /** Whether another row should be read now. */
  get wantsMore(): boolean {
    return this.#starter.wantsMore;
  }

  /** Moves rows to disk when none of those in memory can start; says whether it moved any. */
  makeRoom(): boolean {
    if (!this.#starter.isStuck || this.#starter.isPaused || this.#outage.holding) return false;
    // The first time only after slots were free for 100 ms: replies under way may let rows start.
    return (this.#rows.onDisk > 0 || this.#starter.isIdle) && this.#rows.makeRoom();
  }

  /** Starts nothing until `resume`, as nobody takes the results. */
  pause(): void {
    this.#starter.pause();
    this.#rows.pause();
    this.#endings.paused();
  }

  resume(): void {
    if (!this.#starter.isPaused) return;
    this.#rows.resume();
    this.#starter.resume();
  }

  /** Drops rows that have not begun, now and later, and ends those that rest; requests in flight go on. */
  stop(): void {
    this.#endings.isStopped = true;
    this.#once?.drop();
    for (const task of this.#rows.drop()) this.#endings.cancel(task);
  }

  /** Ends all rows that still wait, for the target of a redirect or for a probe. The engine ends those in flight. */
  cancel(): void {
    this.#endings.cancelAll(this.#rows.clear());
    this.close();
  }

  /** Ends all timers, and removes the temporary file. */
  close(): void {
    this.#starter.close();
    this.#outage.close();
    this.#endings.close();
    this.#rows.close();
  }

  /** Gives back slots and host states shared with other pipelines, once no reply can come any more. */
  leave(): void {
    this.#rows.queues.leave();
    this.#starter.leave();
  }

  #take(row: Row, sequence: number, turn: Turn): void {
    const { onResult, method, requestOf } = this.#options;
    const task = taskOf(row, sequence, method, requestOf);
    if ('status' in task) return onResult(task, sequence);
    this.#scheme.begin(task);
    const joined = this.#once?.join(task) ?? 'leads';
    if (joined === 'follows') return undefined;
    if (joined !== 'leads') return onResult(joined, sequence);
    this.#rows.add(task, turn);
    return this.#starter.fill();
  }

  #start(task: Task, id: number): void {
    // Another row may have found since that the origin has no https. Not with robots.txt: that was read by https.
    if (this.#options.robots === null) this.#scheme.begin(task);
    if (task.redirects.length === 0) {
      task.attempts++;
      task.at = Date.now();
    }
    this.#options.start(nextRequest(task, id, this.#endings.comparedUrl(task), this.#options));
  }

  /** Learns about the host from a reply, and decides what comes next for the row. */
  #settle(task: Task, host: Host<Task>, reply: EngineReply): void {
    const { maxWait, timeout } = this.#options;
    const now = performance.now();
    if (mayAskByHttp(task, reply.error) && task.spent < timeout && this.#reachability.mayLackHttps(task))
      return this.#byHttp(task, reply);
    if (this.#options.getAfterHead && task.method === 'HEAD' && refusesHead(reply)) {
      askByGet(task);
      return this.#goOn(task);
    }
    const repeatable = mayPass(reply, task.method, this.#options.statuses);
    // A timeout says nothing about the host if redirects before had used up more than half of the time.
    const wasHurried = isLate(task, reply.error, timeout) && reply.ms < timeout / 2;
    if (isUnreachable(reply.error) && !wasHurried) {
      const hostCount = this.#endings.isStopped ? null : this.#rows.queues.hostCount;
      const isAway = this.#reachability.failed(task, host, reply, now, hostCount);
      if (isAway && repeatable) return this.#again(task, reply);
    } else if (isAnswer(reply.error)) {
      this.#reachability.answered(task, host, reply.status);
      this.#scheme.answered(task);
      this.#starter.answered();
    }
    task.last = reply;
    if (reply.location !== null) return this.#redirect(task, reply);
    const wait = obeyServer(host.state, now - reply.ms, now, reply, maxWait);
    if ((wait ?? 0) > maxWait) this.#rows.drain(host);
    if (!attemptFollows(task, reply, wait, this.#options))
      return this.#endings.finish(task, reply, reply.error, reply.detail);
    // Another attempt might have succeeded, so this reply is not written as the row's result.
    if (this.#endings.isStopped)
      return this.#endings.finish(task, reply, 'cancelled', 'the run was stopped before a retry');
    return this.#rest(task, Math.max(wait ?? 0, backOff(task.attempts, maxWait)), true);
  }

  /** Repeats this request alone, not counted as an attempt: what led to it may not be repeatable. */
  #again(task: Task, reply: EngineReply, wait = 0): void {
    if (task.redirects.length === 0) task.attempts--;
    task.spent -= reply.ms;
    askByHttpsAgain(task);
    if (wait > 0 && !this.#endings.isStopped) this.#rest(task, wait, false);
    else this.#goOn(task);
  }

  /** Its engine has died: makes another attempt, if the server may act on the request twice without harm. */
  #lose(task: Task, reply: EngineReply): void {
    task.last = reply;
    if (++task.losses > mostLosses || !mayRepeat(task) || !isIdempotent(task.method))
      return this.#endings.finish(task, reply, reply.error, reply.detail);
    if (this.#endings.isStopped) return this.#endings.cancel(task);
    return this.#rest(task, backOff(task.losses, this.#options.maxWait), true);
  }

  /** @param isNew true: another attempt follows; false: the same request is repeated */
  #rest(task: Task, milliseconds: number, isNew: boolean): void {
    this.#rows.rest(task, milliseconds, () => {
      if (isNew) startAgain(task);
      this.#goOn(task);
      this.#starter.fill();
    });
  }

  /** Continues the same attempt over http. */
  #byHttp(task: Task, reply: EngineReply): void {
    if (task.robotsOf !== null) return this.#endings.finish(task, reply, reply.error, reply.detail);
    task.attempts--;
    askByHttp(task);
    return this.#goOn(task);
  }

  /** Puts a task that has begun where it waits for its next request, unless the run has been stopped. */
  #goOn(task: Task): void {
    if (this.#endings.isStopped) return this.#endings.cancel(task);
    this.#scheme.begin(task);
    this.#rows.put(task, 'front');
  }

  #redirect(task: Task, reply: EngineReply): void {
    const failure = follow(task, reply, this.#options);
    if (failure === null) this.#rows.put(task, 'front');
    else this.#endings.finish(task, reply, failure.error, failure.detail);
  }
}
