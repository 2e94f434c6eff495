import type { Statistics } from '../../watch/statistics.ts';
import type { JobFolder } from '../job-folder.ts';
import type { LaneQueue } from '../queue/lane-queue.ts';
import type { Stages } from '../stages.ts';
import type { ToldPauses } from './told-pauses.ts';

export interface StintOptions {
  readonly folder: JobFolder;
  readonly queue: LaneQueue;
  /** Opens the fetcher and what belongs to it; called once. */
  readonly stages: (lease: SharedArrayBuffer) => Promise<Stages>;
  /** Milliseconds for which a lock holds unless it is renewed. */
  readonly lockTime: number;
  /** Lanes that may be held at once. */
  readonly maxLanes: number;
  /** Requests that may be in flight. A lane with no more rows than this under way gets its next piece. */
  readonly low: number;
  /** Passes pauses of hosts on to the next holders of their lanes. */
  readonly pauses: ToldPauses;
  /** Counts the rows of this worker. */
  readonly statistics: Statistics;
  readonly notice: (text: string) => void;
}

/**
 * Why a stint has ended. `done`: all rows of the job are done. `stopped`: it was told to. `network-wait`: the network
 * is away. `lost`: lanes were lost, so that another stint must begin.
 */
export type StintEnd = 'done' | 'stopped' | 'network-wait' | 'lost';
