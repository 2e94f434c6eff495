import { isAlike } from '../../shared/likeness.ts';
import type { Likeness } from '../../shared/likeness.ts';
import type { Row } from '../../shared/records.ts';
import { asksPatience, isSuccess } from '../../shared/statuses.ts';
import type { FailureCode } from '../../shared/failures.ts';
import type { EngineReply } from '../messages.ts';
import { RecentFolders } from './recent-folders.ts';
import { folderOf, madeUpBeside } from './made-up.ts';
import type { MadeUp } from './made-up.ts';
import { mostInMemory } from './host.ts';
import { newTask } from './task.ts';
import type { Task } from './task.ts';
import type { WaitingRows } from './waiting-rows.ts';

/** What a made-up URL of a folder has given. Null: nothing is known. */
export type Given = 'nothing' | GivenPage | null;

/** @property home where it was asked for @property url where it was, without the fragment */
interface GivenPage {
  readonly likeness: Likeness | null;
  readonly url: string;
  /** Whether it was at that URL itself, and no other page was shown in its place. */
  readonly isThere: boolean;
}

export interface Soft404Options {
  /** Whether it is to be found out for a row. */
  readonly isAsked: (row: Row) => boolean;
  readonly rows: WaitingRows;
  readonly perHost: number;
  /** Names of query parameters that made-up URLs have as well. */
  readonly secretNames: readonly string[];
  /** Called when it is known of a row that had to wait. */
  readonly onKnown: (task: Task, reply: EngineReply, error: FailureCode | null, detail: string) => void;
  /** Called with a row of which it will never be known, as the run was stopped. */
  readonly onCancelled: (task: Task) => void;
}

type Ended = Parameters<Soft404Options['onKnown']>;

/**
 * Finds out whether hosts give pages for URLs that do not exist (`soft_404`). A row whose page has come waits, without a slot,
 * until a URL that is made up in its folder has been asked for. That is done once for each folder, for the first row of it.
 */
export class Soft404 {
  readonly #options: Soft404Options;
  readonly #known = new RecentFolders<Given>(weightOf);
  readonly #waiting = new Map<string, Ended[]>();

  constructor(options: Soft404Options) {
    this.#options = options;
  }

  /** The URL of a task whose page is to be compared; null when it is not, empty when it need not, as no made-up one has a page. */
  comparedUrl({ row, home, robotsOf, inquiry, homeMethod, request }: Task): string | null {
    const isReading = (homeMethod === 'GET' || homeMethod === 'HEAD') && request.body === null;
    const isPage = robotsOf === null && (inquiry === null || inquiry.isProbe);
    if (!isReading || !isPage || !this.#options.isAsked(row)) return null;
    return this.#known.get(folderOf(home)) === 'nothing' ? '' : home.href;
  }

  /** Takes a row that has ended. Says whether it has to wait: then it comes back. */
  holds(...ended: Ended): boolean {
    const [task, reply, error] = ended;
    const isPage = error === null || error.startsWith('process-');
    if (!isPage || !isSuccess(reply.status) || reply.likeness === null) return false;
    const folder = folderOf(task.home);
    const known = this.#known.get(folder);
    if (known !== undefined) {
      task.soft404 = isSame(task, reply.likeness, known);
      return false;
    }
    this.#wait(task);
    const waiting = this.#waiting.get(folder);
    if (waiting !== undefined) waiting.push(ended);
    else {
      this.#waiting.set(folder, [ended]);
      this.#ask(task, folder);
    }
    return true;
  }

  #ask(task: Task, folder: string): void {
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
  }

  #ended(folder: string, given: Given, error: FailureCode | null): void {
    const { onKnown, onCancelled } = this.#options;
    const rows = this.#waiting.get(folder) ?? [];
    this.#waiting.delete(folder);
    if (error !== 'cancelled') this.#known.set(folder, given);
    for (const ended of rows) {
      const [task, { likeness }] = ended;
      this.#goOn(task);
      if (error === 'cancelled') onCancelled(task);
      else {
        task.soft404 = likeness === null ? null : isSame(task, likeness, given);
        onKnown(...ended);
      }
    }
  }

  /** Its results are in memory, so of a host with many of them nothing else begins. */
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
  // One that has no end is another page than any that was read.
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
  // What is led elsewhere, while the row is not, is not taken for the same.
  if (!given.isThere && !isMoved) return false;
  if (bare(target.href) === given.url) return true;
  // It is no text, or too large, while that of the row is none of these.
  if (given.likeness === null) return false;
  return isAlike(likeness, given.likeness);
}

/** What other hosts, https and a slash at the end leave as it is. */
function pathOf(path: string): string {
  return path.replace(/\/$/, '');
}

function bare(href: string): string {
  return href.replace(/#.*$/s, '');
}

/** Bytes, roughly. */
function weightOf(given: Given): number {
  return given === null || given === 'nothing' ? 0 : 800 + 2 * given.url.length;
}
