import { RunError } from '../shared/errors.ts';
import type { FindNext, Page, Processor, Value, Values } from '../shared/records.ts';
import { failedBy, timedOut } from './processing.ts';
import type { Processed, Processing } from './processing.ts';

/** A page that may make requests. @property waited milliseconds that it has waited for them */
type AskingPage = Page & { readonly waited: number };

/** Least milliseconds until the deadline of a page is checked again, if the page has waited for its own requests. */
const shortestLook = 50;

type Given = Awaited<ReturnType<Processor['process']>>;

/**
 * Runs processors on pages, one after the other. `timeout` is in milliseconds for all processors of a page together; it
 * ends those that wait for a promise, while synchronous code cannot be interrupted.
 */
export class InThisThread implements Processing {
  readonly #processors: readonly Processor[];
  readonly #timeout: number;
  readonly #findNext: FindNext | null;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(processors: readonly Processor[], timeout: number, findNext: FindNext | null = null) {
    this.#processors = processors;
    this.#timeout = timeout;
    this.#findNext = findNext;
  }

  readonly process = (page: AskingPage): Processed | Promise<Processed> => {
    const found = new Found();
    try {
      for (const [i, processor] of this.#processors.entries()) {
        const given = processor.process(page);
        if (isThenable(given)) return this.#finish(page, found, this.#processors.slice(i), given);
        found.keep(given, processor);
      }
      return this.#processed(found, page);
    } catch (error) {
      return ended(error);
    }
  };

  readonly close = (): void => {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  };

  #processed(found: Found, page: Page): Processed {
    const { values, rows } = found;
    return { error: null, detail: '', values, rows, next: this.#findNext?.(page) ?? null };
  }

  async #finish(
    page: AskingPage,
    found: Found,
    processors: readonly Processor[],
    first: PromiseLike<Given>,
  ): Promise<Processed> {
    let timer: NodeJS.Timeout | null = null;
    let onTimeout: ((processed: Processed) => void) | null = null;
    const late = new Promise<Processed>((resolve) => {
      onTimeout = resolve;
    });
    const runClock = (rest: number, waited: number): void => {
      if (timer !== null) this.#timers.delete(timer);
      timer = setTimeout(() => {
        // Time that the page waited for its own requests does not count: requests have limits of their own.
        const more = page.waited - waited;
        if (more > 0) runClock(Math.max(more, shortestLook), page.waited);
        else onTimeout?.(timedOut(this.#timeout));
      }, rest);
      this.#timers.add(timer);
    };
    const startClock = (): void => {
      if (timer === null) runClock(this.#timeout, page.waited);
    };
    const rest = async (): Promise<Processed> => {
      for (const [i, processor] of processors.entries()) {
        if (processor.untimed !== true) startClock();
        // In turn, as each may be heavy and their order decides the order of the values.
        found.keep(await (i === 0 ? first : processor.process(page)), processor);
      }
      return this.#processed(found, page);
    };
    try {
      return await Promise.race([rest().catch(ended), late]);
    } finally {
      if (timer !== null) {
        clearTimeout(timer);
        this.#timers.delete(timer);
      }
    }
  }
}

/** @throws the error itself if it is a RunError: that ends the run and is not a failure of the page */
function ended(error: unknown): Processed {
  if (error instanceof RunError) throw error;
  return failedBy(error);
}

function isThenable(given: unknown): given is PromiseLike<Given> {
  return typeof (given as { then?: unknown } | null | undefined)?.then === 'function';
}

/** The values of one page so far. */
class Found {
  readonly values = Object.create(null) as Record<string, Value>;
  rows: Values[] | null = null;

  /** @throws TypeError when `given` is neither a record of values nor a list of records, or a value cannot be written */
  keep(given: unknown, processor: Processor): void {
    if (!Array.isArray(given)) return keepValues(given, processor, this.values);
    if (this.rows !== null) throw new TypeError('two processors gave lists of rows for one page');
    this.rows = given.map((one) => {
      const values = Object.create(null) as Record<string, Value>;
      keepValues(one, processor, values);
      return values;
    });
    return undefined;
  }
}

function keepValues(given: unknown, { columns }: Processor, values: Record<string, Value>): void {
  const isRecord = typeof given === 'object' && given !== null && !(Symbol.iterator in given);
  if (!isRecord || Symbol.asyncIterator in given) {
    throw new TypeError(
      'process() must return an object with a value per column, or an array of such objects',
    );
  }
  for (const [name, value] of Object.entries(given) as [string, Value][]) {
    if (!columns.includes(name)) throw new TypeError(`process() gave "${name}", which is not in columns`);
    values[name] = writable(name, value);
  }
}

/** @throws TypeError for a value that no output format can hold */
function writable(name: string, value: Value): Value {
  if (!isWritable(value)) throw new TypeError(`the value of "${name}" cannot be written`);
  return value;
}

/** Strings and lists of strings skip the trial by JSON.stringify: for long ones it takes a tenth of a page's time. */
function isWritable(value: Value): boolean {
  if (typeof value === 'string' || value === undefined) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return isListOfTexts(value) || JSON.stringify(value) !== undefined;
}

function isListOfTexts(value: Value): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') && !('toJSON' in value);
}
