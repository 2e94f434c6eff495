import type { Exchanged, Result, Row } from '../../shared/records.ts';
import type { MayPass } from '../../shared/statuses.ts';
import type { EngineRequest } from '../messages.ts';
import type { RequestFault, RowRequest } from '../request/request.ts';
import type { RequestLimits } from './next-request.ts';
import type { SlotTurns } from './slot-turns.ts';
import type { WaitingRowsOptions } from './waiting-rows.ts';

export interface SchedulerOptions
  extends
    RequestLimits,
    Pick<WaitingRowsOptions, 'perHost' | 'hostInterval' | 'robots' | 'directories' | 'notice' | 'onFail'> {
  /** Limits that other pipelines share: `concurrency`, `perHost` and `hostInterval` are theirs. Default: none. */
  readonly limits?: SlotTurns | undefined;
  /** Requests in flight. */
  readonly concurrency: number;
  /** Milliseconds between two starts; 0: no limit. */
  readonly interval: number;
  readonly retries: number;
  /** Which statuses are temporary, so that another attempt may follow. */
  readonly statuses: MayPass;
  /** Milliseconds of the longest pause that is obeyed, and of waiting for a host that has answered. */
  readonly maxWait: number;
  /** Longest wait, in milliseconds, while nothing can be reached any more. */
  readonly networkWait: number;
  /** Bytes of memory for rows that share the result of one request; null: each row is fetched. */
  readonly onceMemory: number | null;
  /** Pages of one row; null: next pages are not asked for. */
  readonly maxPages: number | null;
  /** Whether `--next` and `page.fetch` stay at the row's host: other machines have the rows of others. */
  readonly staysAtHost: boolean;
  /** For which rows to find out whether a made-up URL gives the same page; null: for none. */
  readonly soft404: ((row: Row) => boolean) | null;
  /** Pipelines with shared limits share probes (`soft_404`) only if this is the same. Default: empty. */
  readonly kind?: string;
  readonly method: string;
  /** Whether GET is tried where HEAD gets no page. */
  readonly getAfterHead: boolean;
  readonly requestOf: (row: Row) => RowRequest | RequestFault;
  /** Starts a request now; its reply comes to `Scheduler.reply`. */
  readonly start: (request: EngineRequest) => void;
  /** Checks whether a connection to this origin can be opened. */
  readonly reach: (origin: string) => Promise<boolean>;
  /** Called once for every row. @param hops redirects of a row that has ended without a page, where they are kept */
  readonly onResult: (result: Result, sequence: number, hops?: readonly Exchanged[]) => void;
  /** Called when there may be room for another row though no reply has come. */
  readonly onChange: () => void;
  /** Nothing could be reached any more for `networkWait`: the run is to be stopped. */
  readonly onNetworkLost: () => void;
}
