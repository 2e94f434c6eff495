import type { Likeness } from '../../shared/likeness.ts';
import { RecentFolders } from './recent-folders.ts';

/** What a made-up URL of a folder gave: no page, or this one. Null: that could not be found out. */
export type Given = 'nothing' | GivenPage | null;

/** @property url its final URL, without the fragment */
export interface GivenPage {
  readonly likeness: Likeness | null;
  readonly url: string;
  /** Whether its final URL still has the made-up name, so that no redirect led to another page. */
  readonly isThere: boolean;
}

/** A pipeline that wants to know what made-up URLs give. */
export interface Asker {
  /** Whether it starts no request now. */
  readonly isPaused: boolean;
  /** Makes it request a made-up URL in this folder. */
  readonly ask: (folder: string) => void;
  /** Tells it the outcome for this folder. */
  readonly told: (folder: string, given: Given) => void;
  /** Called after an `ask` or `told` that another pipeline brought about: it may have something to start. */
  readonly onWoken: () => void;
}

/**
 * Knows in which folders made-up URLs have been requested, which pipelines request them now, and which wait.
 * Pipelines with shared limits request one for all of them: the first that wants to know does. If that one
 * pauses or ends, the next one does.
 */
export class FolderProbes {
  readonly #known = new RecentFolders<{ readonly given: Given; readonly at: number }>(({ given }) =>
    weightOf(given),
  );
  /** The pipelines that wait for a folder, each with whether it has asked. */
  readonly #asking = new Map<string, Map<Asker, boolean>>();
  readonly #maxAge: number;
  readonly #now: () => number;

  /**
   * @param maxAge milliseconds after which an outcome is forgotten: shared limits may last as long as a service
   */
  constructor(maxAge = Infinity, now = (): number => performance.now()) {
    this.#maxAge = maxAge;
    this.#now = now;
  }

  /** The outcome for a folder; undefined when it has to be found out. */
  known(folder: string): Given | undefined {
    const known = this.#known.get(folder);
    if (known === undefined) return undefined;
    if (this.#now() - known.at <= this.#maxAge) return known.given;
    this.#known.forget(folder);
    return undefined;
  }

  /**
   * A pipeline wants the outcome for a folder. It has to ask, unless one that is not paused has asked
   * already.
   */
  want(folder: string, asker: Asker): void {
    const others = this.#asking.get(folder) ?? new Map<Asker, boolean>();
    const isAsked = [...others].some(([{ isPaused }, hasAsked]) => hasAsked && !isPaused);
    this.#asking.set(folder, others.set(asker, !isAsked));
    if (!isAsked) asker.ask(folder);
  }

  /** Takes the outcome of a request of this pipeline, and tells it to all that wait. */
  came(folder: string, given: Given, by: Asker): void {
    const askers = this.#asking.get(folder);
    // Another pipeline has asked as well, and its outcome came first.
    if (askers === undefined) return;
    this.#asking.delete(folder);
    this.#known.set(folder, { given, at: this.#now() });
    for (const asker of askers.keys()) {
      if (asker === by) asker.told(folder, given);
      else wake(asker, () => asker.told(folder, given));
    }
  }

  /** The pipeline wants the outcome no longer, or cannot ask: another one that waits asks instead. */
  leave(folder: string, asker: Asker): void {
    const others = this.#asking.get(folder);
    if (others?.delete(asker) !== true) return;
    if (others.size === 0) this.#asking.delete(folder);
    else askAnother(folder, others);
  }

  /** The pipeline starts nothing for now: in its folders one of the others that wait asks too. */
  paused(asker: Asker): void {
    for (const [folder, askers] of this.#asking) if (askers.has(asker)) askAnother(folder, askers);
  }
}

/** Makes one of the pipelines ask, if none has: one that is not paused, or any when all are. */
function askAnother(folder: string, askers: Map<Asker, boolean>): void {
  const all = [...askers];
  const active = all.filter(([{ isPaused }]) => !isPaused);
  const able = active.length === 0 ? all : active;
  const [next] = able[0] ?? [];
  if (next === undefined || able.some(([, hasAsked]) => hasAsked)) return;
  askers.set(next, true);
  wake(next, () => next.ask(folder));
}

/** Runs it in a microtask, as the pipeline that calls is in the middle of something. */
function wake(asker: Asker, act: () => void): void {
  queueMicrotask(() => {
    act();
    asker.onWoken();
  });
}

/** Bytes that an outcome takes, roughly. */
function weightOf(given: Given): number {
  return given === null || given === 'nothing' ? 0 : 800 + 2 * given.url.length;
}
