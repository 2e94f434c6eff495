import { Worker } from 'node:worker_threads';

import type { FailureCode } from '../../shared/failures.ts';
import { blankReply } from '../messages.ts';
import type { Engine, EngineEvents, EngineRequest } from '../messages.ts';
import { receivedPage, receivedReply, sentRequest } from './engine-messages.ts';
import type { FromEngine, SentReply, SentRequest, ToEngine } from './engine-messages.ts';
import type { EngineSetup } from './own-engine.ts';

/** Megabytes for what is new in memory: nothing lives long here, and V8 would let it grow to several times as much. */
const youngSize = 12;

export interface EngineOwner extends EngineEvents {
  /** The thread has ended without being told to. @param lost requests that have no reply */
  readonly onEnd: (reason: string, lost: readonly Sent[]) => void;
}

/** A request on its way, and since when, on the clock of `performance.now()`. */
export interface Sent {
  readonly request: EngineRequest;
  readonly at: number;
}

/** An engine in another thread, seen from the main one. */
export class EngineHandle implements Omit<Engine, 'reach'> {
  /** Whether its thread has loaded. */
  isReady = false;
  readonly #worker: Worker;
  readonly #owner: EngineOwner;
  /** Requests without a reply yet, by id. */
  readonly #sent = new Map<number, Sent>();
  #outbox: SentRequest[] = [];
  #utilization: ReturnType<Worker['performance']['eventLoopUtilization']>;
  #reason = '';
  #isEnding = false;

  /** @throws an error of Node when the system allows no more threads */
  constructor(setup: EngineSetup, owner: EngineOwner) {
    this.#owner = owner;
    this.#worker = new Worker(new URL('./engine-thread.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: youngSize },
    });
    this.#utilization = this.#worker.performance.eventLoopUtilization();
    this.#worker.on('message', (message: FromEngine) => this.#hear(message));
    this.#worker.on('error', (error: Error) => {
      this.#reason = error.message;
    });
    // Replies that cannot be read, for want of memory.
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
    this.#sent.set(request.id, { request, at: performance.now() });
    // What is started in one go is sent together.
    if (this.#outbox.length === 0) queueMicrotask(() => this.#sendRequests());
    this.#outbox.push(sentRequest(request));
  };

  /** Ends its requests here and now: a reply that is on its way would lead to others that nobody ends. */
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

  readonly destroy = (): void => {
    this.#isEnding = true;
    void this.#worker.terminate();
  };

  /** How busy its thread was since the last call, from 0 to 1. */
  load(): number {
    const now = this.#worker.performance.eventLoopUtilization();
    const { utilization } = this.#worker.performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    return utilization;
  }

  #sendRequests(): void {
    if (this.#outbox.length > 0) this.#post({ kind: 'start', requests: this.#outbox });
    this.#outbox = [];
  }

  #post(message: ToEngine): void {
    this.#worker.postMessage(message, []);
  }

  #hear(message: FromEngine): void {
    if (this.#isEnding) return;
    if (message.kind === 'replies') for (const sent of message.replies) this.#settle(sent);
    else if (message.kind === 'ready') this.isReady = true;
    else if (message.kind === 'notice') this.#owner.notice(message.text);
    else if (message.kind === 'unknown') this.#owner.onUnknown(message.words);
    else if (message.kind === 'login') this.#owner.onLogin(message.words);
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
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    this.#owner.onEnd(this.#reason || `exit code ${code}`, lost);
  }
}
