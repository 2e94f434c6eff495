import type { Readable } from 'node:stream';

import type { OptionTable, ValuesOf } from '../options/table.ts';
import type { Log } from '../watch/log.ts';
import type { Output } from '../write/output.ts';
import type { Page } from './help.ts';

/** What a sub-command may use of the process. Errors that it throws end it as those of a run do (exit-codes.ts). */
export interface Surroundings {
  /** Writes text to standard output. */
  readonly print: (text: string) => Promise<void>;
  /** Opens standard output for rows, or other bytes that may be many. */
  readonly standardOutput: () => Promise<Output>;
  /** What goes to standard error, in the format that was asked for. */
  readonly log: Log;
  /** Writes a message to standard error. */
  readonly tell: (text: string) => void;
  /** Writes text to standard error as it is. */
  readonly printError: (text: string) => void;
  readonly standardInput: Readable;
  /** What standard output shows text on. */
  readonly page: Page;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A call of a sub-command: as many operands as its usage line shows, and the values of its options. */
export interface Call<T extends OptionTable> extends Surroundings {
  readonly operands: readonly string[];
  readonly options: ValuesOf<T>;
}
