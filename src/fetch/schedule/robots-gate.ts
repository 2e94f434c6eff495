import { mostRobotsBytes, robotsRules } from './robots.ts';
import type { RobotsRules } from './robots.ts';

/** The most origins whose rules are remembered, and the bytes of their files; the oldest go first. */
const mostOrigins = 10_000;
const mostBytes = 32 * 1024 * 1024;

/** The robots.txt files of all origins, and the rows that wait for them. */
export class RobotsGate<T> {
  readonly #userAgent: string;
  readonly #known = new Map<string, { readonly rules: RobotsRules; readonly bytes: number }>();
  readonly #parked = new Map<string, T[]>();
  #bytes = 0;

  constructor(userAgent: string) {
    this.#userAgent = userAgent;
  }

  /** The rules of an origin; null while they are not known. */
  rules(origin: string): RobotsRules | null {
    return this.#known.get(origin)?.rules ?? null;
  }

  /** How many tasks wait for the rules of an origin. */
  parked(origin: string): number {
    return this.#parked.get(origin)?.length ?? 0;
  }

  /** Keeps a task until the rules of the origin are known; says whether they still have to be asked for. */
  park(origin: string, task: T): boolean {
    const parked = this.#parked.get(origin);
    if (parked === undefined) this.#parked.set(origin, [task]);
    else parked.push(task);
    return parked === undefined;
  }

  /** The reply to a request for robots.txt has come: gives the tasks that have waited for it. */
  settle(origin: string, status: number | null, body: Buffer | null): T[] {
    const rules = robotsRules({ status, body }, `${origin}/robots.txt`, this.#userAgent);
    // Only the part that is read counts: otherwise a long file would be forgotten at once, and asked for again.
    const bytes = Math.min(body?.length ?? 0, mostRobotsBytes);
    this.#bytes -= this.#known.get(origin)?.bytes ?? 0;
    this.#known.set(origin, { rules, bytes });
    this.#bytes += bytes;
    for (const [oldest, known] of this.#known) {
      if (this.#known.size <= mostOrigins && this.#bytes <= mostBytes) break;
      this.#known.delete(oldest);
      this.#bytes -= known.bytes;
    }
    return this.fail(origin);
  }

  /** No reply came: gives the tasks that have waited for it; the next one asks again. */
  fail(origin: string): T[] {
    const tasks = this.#parked.get(origin) ?? [];
    this.#parked.delete(origin);
    return tasks;
  }

  /** Gives all tasks that wait. */
  clear(): T[] {
    const tasks = [...this.#parked.values()].flat();
    this.#parked.clear();
    return tasks;
  }
}
