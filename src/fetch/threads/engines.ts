import { performance } from 'node:perf_hooks';

import { systemReason } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/failures.ts';
import { blankReply } from '../messages.ts';
import type { Engine, EngineEvents, EngineReply, EngineRequest } from '../messages.ts';
import type { ResponsePage } from '../../page/page.ts';
import { EngineHandle } from './engine-handle.ts';
import type { Lost } from './engine-handle.ts';
import { Growth } from './growth.ts';
import { HostOwners, Place, hostOf } from './host-owners.ts';
import type { OwnedHost } from './host-owners.ts';
import { ownEngine } from './own-engine.ts';
import type { EngineSetup } from './own-engine.ts';

export interface EnginesOptions extends EngineEvents {
  /** How many threads there may be. */
  readonly most: number;
  /** Whether they are added under load, instead of all at once. */
  readonly isAuto: boolean;
}

/** Milliseconds between two looks for load. */
const lookInterval = 100;

/** Threads that are replaced when they end without being told to. */
const mostDeaths = 4;

/** Milliseconds between two looks for threads that do not answer. */
const watchInterval = 10_000;

type AnyEngine = Omit<Engine, 'reach'>;

/**
 * The engines of a run: the one of this thread, and others in threads. A host belongs to one engine while it has requests
 * under way or connections may be kept, so that its connections, names and TLS sessions are in one place.
 * Limits are the scheduler's. New hosts go to the thread with fewest requests, or to this thread's engine while
 * there is none.
 */
export class Engines implements Engine {
  readonly #setup: EngineSetup;
  readonly #options: EnginesOptions;
  readonly #own: Engine;
  readonly #ownPlace: Place<AnyEngine>;
  readonly #threads: Place<EngineHandle>[] = [];
  readonly #owners: HostOwners<AnyEngine>;
  /** The hosts of requests under way, by request id. */
  readonly #inFlight: (OwnedHost<AnyEngine> | null)[] = [];
  /** How many threads there should be now, and at most. */
  #wanted: number;
  #most: number;
  #deaths = 0;
  readonly #growth = new Growth();
  /** New hosts of https since the last look. */
  #newHosts = 0;
  #utilization = performance.eventLoopUtilization();
  readonly #growing: NodeJS.Timeout | null;
  readonly #watching: NodeJS.Timeout;
  #isDestroyed = false;

  constructor(setup: EngineSetup, options: EnginesOptions) {
    this.#setup = setup;
    this.#options = options;
    this.#own = ownEngine(setup, { ...options, onReply: this.#onReply });
    this.#ownPlace = new Place(this.#own);
    this.#owners = new HostOwners(setup.idleConnections);
    this.#most = options.most;
    this.#wanted = options.isAuto ? 0 : options.most;
    this.#watching = setInterval(() => this.#watch(), watchInterval).unref();
    this.#growing = options.isAuto ? setInterval(() => this.#grow(), lookInterval).unref() : null;
  }

  readonly start = (request: EngineRequest): void => {
    if (this.#threads.length < this.#wanted) this.#startMissing();
    const host = hostOf(request.origin);
    const owned = this.#owners.find(host) ?? this.#give(host, request.origin);
    this.#owners.begin(owned);
    this.#inFlight[request.id] = owned;
    owned.place.engine.start(request);
  };

  readonly reach = async (origin: string): Promise<boolean> => this.#own.reach(origin);

  readonly stop = (error: FailureCode, detail: string): void => {
    for (const engine of this.#engines()) engine.stop(error, detail);
  };

  readonly closeIdle = (): void => {
    for (const engine of this.#engines()) engine.closeIdle();
  };

  readonly destroy = async (): Promise<void> => {
    this.#isDestroyed = true;
    clearInterval(this.#watching);
    if (this.#growing !== null) clearInterval(this.#growing);
    await Promise.all(this.#engines().map(async (engine) => engine.destroy()));
  };

  readonly #onReply = (reply: EngineReply, page: ResponsePage | null): void => {
    const owned = this.#inFlight[reply.id] ?? null;
    this.#inFlight[reply.id] = null;
    if (owned !== null) this.#owners.end(owned);
    // All engines close theirs. The one that had no sockets left has done so already.
    if (reply.starved) this.closeIdle();
    this.#options.onReply(reply, page);
  };

  #engines(): AnyEngine[] {
    return [this.#own, ...this.#threads.map(({ engine }) => engine)];
  }

  #give(host: string, origin: string): OwnedHost<AnyEngine> {
    // Without TLS a connection costs less than what a thread takes to get warm.
    if (origin.startsWith('https:')) this.#newHosts++;
    let freest: Place<AnyEngine> = this.#ownPlace;
    for (const place of this.#threads) {
      // A thread that the user asked for gets hosts at once; one added under load, only when it has loaded.
      if (this.#options.isAuto && !place.engine.isReady) continue;
      if (freest === this.#ownPlace || place.active < freest.active) freest = place;
    }
    return this.#owners.give(host, freest);
  }

  #startMissing(): void {
    try {
      while (this.#threads.length < this.#wanted) this.#startThread();
    } catch (error) {
      // The system allows no more threads: the run goes on with the engines that there are.
      this.#most = this.#wanted = this.#threads.length;
      this.#options.notice(`no more threads that fetch, only ${this.#wanted}: ${systemReason(error)}`);
    }
  }

  #startThread(): void {
    const { notice, onUnknown, onLogin, onBug } = this.#options;
    const engine = new EngineHandle(this.#setup, {
      onReply: this.#onReply,
      notice,
      onUnknown,
      onLogin,
      onBug,
      onEnd: (reason, lost) => this.#bury(place, reason, lost),
    });
    const place = new Place(engine);
    this.#threads.push(place);
  }

  /** A thread has ended without being told to: its requests are given back, and its hosts go to others. */
  #bury(place: Place<EngineHandle>, reason: string, lost: readonly Lost[]): void {
    if (this.#isDestroyed) return;
    this.#threads.splice(this.#threads.indexOf(place), 1);
    this.#owners.forget(place);
    this.#deaths++;
    // A thread that ended before it had loaded is not replaced.
    if (this.#deaths > mostDeaths || !place.engine.isReady) this.#most = --this.#wanted;
    if (this.#deaths === 1)
      this.#options.notice(`a thread that fetched has ended (${reason}); its requests are made again`);
    const now = performance.now();
    const detail = `the thread that fetched it ended: ${reason}`;
    for (const { request, at, wasTaken } of lost) {
      const { id } = request;
      if (!wasTaken) this.start(request);
      else this.#onReply({ ...blankReply, id, error: 'http-closed', detail, ms: now - at, lost: true }, null);
    }
  }

  #watch(): void {
    const now = performance.now();
    for (const { engine } of this.#threads) engine.look(now);
  }

  #grow(): void {
    const utilization = performance.eventLoopUtilization();
    const own = performance.eventLoopUtilization(utilization, this.#utilization).utilization;
    this.#utilization = utilization;
    const loads = this.#threads.map(({ engine }) => (engine.isReady ? engine.load() : 0));
    const isWanted = this.#growth.look(this.#newHosts, loads.length > 0 ? loads : [own], this.#wanted > 0);
    this.#newHosts = 0;
    if (!isWanted || this.#wanted >= this.#most) return;
    this.#wanted++;
    this.#startMissing();
  }
}
