import { OutputError, systemReason } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/failures.ts';
import type { Row } from '../../shared/records.ts';
import type { EngineReply } from '../messages.ts';
import { robotsHeaders } from '../request/request.ts';
import { parseTarget } from '../request/target.ts';
import type { Target } from '../request/target.ts';
import { askByHttp, isByHttps, isLackOfHttps } from './assumed-scheme.ts';
import { Backlog } from './backlog.ts';
import { mostInMemory } from './host.ts';
import type { Host } from './host.ts';
import { HostQueues } from './host-queues.ts';
import { HostStates } from './host-states.ts';
import { isAbandoned } from './inquiry.ts';
import { RobotsGate } from './robots-gate.ts';
import { RowPacker } from './row-packer.ts';
import type { Share } from './slot-turns.ts';
import { hasBegun, newTask } from './task.ts';
import type { Task, Turn } from './task.ts';

export interface WaitingRowsOptions {
  /** Requests in flight to one host. */
  readonly perHost: number;
  /** Milliseconds between two starts to one host; 0: no limit. */
  readonly hostInterval: number;
  /** This pipeline's part in limits that several pipelines share; null: its limits are its own. */
  readonly share: Share | null;
  /** Milliseconds to which a longer Crawl-delay is cut. */
  readonly maxWait: number;
  /** The user agent that robots.txt is read for; null: it is not read. */
  readonly robots: string | null;
  /** Folders for the rows that wait on disk, as SpillFile tries them. */
  readonly directories?: readonly string[] | undefined;
  /** Whether a task may be written to disk. Asked just before that, as `Once` then lets go of the task. */
  readonly mayLeave: (task: Task) => boolean;
  /** Called when a host whose rows had to wait may be asked again. */
  readonly onReady: () => void;
  /** Called when rows came back from the disk, or the disk can take more of them. */
  readonly onChange: () => void;
  /** Called with a row that came back from the disk: it is to be added again. */
  readonly onBack: (row: Row, sequence: number) => void;
  /** Called with a task that need not wait any longer, as its end is known. */
  readonly onEnd: (task: Task, error: FailureCode | null, detail: string) => void;
  /** Called with a task that need not wait any longer, as its host is down. */
  readonly onHostDown: (task: Task, host: Host<Task>) => void;
  /** Tells the user something about the whole run. */
  readonly notice: (text: string) => void;
  /** Rows on disk are lost: ends the run. */
  readonly onFail: (error: Error) => void;
}

/**
 * Where rows wait: in the queues of their hosts, on disk, for a robots.txt, or for the time of their next attempt. A
 * row is held from `add` to `end`, except while it is on disk. All steps are O(1).
 */
export class WaitingRows {
  /** Rows in memory without a result, those in flight included. */
  held = 0;
  readonly queues: HostQueues<Task>;
  /** What is known of their hosts. */
  readonly hostStates: HostStates;
  readonly #options: WaitingRowsOptions;
  readonly #backlog: Backlog<Task>;
  readonly #robots: RobotsGate<Task> | null;
  readonly #resting = new Set<Task>();
  readonly #packer = new RowPacker();
  /** Rows of a host that stay in memory when there is no room for all. */
  readonly #keep: number;

  constructor(options: WaitingRowsOptions) {
    const { perHost, hostInterval, share, robots, directories, onReady, onChange, onBack, onFail, notice } =
      options;
    this.#options = options;
    this.#keep = mostInMemory(perHost);
    const states = share?.turns.states ?? new HostStates({ perHost, interval: hostInterval });
    this.hostStates = states;
    this.queues = new HostQueues({ perHost, states, share, onReady, onDown: (host) => this.#drain(host) });
    this.#robots = robots === null ? null : new RobotsGate(robots);
    this.#backlog = new Backlog({
      queues: this.queues,
      keep: this.#keep,
      directories,
      pack: (task) => {
        const packed = this.#packer.pack(task);
        return packed !== null && options.mayLeave(task) ? packed : null;
      },
      unpack: (packed) => {
        const { row, sequence } = this.#packer.unpack(packed);
        onBack(row, sequence);
      },
      requeue: (task) => this.put(task, 'queue'),
      onChange,
      onFull: (reason) => notice(`the temporary file takes no more rows (${reason}); going on without it`),
      onLost: (error) =>
        onFail(new OutputError(`the temporary file of waiting rows cannot be read: ${systemReason(error)}`)),
    });
  }

  /** Rows that have no result yet, in memory and on disk. */
  get size(): number {
    return this.held + this.#backlog.size;
  }

  get onDisk(): number {
    return this.#backlog.size;
  }

  get resting(): number {
    return this.#resting.size;
  }

  /** Takes in the task of a row. */
  add(task: Task, turn: Turn): void {
    this.held++;
    this.put(task, turn);
  }

  /** Puts a task where it has to wait for its next request, unless robots.txt or the state of its host ends it. */
  put(task: Task, turn: Turn): void {
    if (isAbandoned(task)) return;
    if (this.#robots !== null && task.robotsOf === null && !this.#isAllowed(this.#robots, task)) return;
    const host = this.queues.host(task.target.host);
    const { downUntil, failures } = host.state;
    if (downUntil > 0 && host.state.isDown(task.target.origin, performance.now())) {
      this.#options.onHostDown(task, host);
      this.queues.forget(host);
      return;
    }
    task.place = 'queue';
    if (turn === 'back') this.#backlog.push(host, task);
    // Where the host fails another row is tried next, in case it is the fault of this one.
    else if (turn === 'front' && failures === 0) this.queues.unshift(host, task);
    else this.queues.push(host, task);
  }

  /** Takes out the task whose turn it is; null when all hosts with tasks are at their limits. */
  take(now: number, scarce: boolean, onlyUrgent = false): Task | null {
    for (;;) {
      const task = this.queues.take(now, scarce, onlyUrgent);
      if (task === null) return null;
      if (task.host !== null) this.#backlog.taken(task.host);
      if (!isAbandoned(task)) {
        task.place = 'flight';
        return task;
      }
      if (task.host !== null) this.queues.release(task.host);
    }
  }

  /** Keeps a task for a time, then hands it back by calling `onOver`. */
  rest(task: Task, milliseconds: number, onOver: () => void): void {
    task.place = 'rest';
    this.#resting.add(task);
    task.timer = setTimeout(() => {
      this.#wake(task);
      onOver();
    }, Math.ceil(milliseconds));
  }

  /** Lets go of a task for good: its result is known, or it is dropped. */
  end(task: Task): void {
    if (task.place === 'ended') throw new TypeError(`row ${task.row.number} has ended before`);
    if (task.place === 'rest') this.#wake(task);
    task.place = 'ended';
    if (task.robotsOf === null) this.held--;
  }

  /** Writes rows that cannot run soon to disk; says whether any have left memory. */
  makeRoom(): boolean {
    const left = this.#backlog.makeRoom();
    this.held -= left;
    return left > 0;
  }

  /** Ends all that waits for a host that is down, in all pipelines that share it. */
  drain(host: Host<Task>): void {
    if (host.state.turns === null) this.#drain(host);
    else host.state.turns.drain();
  }

  /** Brings nothing back from the disk until `resume`. */
  pause(): void {
    this.#backlog.pause();
  }

  resume(): void {
    this.#backlog.resume();
  }

  /**
   * Drops all rows that have not begun. Queued tasks within a chain of redirects stay, and so do probes, which rows
   * wait for that are otherwise done.
   *
   * @returns the tasks taken out that have begun, such as those before another attempt: they need a result
   */
  drop(): Task[] {
    const parked = this.#robots?.clear() ?? [];
    const queued = this.queues.drop(({ redirects, inquiry }) => redirects.length === 0 && !inquiry?.isProbe);
    const begun: Task[] = [];
    for (const task of [...this.#backlog.drop(), ...queued, ...this.#resting, ...parked]) {
      if (hasBegun(task)) begun.push(task);
      else this.end(task);
    }
    return begun;
  }

  /** Takes out all that waits in the queues, whether it has begun or not. */
  clear(): Task[] {
    return this.queues.drop(() => true);
  }

  /** Ends all timers, and removes the temporary file. */
  close(): void {
    for (const task of this.#resting) this.#wake(task);
    this.queues.close();
    this.#backlog.close();
  }

  /** A request for robots.txt has ended: what has waited for it goes on, or ends as well. */
  robotsCame(
    { homeFromPublic, orHttp }: Task,
    origin: string,
    { status, body }: EngineReply,
    error: FailureCode | null,
    detail: string,
  ): void {
    if (this.#robots === null) return;
    if (status === null || error === 'cancelled') {
      // A redirect from a public address must not lead here, but a row whose own URL names the address may.
      const others = error === 'address-denied' && homeFromPublic;
      // The rules stay unknown: the host could not be reached.
      for (const task of this.#robots.fail(origin)) {
        const isByHttp = isLackOfHttps(error) && isByHttps(task);
        if (isByHttp) askByHttp(task);
        // The request gave up at once to try http. Rows bound to https ask again, to have all attempts at it.
        const again = isByHttp || (isLackOfHttps(error) && orHttp);
        if (again || (others && !task.fromPublic)) this.put(task, hasBegun(task) ? 'front' : 'back');
        else this.#options.onEnd(task, error, `${origin}/robots.txt: ${detail}`);
      }
    } else {
      const tasks = this.#robots.settle(origin, error === null ? status : null, body);
      for (const task of tasks) this.put(task, hasBegun(task) ? 'front' : 'queue');
    }
    this.#backlog.release(this.queues.host(new URL(origin).hostname));
  }

  /** Whether robots.txt allows the target. If not, the task is ended; while that is unknown, it is parked. */
  #isAllowed(robots: RobotsGate<Task>, task: Task): boolean {
    const { origin, href } = task.target;
    const rules = robots.rules(origin);
    if (rules === null) {
      this.#awaitRules(robots, task);
      return false;
    }
    if (rules.allows(href)) {
      // Set each time, as the pace of a host without rows is forgotten.
      const delay = Math.min(rules.crawlDelay ?? 0, this.#options.maxWait);
      if (delay > 0) this.queues.host(task.target.host).state.pace.atLeast(delay);
      return true;
    }
    this.#options.onEnd(task, 'robots-denied', `${origin}/robots.txt does not allow it`);
    return false;
  }

  /** Keeps a task until the rules of its origin are known, and asks for them if nobody has. */
  #awaitRules(robots: RobotsGate<Task>, task: Task): void {
    const { origin, host } = task.target;
    if (!hasBegun(task) && robots.parked(origin) >= this.#keep) {
      task.place = 'queue';
      return this.#backlog.hold(this.queues.host(host), task);
    }
    task.place = 'robots';
    if (!robots.park(origin, task)) return;
    const target = parseTarget(`${origin}/robots.txt`) as Target;
    const request = {
      headers: robotsHeaders(task.request.headers),
      ownHeaders: [],
      hostHeaders: [],
      body: null,
    };
    this.put(
      newTask(task.row, -1, request, target, 'GET', isByHttps(task), origin, task.fromPublic),
      'front',
    );
  }

  #drain(host: Host<Task>): void {
    for (const task of this.#backlog.clear(host)) this.put(task, 'queue');
    // Rows on disk follow, a block at a time.
    this.#backlog.taken(host);
  }

  #wake(task: Task): void {
    if (task.timer !== null) clearTimeout(task.timer);
    task.timer = null;
    this.#resting.delete(task);
  }
}
