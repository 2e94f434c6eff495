import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { errorCode } from '../../shared/errors.ts';
import type { RunError } from '../../shared/errors.ts';
import { attempt } from '../../shared/files.ts';
import type { Options, ValuesOf } from '../../options/table.ts';
import type { workLimits, workOptions } from '../../options/work.ts';
import type { Load } from '../../watch/metrics.ts';
import { Statistics } from '../../watch/statistics.ts';
import type { JobFolder } from '../job-folder.ts';
import type { QueueAddress } from '../queue/address.ts';
import { hostLanes } from '../lane-of.ts';
import { LaneQueue } from '../queue/lane-queue.ts';
import type { Peers } from '../queue/peers.ts';
import { RedisLink } from '../queue/redis-link.ts';
import { unlessOver } from '../queue/unless-over.ts';
import { checkContents } from '../same-contents.ts';
import { openStages } from '../stages.ts';
import type { StageSurroundings, Stages } from '../stages.ts';
import { Stint } from './stint.ts';
import { ToldPauses } from './told-pauses.ts';
import { unfinishedLanes } from './unfinished-lanes.ts';
import type { StintEnd } from './stint-options.ts';

export type WorkOptions = Pick<
  ValuesOf<typeof workOptions>,
  'queueWait' | keyof typeof workLimits | 'summary'
>;

export interface WorkSurroundings extends Pick<StageSurroundings, 'environment' | 'onNotice' | 'onPrint'> {
  /** Milliseconds for which a lock holds unless it is renewed: the same for all workers of a job. */
  readonly lockTime: number;
}

/** A worker: it fetches rows of a job together with others, until all are done. */
export class LaneWorker {
  /** Counts the rows that this worker has fetched, including those that others must fetch again. */
  readonly statistics: Statistics;
  readonly #folder: JobFolder;
  readonly #options: WorkOptions;
  readonly #surroundings: WorkSurroundings;
  #link: RedisLink | null = null;
  #stint: Stint | null = null;
  /** Why the queue was given up. */
  #lost: RunError | null = null;
  #isStopped = false;

  constructor(folder: JobFolder, options: WorkOptions, surroundings: WorkSurroundings) {
    this.statistics = new Statistics(options.summary !== undefined);
    this.#folder = folder;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** Ends it early: requests in flight get the time of `--grace`, and its lanes go to others. */
  stop(): void {
    this.#isStopped = true;
    if (this.#stint === null) this.#link?.close();
    else this.#stint.stop(this.#options.grace);
  }

  /**
   * @returns why it has ended; all its lanes are given back then
   * @throws QueueLostError when the queue was away for too long; UsageError, InputError, OutputError
   */
  async work(peers: Peers, address: QueueAddress): Promise<Exclude<StintEnd, 'lost'>> {
    const folder = this.#folder;
    await checkContents(folder);
    await folder.makeFolders();
    if ((await unfinishedLanes(folder)).length === 0) return this.#done();
    // From here on `stop()` finds a connection to close.
    if (this.#isStopped) return 'stopped';
    const link = new RedisLink(peers, address, {
      wait: this.#options.queueWait,
      notice: this.#surroundings.onNotice,
      onReady: () => this.#stint?.renew(),
      onLost: (error) => {
        this.#lost = error;
        this.#stint?.cut('');
      },
    });
    this.#link = link;
    const { lockTime } = this.#surroundings;
    const queue = new LaneQueue(peers, link, {
      id: folder.file.id,
      lockTime,
      hasBegun: async () => hasBegun(folder),
      notice: this.#surroundings.onNotice,
    });
    try {
      await unlessOver(link.closed, this.#open(queue), () => {});
      return await this.#stints(queue);
    } catch (error) {
      // Commands fail when the connection is given up.
      if (this.#lost === null && this.#isStopped && this.#stint === null) return 'stopped';
      throw this.#lost ?? link.refusal(error) ?? error;
    } finally {
      queue.close();
    }
  }

  async #open(queue: LaneQueue): Promise<void> {
    await queue.open();
    await queue.addMissing(await unfinishedLanes(this.#folder));
  }

  async #stints(queue: LaneQueue): Promise<Exclude<StintEnd, 'lost'>> {
    const { laneBy, laneCount } = this.#folder.file;
    const laneOf = await hostLanes(laneBy, laneCount);
    const pauses = new ToldPauses(laneOf, async (lane, told) => queue.tellPauses(lane, told));
    for (;;) {
      if (this.#lost !== null) throw this.#lost;
      if (this.#isStopped) return 'stopped';
      this.#stint = new Stint({
        folder: this.#folder,
        queue,
        stages: async (lease) => this.#stages(lease),
        lockTime: this.#surroundings.lockTime,
        maxLanes: this.#options.maxLanes,
        low: this.options.concurrency,
        pauses,
        statistics: this.statistics,
        notice: this.#surroundings.onNotice,
      });
      const end = await this.#stint.run();
      if (end === 'done') return this.#done();
      if (end !== 'lost') return end;
    }
  }

  async #done(): Promise<'done'> {
    await this.#folder.sweep(null);
    return 'done';
  }

  /** The input as progress and metrics show it. The total is null, as other workers fetch rows too. */
  input(): { read: number; total: null; exact: false } {
    return { read: this.statistics.rows, total: null, exact: false };
  }

  /** What is going on at the hosts. */
  load(): Load {
    return this.#stint?.load() ?? { inFlight: 0, hostsDown: 0 };
  }

  /** The options of the job, with those that this worker sets itself. */
  get options(): Options {
    const { concurrency, threads, networkWait } = this.#options;
    const { options } = this.#folder;
    return { ...options, concurrency: concurrency ?? options.concurrency, threads, networkWait };
  }

  async #stages(lease: SharedArrayBuffer): Promise<Stages> {
    // Again with each stint, as files may have been replaced meanwhile.
    await checkContents(this.#folder);
    return openStages(this.options, {
      ...this.#surroundings,
      lease,
      // Not the folder of the job, which may be on another machine.
      directories: [tmpdir()],
    });
  }
}

/** Whether anybody has worked on the job before this call. @throws OutputError */
async function hasBegun(folder: JobFolder): Promise<boolean> {
  const path = join(folder.path, 'begun');
  return attempt(path, async () => {
    try {
      await writeFile(path, '', { flag: 'wx' });
      return false;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return true;
      throw error;
    }
  });
}
