import type { Statistics } from '../../watch/statistics.ts';
import type { JobFolder } from '../job-folder.ts';
import type { LaneQueue } from '../queue/lane-queue.ts';
import type { Stages } from '../stages.ts';
import type { ToldPauses } from './told-pauses.ts';

export interface StintOptions {
  readonly folder: JobFolder;
  readonly queue: LaneQueue;
  /** Makes what fetches, once. */
  readonly stages: (lease: SharedArrayBuffer) => Promise<Stages>;
  /** Milliseconds for which a lock holds unless it is renewed. */
  readonly lockTime: number;
  /** Lanes that may be held at once. */
  readonly maxLanes: number;
  /** Requests that may be in flight. A lane with no more rows on their way runs low. */
  readonly low: number;
  /** Tells others of pauses. */
  readonly pauses: ToldPauses;
  /** Counts the rows of this worker. */
  readonly statistics: Statistics;
  readonly notice: (text: string) => void;
}

/**
 * Why a stint has ended: all rows of the job are done; it was asked to stop; the network is away; lanes are lost, so that
 * another stint is to begin.
 */
export type StintEnd = 'done' | 'stopped' | 'network-wait' | 'lost';
