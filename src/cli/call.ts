import type { Readable } from 'node:stream';

import type { OptionTable, ValuesOf } from '../options/table.ts';
import type { Log } from '../watch/log.ts';
import type { Output } from '../write/output.ts';
import type { Page } from './help.ts';

/** The process as sub-commands may use it. An error that it throws becomes the same exit code as in a run (exit-codes.ts). */
export interface Surroundings {
  /** Writes text to standard output. */
  readonly print: (text: string) => Promise<void>;
  /** Opens standard output for rows or other bulk data. */
  readonly standardOutput: () => Promise<Output>;
  /** Writes to standard error, in the format of --log-format. */
  readonly log: Log;
  /** Writes a notice to standard error, as text or JSON (--log-format). */
  readonly tell: (text: string) => void;
  /** Writes text to standard error unchanged. */
  readonly printError: (text: string) => void;
  readonly standardInput: Readable;
  /** Width and style for text on standard output. */
  readonly page: Page;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A call of a sub-command: as many operands as its usage line shows, and the values of its options. */
export interface Call<T extends OptionTable> extends Surroundings {
  readonly operands: readonly string[];
  readonly options: ValuesOf<T>;
}
