/**
 * Errors that end a run. The failure of a single row is a failure code in that row instead.
 *
 *     RunError
 *     ├ UsageError    an option, the configuration or the choice of column is wrong
 *     ├ InputError    the input cannot be read
 *     ├ OutputError   the output cannot be written
 *     └ BusyError     another run holds the output
 *
 * Their messages say what is wrong and what to do, in words for the user. Any other error that is thrown is a bug in
 * urlmill, or comes from code that was passed to it.
 *
 * @example
 * try {
 *   await run({ input: 'urls.csv', output: 'result.csv', resume: true });
 * } catch (error) {
 *   if (!(error instanceof RunError)) throw error;
 *   console.error(`${error.name}: ${error.message}`);
 * }
 */
export class RunError extends Error {
  override readonly name: string = 'RunError';
}

/** An option is unknown, wrong or contradicts another one, or the URL column cannot be told. */
export class UsageError extends RunError {
  override readonly name = 'UsageError';
}

/** The input cannot be read, or not any further. Rows before that are given, and `run()` writes them. */
export class InputError extends RunError {
  override readonly name = 'InputError';
}

/**
 * The output, or a file beside it (journal, summary, saved bodies, temporary files), cannot be written. A processor
 * may throw one to end the run, as when its disk is full.
 */
export class OutputError extends RunError {
  override readonly name = 'OutputError';
}

/** The reader of the output pipe has closed it, as `head` does. */
export class PipeClosedError extends OutputError {}

/** Another run writes to the same output. */
export class BusyError extends RunError {
  override readonly name = 'BusyError';
}

/** Restores an error that came from another thread as name and message. */
export function runErrorOf(name: string, message: string): RunError {
  const makers = [UsageError, InputError, OutputError, BusyError].map((Maker) => new Maker(message));
  return makers.find((error) => error.name === name) ?? new RunError(message);
}

/** The system's words for an error, without code, call and path: `no space left on device`. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z0-9]+: /, '').replace(/, \w+( '.*)?$/s, '');
}

/** `ENOENT` and the like; empty when the error has no code. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
