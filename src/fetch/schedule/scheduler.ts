import { OutputError, UsageError, systemReason } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/failures.ts';
import type { Result, Row } from '../../shared/records.ts';
import { Backlog } from './backlog.ts';
import type { EngineReply, EngineRequest } from '../messages.ts';
import { blankReply } from '../messages.ts';
import { follow } from './follow.ts';
import type { Host } from './host.ts';
import { hasAnswered, hasFailed, heed, isAwaited, isHostsFault } from './host-care.ts';
import { HostQueues } from './host-queues.ts';
import { IdleSlots } from './idle-slots.ts';
import { Outage } from './outage.ts';
import { Pace } from './pace.ts';
import { RecentNames } from './recent-names.ts';
import { headersFor, robotsHeaders } from '../request/request.ts';
import type { RowRequest } from '../request/request.ts';
import { backOff, mayPass } from './retry.ts';
import { isAnswer, isNetworkFailure, isUnreachable, isUnsent } from '../../shared/failures.ts';
import { mostRobotsBytes } from './robots.ts';
import { RobotsGate } from './robots-gate.ts';
import { parseTarget } from '../request/target.ts';
import type { Target } from '../request/target.ts';
import { RowPacker, copyOf, isLate, mayRepeat, newTask, refusalOf, resultOf, startAgain } from './task.ts';
import type { Task } from './task.ts';

export interface SchedulerOptions {
  /** Requests in flight in all, and to one host. */
  readonly concurrency: number;
  readonly perHost: number;
  /** Milliseconds between two starts, in all and to one host; 0: no limit. */
  readonly interval: number;
  readonly hostInterval: number;
  /** Milliseconds for one attempt with its redirects. */
  readonly timeout: number;
  /** Bytes that a decoded body may have. */
  readonly maxBody: number;
  readonly retries: number;
  /** Milliseconds of the longest pause that is waited for, and of waiting for a host that has answered. */
  readonly maxWait: number;
  /** Milliseconds that are waited at most while nothing can be reached any more. */
  readonly networkWait: number;
  readonly maxRedirects: number;
  /** Addresses that are not public: never, always, or not by a redirect from a public one. */
  readonly privateAddresses: 'deny' | 'allow' | 'direct';
  /** The user agent that robots.txt is read for; null: it is not read. */
  readonly robots: string | null;
  readonly method: string;
  readonly requestOf: (row: Row) => RowRequest | { readonly detail: string };
  /** Folders for the rows that wait on disk, as SpillFile tries them. */
  readonly directories?: readonly string[] | undefined;
  /** Starts a request now; its reply comes to `Scheduler.reply`. */
  readonly start: (request: EngineRequest) => void;
  /** Looks whether a connection to this origin can be opened. */
  readonly reach: (origin: string) => Promise<boolean>;
  /** Called once for every row. */
  readonly onResult: (result: Result, sequence: number) => void;
  /** Called when there may be room for another row though no reply has come. */
  readonly onChange: () => void;
  /** Says to people what concerns the whole run. */
  readonly notice: (text: string) => void;
  /** Nothing could be reached any more for `networkWait`: the run is to be stopped. */
  readonly onNetworkLost: () => void;
  /** Ends the run. */
  readonly onFail: (error: Error) => void;
}

/**
 * Where a task goes in the queue of its host: in front when it has begun, so that it ends before others begin; behind
 * all that is in memory when it comes back from the disk; behind all there is when it is new.
 */
type Place = 'front' | 'queue' | 'back';

/** Origins that have answered are remembered, this many at least. */
const mostAnswered = 10_000;

/** How many times the slots could be filled by the rows that are read ahead, when they are of several hosts. */
const readAhead = 10;

/**
 * Requests that are started in one turn of the event loop: what the first ones bring about is not to wait until the
 * last one is under way.
 */
const mostAtOnce = 64;

/**
 * Decides which row's request runs when: a queue per host, hosts take turns, and nothing waits in a slot. A redirect
 * is a request of its own, queued at the host that it leads to, so that host's limits hold for it too; so is a retry.
 * All steps are O(1).
 */
export class Scheduler {
  /** Rows in memory. */
  held = 0;
  readonly #options: SchedulerOptions;
  readonly #queues: HostQueues<Task>;
  readonly #backlog: Backlog<Task>;
  readonly #outage: Outage;
  readonly #robots: RobotsGate<Task> | null;
  readonly #answered = new RecentNames(mostAnswered);
  readonly #pace: Pace;
  #paceTimer: NodeJS.Timeout | null = null;
  readonly #idleSlots: IdleSlots;
  /** Tasks in flight by request id; ids of ended ones are used again. */
  readonly #inFlight: (Task | null)[] = [];
  readonly #freeIds: number[] = [];
  readonly #resting = new Set<Task>();
  readonly #packer = new RowPacker();
  /** Rows of a host that stay in memory when there is no room for all. */
  readonly #keep: number;
  /** Requests that may be in flight: fewer than asked for while the system has no more sockets. */
  #slots: number;
  #active = 0;
  #sequence = 0;
  #paused = false;
  #stopped = false;
  #starting = false;
  #starved = false;
  /** Since when it gives none at all; 0: not so. */
  #starvedSince = 0;
  /** Requests started in this turn of the event loop. */
  #burst = 0;

  constructor(options: SchedulerOptions) {
    const { perHost, hostInterval, onChange, onFail, notice } = options;
    const goOn = (): void => {
      this.#fill();
      onChange();
    };
    this.#options = options;
    this.#slots = options.concurrency;
    this.#keep = Math.max(8, 2 * perHost);
    this.#pace = new Pace(options.interval);
    this.#idleSlots = new IdleSlots(goOn);
    this.#queues = new HostQueues({ perHost, interval: hostInterval, onReady: () => this.#fill() });
    this.#backlog = new Backlog({
      queues: this.#queues,
      keep: this.#keep,
      directories: options.directories,
      pack: (task) => this.#packer.pack(task),
      unpack: (packed) => {
        const { row, sequence } = this.#packer.unpack(packed);
        this.#take(row, sequence, 'queue');
      },
      requeue: (task) => this.#enqueue(task, 'queue'),
      onChange: goOn,
      onFull: (reason) => notice(`the temporary file takes no more rows (${reason}); going on without it`),
      onLost: (error) =>
        onFail(new OutputError(`the temporary file of waiting rows cannot be read: ${systemReason(error)}`)),
    });
    this.#outage = new Outage({
      maxWait: options.maxWait,
      reach: options.reach,
      probe: (count) => this.#probe(count),
      networkWait: options.networkWait,
      onEnd: goOn,
      onLost: options.onNetworkLost,
      notice,
    });
    this.#robots = options.robots === null ? null : new RobotsGate(options.robots);
  }

  /** Rows that have no result yet, in memory and on disk. */
  get size(): number {
    return this.held + this.#backlog.size;
  }

  /** Takes a row; one that cannot be fetched, or need not be, ends at once. After `stop` it takes none. */
  add(row: Row): void {
    if (!this.#stopped) this.#take(row, this.#sequence++, 'back');
  }

  /** Takes what became of a request that was started. */
  reply(reply: EngineReply): void {
    const task = this.#inFlight[reply.id];
    const host = task?.host;
    if (task === null || task === undefined || host === null || host === undefined)
      throw new TypeError(`a reply without its request: ${reply.id}`);
    this.#inFlight[reply.id] = null;
    this.#freeIds.push(reply.id);
    this.#active--;
    task.spent += reply.ms;
    if (reply.starved) this.#starve(task, reply);
    else {
      this.#starvedSince = 0;
      this.#settle(task, host, reply);
    }
    this.#queues.release(host);
    this.#fill();
  }

  /**
   * Whether another row may be of use. Of one host alone no more than would fill the slots once more: rows that are
   * read before they are needed only grow old in memory, which costs more than reading. Of several hosts some more,
   * and where one has many, all that there is room for: the run ends with its last row, so it should never want any.
   */
  get wantsMore(): boolean {
    const { concurrency } = this.#options;
    const waiting = this.#queues.size;
    if (this.#outage.holding) return waiting === 0 && this.#active === 0 && this.#resting.size === 0;
    if (waiting < concurrency || this.#isStuck) return true;
    return this.#queues.hostCount > 1 && (this.#queues.isSkewed || waiting < readAhead * concurrency);
  }

  /** Makes room in memory when all that waits there must wait; says whether it did. */
  makeRoom(): boolean {
    if (!this.#isStuck || this.#paused || this.#outage.holding) return false;
    // The first time not at once: replies that are on their way may change it.
    if (this.#backlog.size === 0 && !this.#idleSlots.isLong(performance.now())) return false;
    const left = this.#backlog.makeRoom();
    this.held -= left;
    return left > 0;
  }

  /** Starts nothing until `resume`: nobody takes the results. */
  pause(): void {
    this.#paused = true;
    this.#backlog.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#backlog.resume();
    this.#fill();
  }

  /**
   * Drops all rows that have not begun, now and from now on, and ends those that rest before another attempt. What is
   * in flight goes on, its redirects too.
   */
  stop(): void {
    this.#stopped = true;
    const parked = this.#robots?.clear() ?? [];
    // A redirect that has come is followed to its end; no other attempt is begun.
    const queued = this.#queues.drop(({ redirects }) => redirects.length === 0);
    const waiting = [...this.#backlog.drop(), ...queued, ...this.#resting, ...parked];
    this.#resting.clear();
    for (const task of waiting) {
      if (task.attempts > 0) this.#cancel(task);
      else {
        if (task.timer !== null) clearTimeout(task.timer);
        if (task.robotsOf === null) this.held--;
      }
    }
  }

  /** Ends the rows that have begun and wait for a host that a redirect leads to; what is in flight is the engine's. */
  cancel(): void {
    for (const task of this.#queues.drop(() => true)) this.#cancel(task);
    this.close();
  }

  /** Ends all timers, and removes the temporary file. */
  close(): void {
    for (const { timer } of this.#resting) if (timer !== null) clearTimeout(timer);
    if (this.#paceTimer !== null) clearTimeout(this.#paceTimer);
    this.#idleSlots.close();
    this.#outage.close();
    this.#queues.close();
    this.#backlog.close();
  }

  #take(row: Row, sequence: number, place: Place): void {
    const { onResult, method } = this.#options;
    if (row.earlierStatus !== undefined) return onResult(copyOf(row, row.earlierStatus), sequence);
    if (row.error !== null) return onResult(refusalOf(row, row.error, row.detail), sequence);
    const target = parseTarget(row.url);
    if ('error' in target) return onResult(refusalOf(row, target.error, target.detail), sequence);
    const request = this.#options.requestOf(row);
    if ('detail' in request) return onResult(refusalOf(row, 'bad-row', request.detail), sequence);
    this.held++;
    this.#enqueue(newTask(row, sequence, request, target, method), place);
    return this.#fill();
  }

  /** Queues a task at the host of its target. */
  #enqueue(task: Task, place: Place): void {
    if (this.#robots !== null && task.robotsOf === null && !this.#isAllowed(this.#robots, task)) return;
    const host = this.#queues.host(task.target.host);
    if (host.downUntil > 0 && host.downUntil > performance.now()) {
      this.#giveUp(task, host);
      this.#queues.forget(host);
    } else if (place === 'back') this.#backlog.push(host, task);
    // Where the host fails another row is tried next, in case it is the fault of this one.
    else if (place === 'front' && host.failures === 0) this.#queues.unshift(host, task);
    else this.#queues.push(host, task);
  }

  /** Starts what may run: one row of each host in turn. */
  #fill(): void {
    // `start` may reply at once, and the reply asks to fill again.
    if (this.#starting) return;
    this.#starting = true;
    while (!this.#paused && !this.#outage.holding && this.#active < this.#slots && this.#burst < mostAtOnce) {
      const now = performance.now();
      if (this.#pace.next > now) {
        this.#wakeAt(this.#pace.next - now);
        break;
      }
      const task = this.#queues.take(now, this.#isScarce(now));
      if (task === null) break;
      this.#pace.started(now);
      if (this.#burst++ === 0) setImmediate(this.#endBurst);
      this.#start(task);
    }
    this.#starting = false;
    this.#idleSlots.note(this.#isStuck && this.held > this.#active && !this.#paused && !this.#outage.holding);
  }

  /**
   * Whether slots are kept for hosts that answer: half of them are taken, and there are other hosts or may soon be.
   */
  #isScarce(now: number): boolean {
    return 2 * this.#active >= this.#slots && this.#queues.hostCount > 1 && !this.#idleSlots.isLong(now);
  }

  /** Whether slots are free though rows wait in memory: all of them must wait for something. */
  get #isStuck(): boolean {
    return this.#active < this.#slots && !this.#queues.hasNext;
  }

  readonly #endBurst = (): void => {
    const wasFull = this.#burst >= mostAtOnce;
    this.#burst = 0;
    if (wasFull) this.#fill();
  };

  /** Starts waiting tasks of several hosts while all others are held. */
  #probe(count: number): void {
    for (let i = 0; i < count; i++) {
      const now = performance.now();
      const task = this.#pace.next > now ? null : this.#queues.take(now, true);
      if (task === null) return;
      this.#pace.started(now);
      this.#start(task);
    }
  }

  #wakeAt(milliseconds: number): void {
    this.#paceTimer ??= setTimeout(() => {
      this.#paceTimer = null;
      this.#fill();
    }, Math.ceil(milliseconds));
  }

  #start(task: Task): void {
    const { target, request, row, method } = task;
    const { timeout, maxBody, maxRedirects, privateAddresses } = this.#options;
    this.#active++;
    if (task.host !== null) this.#backlog.taken(task.host);
    if (task.redirects.length === 0) {
      task.attempts++;
      task.at = Date.now();
    }
    const cookies = task.cookies?.header(target.href) ?? '';
    const id = this.#freeIds.pop() ?? this.#inFlight.length;
    this.#inFlight[id] = task;
    this.#options.start({
      id,
      origin: target.origin,
      path: target.path,
      url: target.href,
      method,
      headers: headersFor(request, target, task.away ? null : task.home, task.hasBody, cookies),
      body: task.hasBody ? request.body : null,
      timeout: Math.max(1, Math.ceil(timeout - task.spent)),
      // robots.txt is read whatever the rows may have.
      maxBody: task.robotsOf === null ? maxBody : Math.max(maxBody, mostRobotsBytes),
      follow: maxRedirects > 0 || task.robotsOf !== null,
      denyPrivate: privateAddresses === 'deny' || (privateAddresses === 'direct' && task.fromPublic),
      wantsBody: task.robotsOf !== null,
      hasMore: task.host !== null && (task.host.queue.size > 0 || task.host.chain !== null),
      row,
    });
  }

  /** Learns of the host from a reply, and decides what comes next for the row. */
  #settle(task: Task, host: Host<Task>, reply: EngineReply): void {
    const { retries, maxWait } = this.#options;
    const now = performance.now();
    const startedAt = now - reply.ms;
    const repeatable = mayPass(reply.status, reply.error, task.method);
    // Where redirects have left it little time, that says nothing of the host.
    const wasHurried =
      isLate(task, reply.error, this.#options.timeout) && reply.ms < this.#options.timeout / 2;
    if (isUnreachable(reply.error) && !wasHurried) {
      const isAway = this.#isAway(task, host, reply, now);
      if (isAway && repeatable) return this.#again(task, reply);
    } else if (isAnswer(reply.error)) {
      hasAnswered(host);
      if (reply.status !== null) this.#answered.add(task.target.origin);
      task.waitsSince = 0;
      this.#outage.reached(task.target.origin);
      // A hundred good replies win back one slot.
      if (this.#slots < this.#options.concurrency) this.#slots += 0.01;
    }
    task.last = reply;
    if (reply.location !== null) return this.#redirect(task, reply);
    const wait = heed(host, startedAt, now, reply, maxWait);
    if ((wait ?? 0) > maxWait) this.#drain(host);
    const isOver = task.attempts > retries || (wait ?? 0) > maxWait || !mayRepeat(task);
    if (isOver || !repeatable) {
      return this.#finish(task, reply, reply.error, reply.detail);
    }
    // What it ended with is not what it would have ended with.
    if (this.#stopped) return this.#finish(task, reply, 'cancelled', 'the run was stopped before a retry');
    return this.#rest(task, Math.max(wait ?? 0, backOff(task.attempts, maxWait)), true);
  }

  /**
   * Learns that a host could not be reached.
   *
   * @returns whether the row should wait for it or for the network, as the failure is no fault of its own
   */
  #isAway(task: Task, host: Host<Task>, reply: EngineReply, now: number): boolean {
    const { maxWait } = this.#options;
    const { origin } = task.target;
    if (isNetworkFailure(reply.error)) {
      if (host.failures === 0 && !this.#stopped)
        this.#outage.failed(host.name, reply.detail, this.#queues.hostCount);
      if (this.#outage.holding) return true;
    }
    const hasWorked = this.#answered.has(origin);
    // In an outage it could not answer.
    host.awaySince = Math.max(host.awaySince, this.#outage.endedAt);
    if (hasFailed(host, now - reply.ms, now, reply, maxWait, hasWorked)) this.#drain(host);
    const isToBlame = !isHostsFault(host, task.sequence) && !isUnsent(reply.error);
    if (!hasWorked || isToBlame || !mayRepeat(task) || !isAwaited(host, now, maxWait)) return false;
    // Others may answer at the same host (on another port): so the row's own time counts too.
    task.waitsSince = Math.max(task.waitsSince === 0 ? now : task.waitsSince, this.#outage.endedAt);
    if (now - task.waitsSince >= maxWait) return false;
    // Not to be forgotten while others answer.
    this.#answered.add(origin);
    return true;
  }

  /** The circuit is open: what waits for this host ends. */
  #drain(host: Host<Task>): void {
    for (const task of this.#backlog.clear(host)) this.#giveUp(task, host);
    // What waits on disk follows in pieces.
    this.#backlog.taken(host);
  }

  /** Ends a row whose host is down: with what its own last attempt ended with, if there was one. */
  #giveUp(task: Task, host: Host<Task>): void {
    const { last } = task;
    if (last === blankReply || last.location !== null)
      this.#finish(task, blankReply, 'host-down', host.downDetail);
    else {
      Object.assign(task, task.ended);
      this.#finish(task, last, last.error, last.detail);
    }
  }

  /** The system has no more sockets: not the row's fault, which is queued again, and fewer run at a time. */
  #starve(task: Task, reply: EngineReply): void {
    this.#slots = Math.max(1, this.#active);
    if (!this.#starved) {
      this.#starved = true;
      this.#options.notice(
        `the system gives no more than ${this.#slots} connections at once (open files: ulimit -n); going on with these`,
      );
    }
    const now = performance.now();
    if (this.#active > 0 || this.#starvedSince === 0) this.#starvedSince = now;
    if (now - this.#starvedSince > this.#options.maxWait) {
      this.#options.onFail(new UsageError('the system opens no connection at all (open files: ulimit -n)'));
    }
    this.#again(task, reply, 100);
  }

  /** The same request once more, as if it had not been made: what led to it may not be repeatable. */
  #again(task: Task, reply: EngineReply, wait = 0): void {
    if (task.redirects.length === 0) task.attempts--;
    task.spent -= reply.ms;
    if (this.#stopped) this.#cancel(task);
    else if (wait > 0) this.#rest(task, wait, false);
    else this.#enqueue(task, 'front');
  }

  /** @param isNew whether another attempt follows, or the same request */
  #rest(task: Task, milliseconds: number, isNew: boolean): void {
    this.#resting.add(task);
    task.timer = setTimeout(() => {
      task.timer = null;
      this.#resting.delete(task);
      if (isNew) startAgain(task);
      this.#enqueue(task, 'front');
      this.#fill();
    }, Math.ceil(milliseconds));
  }

  #redirect(task: Task, reply: EngineReply): void {
    const failure = follow(task, reply, this.#options);
    if (failure === null) this.#enqueue(task, 'front');
    else this.#finish(task, reply, failure.error, failure.detail);
  }

  #cancel(task: Task): void {
    if (task.timer !== null) clearTimeout(task.timer);
    task.timer = null;
    this.#finish(task, blankReply, 'cancelled', 'the run was stopped');
  }

  #finish(task: Task, reply: EngineReply, error: FailureCode | null, detail: string): void {
    const { robotsOf, sequence } = task;
    if (robotsOf !== null) return this.#knowRobots(task, robotsOf, reply, error, detail);
    this.held--;
    const code = isLate(task, error, this.#options.timeout) ? 'timeout' : error;
    this.#options.onResult(resultOf(task, reply, code, detail), sequence);
  }

  /** Whether robots.txt allows the target; if not, or not yet, the task is taken care of. */
  #isAllowed(robots: RobotsGate<Task>, task: Task): boolean {
    const { origin, href } = task.target;
    const rules = robots.rules(origin);
    if (rules === null) {
      if (task.attempts === 0 && robots.parked(origin) >= this.#keep) {
        this.#backlog.hold(this.#queues.host(task.target.host), task);
      } else if (robots.park(origin, task)) {
        const target = parseTarget(`${origin}/robots.txt`) as Target;
        const request = { headers: robotsHeaders(task.request.headers), ownHeaders: [], body: null };
        this.#enqueue(newTask(task.row, -1, request, target, 'GET', origin, task.fromPublic), 'front');
      }
      return false;
    }
    if (rules.allows(href)) {
      // Each time, as a host without rows is forgotten.
      const delay = Math.min(rules.crawlDelay ?? 0, this.#options.maxWait);
      if (delay > 0) this.#queues.host(task.target.host).pace.atLeast(delay);
      return true;
    }
    this.#finish(task, blankReply, 'robots-denied', `${origin}/robots.txt does not allow it`);
    return false;
  }

  #knowRobots(
    { homeFromPublic }: Task,
    origin: string,
    reply: EngineReply,
    error: FailureCode | null,
    detail: string,
  ): void {
    if (this.#robots === null) return;
    const { status, body } = reply;
    if (status === null || error === 'cancelled') {
      // A row that names the address itself may go where the redirect of another one may not.
      const others = error === 'address-denied' && homeFromPublic;
      // Nothing is known of robots.txt, but that the host cannot be reached.
      for (const task of this.#robots.fail(origin)) {
        if (others && !task.fromPublic) this.#enqueue(task, task.attempts > 0 ? 'front' : 'back');
        else this.#finish(task, blankReply, error, `${origin}/robots.txt: ${detail}`);
      }
    } else {
      const tasks = this.#robots.settle(origin, error === null ? status : null, body);
      for (const task of tasks) this.#enqueue(task, task.attempts > 0 ? 'front' : 'queue');
    }
    this.#backlog.release(this.#queues.host(new URL(origin).hostname));
  }
}
