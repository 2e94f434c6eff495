import type { Likeness } from '../../shared/likeness.ts';
import { RecentFolders } from './recent-folders.ts';

/** What a made-up URL of a folder has given. Null: nothing is known. */
export type Given = 'nothing' | GivenPage | null;

/** @property url where it was, without the fragment */
export interface GivenPage {
  readonly likeness: Likeness | null;
  readonly url: string;
  /** Whether it was at that URL itself, and no other page was shown in its place. */
  readonly isThere: boolean;
}

/** A pipeline that wants to know what made-up URLs give. */
export interface Asker {
  /** Whether it starts no request now. */
  readonly isPaused: boolean;
  /** It is to ask in this folder. */
  readonly ask: (folder: string) => void;
  /** It is known of this folder. */
  readonly told: (folder: string, given: Given) => void;
  /** Something has come to it from another pipeline. */
  readonly onWoken: () => void;
}

/**
 * Which folders made-up URLs have been asked for in, and who asks and who waits for that. Pipelines with shared limits ask once for
 * all of them: the first one that wants to know. One that starts nothing, or ends, leaves that to the next.
 */
export class FolderProbes {
  readonly #known = new RecentFolders<{ readonly given: Given; readonly at: number }>(({ given }) =>
    weightOf(given),
  );
  /** Those that wait for a folder, and which of them have asked. */
  readonly #asking = new Map<string, Map<Asker, boolean>>();
  readonly #maxAge: number;
  readonly #now: () => number;

  /** @param maxAge milliseconds for which something is known: shared limits may last for as long as a service does */
  constructor(maxAge = Infinity, now = (): number => performance.now()) {
    this.#maxAge = maxAge;
    this.#now = now;
  }

  /** Undefined where it is to be found out. */
  known(folder: string): Given | undefined {
    const known = this.#known.get(folder);
    if (known === undefined) return undefined;
    if (this.#now() - known.at <= this.#maxAge) return known.given;
    this.#known.forget(folder);
    return undefined;
  }

  /** Wants to know of a folder; it asks for it itself, or is told. */
  want(folder: string, asker: Asker): void {
    const others = this.#asking.get(folder) ?? new Map<Asker, boolean>();
    const isAsked = [...others].some(([{ isPaused }, hasAsked]) => hasAsked && !isPaused);
    this.#asking.set(folder, others.set(asker, !isAsked));
    if (!isAsked) asker.ask(folder);
  }

  /** It is known now, by what this one has asked. */
  came(folder: string, given: Given, by: Asker): void {
    const askers = this.#asking.get(folder);
    // Another one has asked as well, and was told first.
    if (askers === undefined) return;
    this.#asking.delete(folder);
    this.#known.set(folder, { given, at: this.#now() });
    for (const asker of askers.keys()) {
      if (asker === by) asker.told(folder, given);
      else wake(asker, () => asker.told(folder, given));
    }
  }

  /** Does not want to know it any more, or cannot ask: another one does. */
  leave(folder: string, asker: Asker): void {
    const others = this.#asking.get(folder);
    if (others?.delete(asker) !== true) return;
    if (others.size === 0) this.#asking.delete(folder);
    else askAnother(folder, others);
  }

  /** It starts nothing for now: where others wait, one of them asks too. */
  paused(asker: Asker): void {
    for (const [folder, askers] of this.#asking) if (askers.has(asker)) askAnother(folder, askers);
  }
}

/** Somebody is to ask who does so at once; where all are paused, somebody at all. */
function askAnother(folder: string, askers: Map<Asker, boolean>): void {
  const all = [...askers];
  const active = all.filter(([{ isPaused }]) => !isPaused);
  const able = active.length === 0 ? all : active;
  const [next] = able[0] ?? [];
  if (next === undefined || able.some(([, hasAsked]) => hasAsked)) return;
  askers.set(next, true);
  wake(next, () => next.ask(folder));
}

/** Not at once, as another pipeline is in the middle of something. */
function wake(asker: Asker, act: () => void): void {
  queueMicrotask(() => {
    act();
    asker.onWoken();
  });
}

/** Bytes, roughly. */
function weightOf(given: Given): number {
  return given === null || given === 'nothing' ? 0 : 800 + 2 * given.url.length;
}
