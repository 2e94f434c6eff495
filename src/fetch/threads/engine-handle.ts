import { Worker } from 'node:worker_threads';

import { runErrorOf } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/failures.ts';
import { blankReply } from '../messages.ts';
import type { Engine, EngineEvents, EngineRequest } from '../messages.ts';
import { receivedPage, receivedReply, sentRequest } from './engine-messages.ts';
import type { FromEngine, SentReply, SentRequest, ThreadData, ToEngine } from './engine-messages.ts';
import type { EngineSetup } from './own-engine.ts';

/** Megabytes for new objects: nothing lives long here, and V8 would let them take several times as much. */
const youngSize = 12;

export interface EngineOwner extends EngineEvents {
  /** The thread has ended without being told to. @param lost requests that have no reply */
  readonly onEnd: (reason: string, lost: readonly Lost[]) => void;
}

/** A request on its way, and since when, on the clock of `performance.now()`. */
export interface Sent {
  readonly request: EngineRequest;
  readonly at: number;
  /** Its place among all requests of this engine, from 0. */
  readonly place: number;
}

/** A request of an engine that has ended. */
export interface Lost extends Omit<Sent, 'place'> {
  /** Whether its thread had taken it: it may have been sent. */
  readonly wasTaken: boolean;
}

/**
 * Milliseconds by which a request may be late, and looks in a row that find a later one until the thread is
 * ended.
 */
const mostLate = 10_000;
const mostLateLooks = 2;

/** An engine in another thread, seen from the main one. */
export class EngineHandle implements Omit<Engine, 'reach'> {
  /** Whether its thread has loaded. */
  isReady = false;
  readonly #worker: Worker;
  readonly #owner: EngineOwner;
  /** Requests without a reply yet, by id. */
  readonly #sent = new Map<number, Sent>();
  #outbox: SentRequest[] = [];
  #started = 0;
  readonly #taken = new Int32Array(new SharedArrayBuffer(4));
  /** Looks in a row that have found a request late, without a message since the last one. */
  #lateLooks = 0;
  #utilization: ReturnType<Worker['performance']['eventLoopUtilization']>;
  #reason = '';
  #isEnding = false;

  /** @throws an error of Node when the system allows no more threads */
  constructor(setup: EngineSetup, owner: EngineOwner) {
    this.#owner = owner;
    this.#worker = new Worker(new URL('./engine-thread.js', import.meta.url), {
      workerData: { setup, taken: this.#taken } satisfies ThreadData,
      resourceLimits: { maxYoungGenerationSizeMb: youngSize },
    });
    this.#utilization = this.#worker.performance.eventLoopUtilization();
    this.#worker.on('message', (message: FromEngine) => this.#hear(message));
    this.#worker.on('error', (error: Error) => {
      this.#reason = error.message;
    });
    // Replies could not be read, for want of memory.
    this.#worker.on('messageerror', (error) => {
      this.#reason = error.message;
      void this.#worker.terminate();
    });
    this.#worker.on('exit', (code) => this.#onExit(code));
    // Only requests keep the process alive.
    this.#worker.unref();
  }

  readonly start = (request: EngineRequest): void => {
    if (this.#sent.size === 0) this.#worker.ref();
    this.#sent.set(request.id, { request, at: performance.now(), place: this.#started++ });
    // Requests that are started in one go are sent in one message.
    if (this.#outbox.length === 0) queueMicrotask(() => this.#sendRequests());
    this.#outbox.push(sentRequest(request));
  };

  /** Ends its requests at once: a reply that is still on its way could lead to others, which nobody would end. */
  readonly stop = (error: FailureCode, detail: string): void => {
    const now = performance.now();
    const ended = [...this.#sent.values()];
    this.#sent.clear();
    this.#outbox = [];
    this.#worker.unref();
    this.#post({ kind: 'stop', error, detail });
    for (const { request, at } of ended) {
      this.#owner.onReply({ ...blankReply, id: request.id, error, detail, ms: now - at }, null);
    }
  };

  readonly closeIdle = (): void => this.#post({ kind: 'close-idle' });

  readonly destroy = async (): Promise<void> => {
    this.#isEnding = true;
    await this.#worker.terminate();
  };

  /** How busy its thread was since the last call, from 0 to 1. */
  load(): number {
    const now = this.#worker.performance.eventLoopUtilization();
    const { utilization } = this.#worker.performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    return utilization;
  }

  /**
   * To be called every ten seconds: ends a thread that does not keep deadlines and says nothing any more. Looks are
   * counted, as the whole process may have been suspended for an hour.
   *
   * @param now on the clock of `performance.now()`
   */
  look(now: number): void {
    const isLate = [...this.#sent.values()].some(({ request, at }) => now - at > request.timeout + mostLate);
    this.#lateLooks = isLate ? this.#lateLooks + 1 : 0;
    if (this.#lateLooks < mostLateLooks) return;
    this.#reason = 'it did not answer any more';
    void this.#worker.terminate();
  }

  #sendRequests(): void {
    if (this.#outbox.length > 0) this.#post({ kind: 'start', requests: this.#outbox });
    this.#outbox = [];
  }

  #post(message: ToEngine): void {
    this.#worker.postMessage(message, []);
  }

  #hear(message: FromEngine): void {
    this.#lateLooks = 0;
    if (this.#isEnding) return;
    if (message.kind === 'replies') for (const sent of message.replies) this.#settle(sent);
    else if (message.kind === 'ready') this.isReady = true;
    else if (message.kind === 'notice') this.#owner.notice(message.text);
    else if (message.kind === 'unknown') this.#owner.onUnknown(message.words);
    else if (message.kind === 'login') this.#owner.onLogin(message.words);
    else if (message.kind === 'run-error') this.#owner.onBug(runErrorOf(message.name, message.message));
    else this.#owner.onBug(message.error);
  }

  #settle(sent: SentReply): void {
    const { id } = sent.reply;
    const known = this.#sent.get(id);
    if (known === undefined) return;
    this.#forget(id);
    const reply = receivedReply(sent);
    const page = sent.page === null ? null : receivedPage(known.request, reply, sent.page);
    this.#owner.onReply(reply, page);
  }

  #forget(id: number): void {
    this.#sent.delete(id);
    if (this.#sent.size === 0) this.#worker.unref();
  }

  #onExit(code: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const taken = Atomics.load(this.#taken, 0);
    const lost = [...this.#sent.values()].map(({ request, at, place }) => ({
      request,
      at,
      wasTaken: place < taken,
    }));
    this.#sent.clear();
    this.#owner.onEnd(this.#reason || `exit code ${code}`, lost);
  }
}
