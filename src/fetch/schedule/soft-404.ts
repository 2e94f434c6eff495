import { isAlike } from '../../shared/likeness.ts';
import type { Likeness } from '../../shared/likeness.ts';
import type { Row } from '../../shared/records.ts';
import { asksPatience, isSuccess } from '../../shared/statuses.ts';
import type { FailureCode } from '../../shared/failures.ts';
import type { EngineReply } from '../messages.ts';
import { FolderProbes } from './folder-probes.ts';
import type { Asker, Given } from './folder-probes.ts';
import { folderOf, madeUpBeside } from './made-up.ts';
import type { MadeUp } from './made-up.ts';
import type { Target } from '../request/target.ts';
import { mostInMemory } from './host.ts';
import { newTask } from './task.ts';
import type { Task } from './task.ts';
import type { WaitingRows } from './waiting-rows.ts';

export interface Soft404Options {
  /** Whether `soft_404` is wanted for a row. */
  readonly isAsked: (row: Row) => boolean;
  readonly rows: WaitingRows;
  readonly perHost: number;
  /** Names of secret query parameters: made-up URLs have these as well. */
  readonly secretNames: readonly string[];
  /** What is known of folders, shared with other pipelines; null: it has its own. */
  readonly probes: FolderProbes | null;
  /** Differs between pipelines that may get other answers, as their headers differ. */
  readonly kind: string;
  /** Whether no request is started now. */
  readonly isPaused: () => boolean;
  /** Called when another pipeline has brought about something to start. */
  readonly onWoken: () => void;
  /** Called with a row that had to wait, now that its `soft_404` is known. */
  readonly onKnown: (task: Task, reply: EngineReply, error: FailureCode | null, detail: string) => void;
  /** Called with a row that had to wait, when the run was stopped before its `soft_404` was known. */
  readonly onCancelled: (task: Task) => void;
}

type Ended = Parameters<Soft404Options['onKnown']>;

/**
 * Finds out whether hosts give pages for URLs that do not exist (`soft_404`). A row whose page has come
 * waits, without a slot, for a probe: the request of a made-up URL in its folder. There is one probe for each
 * folder, made for its first row.
 */
export class Soft404 implements Asker {
  readonly #options: Soft404Options;
  readonly #probes: FolderProbes;
  readonly #waiting = new Map<string, Ended[]>();

  constructor(options: Soft404Options) {
    this.#options = options;
    this.#probes = options.probes ?? new FolderProbes();
  }

  get isPaused(): boolean {
    return this.#options.isPaused();
  }

  /**
   * The URL that a task's page is compared by. Null: it is not compared. Empty: it need not be, as made-up
   * URLs of its folder have no page.
   */
  comparedUrl({ row, home, robotsOf, inquiry, homeMethod, request }: Task): string | null {
    const isReading = (homeMethod === 'GET' || homeMethod === 'HEAD') && request.body === null;
    const isPage = robotsOf === null && (inquiry === null || inquiry.isProbe);
    if (!isReading || !isPage || !this.#options.isAsked(row)) return null;
    return this.#probes.known(this.#folderOf(home, homeMethod)) === 'nothing' ? '' : home.href;
  }

  /** Takes a row that has ended. Says whether it must wait: then `onKnown` or `onCancelled` gives it back. */
  holds(...ended: Ended): boolean {
    const [task, reply, error] = ended;
    const isPage = error === null || error.startsWith('process-');
    if (!isPage || !isSuccess(reply.status) || reply.likeness === null) return false;
    const folder = this.#folderOf(task.home, task.homeMethod);
    const known = this.#probes.known(folder);
    if (known !== undefined) {
      task.soft404 = isSame(task, reply.likeness, known);
      return false;
    }
    this.#wait(task);
    const waiting = this.#waiting.get(folder);
    if (waiting !== undefined) waiting.push(ended);
    else {
      this.#waiting.set(folder, [ended]);
      this.#probes.want(folder, this);
    }
    return true;
  }

  readonly ask = (folder: string): void => {
    // The rows were cancelled meanwhile, and another pipeline has been made to ask.
    const [task] = this.#waiting.get(folder)?.[0] ?? [];
    if (task === undefined) return;
    const { row, sequence, request, home, homeMethod, homeFromPublic } = task;
    const madeUp = madeUpBeside(home, this.#options.secretNames);
    const probe = newTask(row, sequence, request, madeUp.target, homeMethod, false, null, homeFromPublic);
    probe.inquiry = {
      isAwaited: true,
      page: null,
      isProbe: true,
      onEnd: (reply, error) => this.#ended(folder, givenBy(probe, madeUp, reply, error), error),
    };
    this.#options.rows.add(probe, 'front');
  };

  readonly told = (folder: string, given: Given): void => {
    for (const ended of this.#take(folder)) {
      const [task, { likeness }] = ended;
      this.#goOn(task);
      task.soft404 = likeness === null ? null : isSame(task, likeness, given);
      this.#options.onKnown(...ended);
    }
  };

  readonly onWoken = (): void => this.#options.onWoken();

  /** Nothing is started for now. */
  paused(): void {
    this.#probes.paused(this);
  }

  /** Ends all rows that wait: a stopped run waits no longer. */
  cancel(): void {
    for (const folder of this.#waiting.keys()) this.#cancel(folder);
  }

  /** Forgets all rows that wait, without a result. */
  close(): void {
    for (const folder of this.#waiting.keys()) this.#probes.leave(folder, this);
    this.#waiting.clear();
  }

  #ended(folder: string, given: Given, error: FailureCode | null): void {
    if (error === 'cancelled') this.#cancel(folder);
    else this.#probes.came(folder, given, this);
  }

  #cancel(folder: string): void {
    const rows = this.#take(folder);
    this.#probes.leave(folder, this);
    for (const [task] of rows) {
      this.#goOn(task);
      this.#options.onCancelled(task);
    }
  }

  #take(folder: string): Ended[] {
    const rows = this.#waiting.get(folder) ?? [];
    this.#waiting.delete(folder);
    return rows;
  }

  /** The key of a folder; HEAD has keys of its own, as its replies tell nothing about pages. */
  #folderOf(home: Target, method: string): string {
    return `${this.#options.kind}${method === 'HEAD' ? 'HEAD ' : ''}${folderOf(home)}`;
  }

  /** Rows that wait keep their results in memory, so at a host with many of them only urgent items begin. */
  #wait(task: Task): void {
    const { rows, perHost } = this.#options;
    const host = rows.queues.host(task.home.host);
    task.place = 'probe';
    host.held++;
    host.isFull = host.held >= mostInMemory(perHost);
  }

  #goOn(task: Task): void {
    const { perHost, rows } = this.#options;
    const { queues } = rows;
    const host = queues.host(task.home.host);
    host.held--;
    host.isFull = host.held >= mostInMemory(perHost);
    if (!queues.forget(host)) queues.standInLine(host);
  }
}

function givenBy(
  { target }: Task,
  { name }: MadeUp,
  { status, likeness }: EngineReply,
  error: FailureCode | null,
): Given {
  // A page that is too large counts as read: it differs from every page that was read to its end.
  const isRead = error === null || error === 'body-too-large';
  if (!isRead || status === null || asksPatience(status)) return null;
  if (!isSuccess(status)) return 'nothing';
  return { likeness, url: bare(target.href), isThere: target.path.includes(name) };
}

/** Whether the page of a row is the one that a made-up URL gives; null when that cannot be told. */
function isSame({ home, target }: Task, likeness: Likeness, given: Given): boolean | null {
  if (given === null) return null;
  if (given === 'nothing') return false;
  const isMoved = pathOf(home.path) !== pathOf(target.path);
  // If the made-up URL led elsewhere and the row did not, their pages are not the same.
  if (!given.isThere && !isMoved) return false;
  if (bare(target.href) === given.url) return true;
  // The page of the made-up URL is no text, or too large, while that of the row is neither.
  if (given.likeness === null) return false;
  return isAlike(likeness, given.likeness);
}

/** The path without a slash at its end: a redirect to another host, to https or to a slash is no move. */
function pathOf(path: string): string {
  return path.replace(/\/$/, '');
}

function bare(href: string): string {
  return href.replace(/#.*$/s, '');
}
