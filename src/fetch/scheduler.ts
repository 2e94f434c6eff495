import type { FailureCode } from '../failures.ts';
import type { Result, Row } from '../records.ts';
import type { EngineReply, EngineRequest } from './engine.ts';
import { HostQueues } from './host-queues.ts';
import type { Waiting } from './host-queues.ts';
import { redirectMethod, redirectTarget } from './redirect.ts';
import { headersFor } from './request.ts';
import type { RowRequest } from './request.ts';
import { parseTarget } from './target.ts';
import type { Target } from './target.ts';

export interface SchedulerOptions {
  /** Requests in flight in all, and to one host. */
  readonly concurrency: number;
  readonly perHost: number;
  /** Milliseconds for one attempt with its redirects. */
  readonly timeout: number;
  readonly maxRedirects: number;
  readonly method: string;
  readonly requestOf: (row: Row) => RowRequest | { readonly detail: string };
  /** Starts a request now; its reply comes to `Scheduler.reply`. */
  readonly start: (request: EngineRequest) => void;
  /** Called once for every row. */
  readonly onResult: (result: Result, sequence: number) => void;
}

/** A row on its way, in a queue or in flight. */
interface Task extends Waiting<Task> {
  readonly row: Row;
  /** Its place among all rows. */
  readonly sequence: number;
  readonly request: RowRequest;
  /** The row's own URL. */
  readonly home: Target;
  target: Target;
  method: string;
  /** Whether the body is still sent: a redirect may turn POST into GET. */
  hasBody: boolean;
  /** URLs that redirected, in order. */
  redirects: string[];
  /** The first of them that was asked for by the method of now. */
  sameMethod: number;
  /** Milliseconds spent in requests; waiting for a limit of ours is not the server's time. */
  spent: number;
  at: number;
}

/** A reply that never came. */
const nothing: EngineReply = {
  id: -1,
  status: null,
  error: null,
  detail: '',
  location: null,
  type: '',
  bytes: null,
  wireBytes: null,
  ms: 0,
  values: {},
};

const noRedirects: readonly string[] = [];

/**
 * Decides which row's request runs when: a queue per host, hosts take turns, and nothing waits in a slot. A redirect
 * is a request of its own, queued at the host that it leads to, so that host's limit holds for it too. All steps
 * are O(1).
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #queues: HostQueues<Task>;
  /** Tasks in flight by request id; ids of ended ones are used again. */
  readonly #inFlight: (Task | null)[] = [];
  readonly #freeIds: number[] = [];
  #active = 0;
  #sequence = 0;
  #paused = false;
  #stopped = false;
  #starting = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#queues = new HostQueues(options.perHost);
  }

  /** Takes a row, and says so; one that cannot be fetched ends at once. After `stop` it takes none. */
  add(row: Row): boolean {
    if (this.#stopped) return false;
    this.#take(row, this.#sequence++);
    return true;
  }

  #take(row: Row, sequence: number): void {
    if (row.error !== null) return this.#refuse(row, sequence, row.error, row.detail);
    const target = parseTarget(row.url);
    if ('error' in target) return this.#refuse(row, sequence, target.error, target.detail);
    const request = this.#options.requestOf(row);
    if ('detail' in request) return this.#refuse(row, sequence, 'bad-row', request.detail);
    const task: Task = {
      row,
      sequence,
      request,
      home: target,
      target,
      method: this.#options.method,
      hasBody: request.body !== null,
      redirects: noRedirects as string[],
      sameMethod: 0,
      spent: 0,
      at: 0,
      next: null,
    };
    this.#queues.push(target.host, task);
    return this.#fill();
  }

  /** Takes what became of a request that was started. */
  reply(reply: EngineReply): void {
    const task = this.#inFlight[reply.id];
    if (task === null || task === undefined) throw new TypeError(`a reply without its request: ${reply.id}`);
    this.#inFlight[reply.id] = null;
    this.#freeIds.push(reply.id);
    this.#active--;
    task.spent += reply.ms;
    this.#queues.release(task.target.host);
    if (reply.location !== null && reply.status !== null) {
      this.#redirect(task, reply, reply.location, reply.status);
    } else this.#finish(task, reply, reply.error, reply.detail);
    this.#fill();
  }

  /**
   * Whether another row may help to keep the slots full: some are free, or the rows that wait would not fill them
   * once more. Rows that are read before they are needed only grow old in memory, which costs more than reading.
   */
  get wantsMore(): boolean {
    const { concurrency } = this.#options;
    return this.#active < concurrency || this.#queues.size < concurrency;
  }

  /** Starts nothing until `resume`: nobody takes the results. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#fill();
  }

  /**
   * Drops all rows that have not begun, now and from now on, and gives their number. What is in flight goes on, its
   * redirects too.
   */
  stop(): number {
    this.#stopped = true;
    return this.#queues.drop((task) => task.redirects.length === 0).length;
  }

  /** Ends the rows that have begun and wait for a host that a redirect leads to; what is in flight is the engine's. */
  cancel(): void {
    for (const task of this.#queues.drop(() => true)) {
      this.#finish(task, nothing, 'cancelled', 'the run was stopped');
    }
  }

  /** Starts what may run: one row of each host in turn. */
  #fill(): void {
    // `start` may reply at once, and the reply asks to fill again.
    if (this.#starting) return;
    this.#starting = true;
    while (!this.#paused && this.#active < this.#options.concurrency) {
      const task = this.#queues.take();
      if (task === null) break;
      this.#active++;
      this.#start(task);
    }
    this.#starting = false;
  }

  #start(task: Task): void {
    const { target, request, row, method } = task;
    const { timeout, maxRedirects } = this.#options;
    if (task.at === 0) task.at = Date.now();
    const id = this.#freeIds.pop() ?? this.#inFlight.length;
    this.#inFlight[id] = task;
    this.#options.start({
      id,
      origin: target.origin,
      path: target.path,
      url: target.href,
      method,
      headers: headersFor(request, target, task.home, task.hasBody),
      body: task.hasBody ? request.body : null,
      timeout: Math.max(1, Math.ceil(timeout - task.spent)),
      follow: maxRedirects > 0,
      row,
    });
  }

  #redirect(task: Task, reply: EngineReply, location: string, status: number): void {
    const chain = [...task.redirects, task.target.href];
    const { maxRedirects, timeout } = this.#options;
    if (chain.length > maxRedirects) {
      return this.#finish(task, reply, 'redirect-limit', `more than ${maxRedirects} redirects`);
    }
    const method = redirectMethod(status, task.method);
    // The same URL by another method is no loop: a form that answers by a redirect to itself.
    const visited = method === task.method ? chain.slice(task.sameMethod) : [];
    const target = redirectTarget(location, task.target.href, visited);
    if ('error' in target) return this.#finish(task, reply, target.error, target.detail);
    if (task.spent >= timeout) return this.#finish(task, reply, 'timeout', `not done within ${timeout} ms`);
    if (method !== task.method) {
      task.hasBody = false;
      task.sameMethod = chain.length;
    }
    task.method = method;
    task.target = target;
    task.redirects = chain;
    // In front: what has begun ends before the next row begins.
    return this.#queues.unshift(target.host, task);
  }

  #finish(task: Task, reply: EngineReply, error: FailureCode | null, detail: string): void {
    const { row, target, redirects } = task;
    // Along a chain the time was used up by all of it, not by the phase in which it ended.
    const timedOut = error === 'connect-timeout' || error === 'headers-timeout' || error === 'body-timeout';
    this.#options.onResult(
      {
        row,
        status: reply.status,
        error:
          timedOut && redirects.length > 0 && task.spent >= this.#options.timeout - 1 ? 'timeout' : error,
        detail,
        url: target.href,
        host: target.host,
        type: reply.type,
        bytes: reply.bytes,
        wireBytes: reply.wireBytes,
        ms: task.spent,
        attempts: 1,
        at: task.at,
        redirects,
        values: reply.values,
      },
      task.sequence,
    );
  }

  #refuse(row: Row, sequence: number, error: FailureCode, detail: string): void {
    const { status, type, bytes, wireBytes, values } = nothing;
    const blank = { url: '', host: '', ms: null, attempts: 0, at: Date.now(), redirects: noRedirects };
    this.#options.onResult(
      { row, error, detail, status, type, bytes, wireBytes, values, ...blank },
      sequence,
    );
  }
}
